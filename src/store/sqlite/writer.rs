//! The thread that owns the connection: one job after the other, and one commit for all that wait together.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::Db;
use crate::store::Error;
use crate::store::seal::Sealer;

/// Tells the caller how its work ended, once the commit that it shares has succeeded or failed.
type Answer = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// Work for the writer.
pub(super) enum Job {
    /// Makes its own transactions, or reads only.
    Alone(Box<dyn FnOnce(&mut Db) + Send>),
    /// One transaction that may share its commit: six batches on their way cost one wait for the disk, not six.
    Shared(Box<dyn FnOnce(&mut Db) -> Answer + Send>),
}

/// Hands work to the writer thread; cheap to clone. The thread ends with the last handle.
#[derive(Clone)]
pub(super) enum Writer {
    /// A thread of its own.
    Thread(Sender<Job>),
    /// No thread: under a paused clock, waiting for another thread would let time run away.
    Inline(Arc<Mutex<Db>>),
}

impl Writer {
    pub(super) fn inline(db: Db) -> Self {
        Self::Inline(Arc::new(Mutex::new(db)))
    }

    pub(super) fn start(mut db: Db) -> Result<Self, Error> {
        let (jobs, inbox) = channel();
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || work(&mut db, &inbox))
            .map_err(|error| Error::File("store thread".to_owned(), error))?;
        Ok(Self::Thread(jobs))
    }

    /// Runs `work` by itself.
    pub(super) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let jobs = match self {
            Self::Thread(jobs) => jobs,
            Self::Inline(db) => return work(&mut db.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        let (answer, wait) = oneshot::channel();
        // The caller may have gone away; its transaction stands or fell all the same.
        let job = Box::new(move |db: &mut Db| drop(answer.send(work(db))));
        jobs.send(Job::Alone(job)).map_err(|_| Error::Stopped)?;
        wait.await.map_err(|_| Error::Stopped)?
    }

    /// Runs `work` in one transaction with whatever else waits; answers when it is durable.
    pub(super) async fn shared<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let jobs = match self {
            Self::Thread(jobs) => jobs,
            Self::Inline(db) => return work(&mut db.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        let (answer, wait) = oneshot::channel();
        let job = Box::new(move |db: &mut Db| -> Answer {
            let result = work(db);
            Box::new(move |committed| drop(answer.send(committed.and(result))))
        });
        jobs.send(Job::Shared(job)).map_err(|_| Error::Stopped)?;
        wait.await.map_err(|_| Error::Stopped)?
    }
}

fn work(db: &mut Db, inbox: &Receiver<Job>) {
    let mut waiting = None;
    while let Some(job) = waiting.take().or_else(|| inbox.recv().ok()) {
        match job {
            Job::Alone(work) => work(db),
            Job::Shared(first) => waiting = share(db, first, inbox),
        }
    }
}

/// Runs `first` and all shared jobs behind it in one transaction; returns the job that ended the row.
fn share(db: &mut Db, first: Box<dyn FnOnce(&mut Db) -> Answer + Send>, inbox: &Receiver<Job>) -> Option<Job> {
    if let Err(error) = db.connection.execute_batch("BEGIN IMMEDIATE") {
        // Without a transaction the job makes its own, or meets the same error and tells it.
        tracing::debug!(target: "ivohub::store", %error, "no shared transaction");
        first(db)(Ok(()));
        return None;
    }
    let mut answers = vec![first(db)];
    let mut next = None;
    while let Ok(job) = inbox.try_recv() {
        match job {
            Job::Shared(work) => answers.push(work(db)),
            Job::Alone(_) => {
                next = Some(job);
                break;
            }
        }
    }
    let mut committed = db.connection.execute_batch("COMMIT").map_err(Error::from);
    if committed.is_err() && !db.connection.is_autocommit() {
        committed = committed.and(db.connection.execute_batch("ROLLBACK").map_err(Error::from));
    }
    for answer in answers {
        // An error is told once in full; the others learn that there was one.
        let told = if committed.is_ok() { Ok(()) } else { Err(Error::Stopped) };
        answer(std::mem::replace(&mut committed, told));
    }
    next
}

impl Db {
    /// Runs `work` in one writing transaction, inside the shared one if there is one; any error rolls it back.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Sealer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.connection.is_autocommit() {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction, &mut self.sealer)?;
            transaction.commit()?;
            return Ok(result);
        }
        let savepoint = self.connection.savepoint()?;
        let result = work(&savepoint, &mut self.sealer)?;
        savepoint.commit()?;
        Ok(result)
    }
}
