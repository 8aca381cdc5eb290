//! Signals: the first asks the run to stop (what is under way is finished), the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio_util::sync::CancellationToken;

use crate::report::{Line, Look, Screen};

use super::exit::Exit;

/// A request to stop, and which signal it came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop {
    /// Cancelled by the first signal.
    pub(super) token: CancellationToken,
    signal: Arc<AtomicU8>,
}

impl Stop {
    /// Listens to signals from now on.
    pub(super) fn listen(screen: &Screen) -> Self {
        let stop = Self::default();
        let (here, screen) = (stop.clone(), screen.clone());
        tokio::spawn(async move {
            loop {
                let exit = signal().await;
                if here.token.is_cancelled() {
                    std::process::exit(i32::from(exit.code()));
                }
                here.signal.store(exit.code(), Ordering::Relaxed);
                here.token.cancel();
                let text = "stopping: what is under way is finished and written down; once more stops at once";
                screen.note(&Line::new().look(Look::Warn, text));
            }
        });
        stop
    }

    /// The exit code of the signal that came.
    pub(super) fn exit(&self) -> Exit {
        if self.signal.load(Ordering::Relaxed) == Exit::Terminated.code() {
            Exit::Terminated
        } else {
            Exit::Interrupted
        }
    }
}

#[cfg(unix)]
async fn signal() -> Exit {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the system's own way of ending stays in place.
        return interrupted().await;
    };
    tokio::select! {
        _ = terminate.recv() => Exit::Terminated,
        exit = interrupted() => exit,
    }
}

#[cfg(not(unix))]
async fn signal() -> Exit {
    interrupted().await
}

async fn interrupted() -> Exit {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    Exit::Interrupted
}
