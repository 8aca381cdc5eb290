//! Apply: sends accepted steps and writes down what came of each. It decides nothing; a plan leaves it nothing to decide.
//!
//! A step is written down as sent before its request leaves. Whatever stays without an answer is looked up in HubSpot by
//! its key before it is sent again, in this run or in a later one.

mod links;
mod records;
mod resolve;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::{Object, PropertyName, RunId};
use crate::http::Clock;
use crate::hubspot::{Reader, Writer};
use crate::plan::Wave;
use crate::store::Store;

/// Batches on their way at once; the line's own limit comes on top.
const AT_ONCE: usize = 6;
/// How often a step in doubt is looked up and sent again before the run gives up on HubSpot.
const ROUNDS: u32 = 6;

/// Why sending cannot go on. Everything that was answered is written down.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// HubSpot, or a request to stop.
    #[error(transparent)]
    Hubspot(#[from] crate::hubspot::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    /// Answers stayed away again and again.
    #[error("hubspot did not answer {0} requests; run the same command again, it looks them up first")]
    Unanswered(usize),
    /// A task of ours died.
    #[error("a sending task has failed")]
    Task,
}

/// The unique properties that carry our keys in this portal.
#[derive(Clone, Debug)]
pub struct KeyProperties {
    /// Contact.
    pub contact: PropertyName,
    /// HubSpot appointment.
    pub appointment: PropertyName,
    /// Deal.
    pub deal: PropertyName,
}

impl KeyProperties {
    /// The key property of an object.
    #[must_use]
    pub const fn of(&self, object: Object) -> &PropertyName {
        match object {
            Object::Contact => &self.contact,
            Object::Appointment => &self.appointment,
            Object::Deal => &self.deal,
        }
    }
}

/// Told how sending goes on.
pub trait Progress: Send + Sync {
    /// `count` more records or links of `what` are answered.
    fn sent(&self, what: &str, count: u64);
}

/// Everything that sending needs; cheap to clone into tasks.
pub struct Outbox<S> {
    /// The store.
    pub store: S,
    /// Reads, for steps in doubt.
    pub reader: Reader,
    /// Writes.
    pub writer: Writer,
    /// Key properties.
    pub keys: Arc<KeyProperties>,
    /// The run that sends.
    pub run: RunId,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// A request to stop: nothing new leaves, what is out is waited for.
    pub stop: CancellationToken,
    /// Told how it goes.
    pub progress: Arc<dyn Progress>,
}

impl<S: Clone> Clone for Outbox<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            reader: self.reader.clone(),
            writer: self.writer.clone(),
            keys: Arc::clone(&self.keys),
            run: self.run,
            clock: Arc::clone(&self.clock),
            stop: self.stop.clone(),
            progress: Arc::clone(&self.progress),
        }
    }
}

impl<S: Store + Clone + 'static> Outbox<S> {
    /// Sends everything that is accepted, in the order of writing: contacts, appointments, deals, links, open counts.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on; the same command carries on where it stopped.
    pub async fn drain(&self) -> Result<(), Error> {
        self.resolve().await?;
        for wave in Wave::ALL {
            if wave == Wave::OpenCounts {
                self.settled(Self::send_links).await?;
                self.store.settle().await?;
            }
            self.settled(async |outbox: &Self| outbox.send_records(wave).await).await?;
        }
        Ok(())
    }

    /// Sends until nothing of it is in doubt.
    async fn settled(&self, send: impl AsyncFn(&Self) -> Result<(), Error>) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            send(self).await?;
            if self.resolve().await? == 0 {
                return Ok(());
            }
        }
        Err(Error::Unanswered(self.store.in_doubt().await?.len()))
    }

    /// Nothing new leaves after a request to stop.
    fn go_on(&self) -> Result<(), Error> {
        if self.stop.is_cancelled() { Err(crate::hubspot::Error::Cancelled.into()) } else { Ok(()) }
    }
}
