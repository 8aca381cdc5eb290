//! `--probe-load`: longer windows and more questions at once, until the first one fails. Stops there.

use chrono::Days;
use tokio::time::Instant;

use crate::ivoris::{Ask, Client, Error, Route};

use super::asker::Asker;
use super::load::{Load, Trial};

/// Windows that are tried, in days.
const WINDOWS: [u32; 9] = [1, 2, 4, 7, 14, 28, 56, 112, 224];
/// Questions at once that are tried.
const PARALLEL: [u32; 4] = [1, 2, 3, 4];
/// Pauses between two tries: the practice works meanwhile.
const REST: u32 = 5;
/// An answer this slow is the end of it too: nobody waits for the relay to give up.
const TOO_SLOW: u64 = 25_000;

/// Questions that a probe makes at most.
pub(super) const PROBE_CALLS: u32 = 9 + 1 + 2 + 3 + 4;

/// Finds where it begins to fail.
pub(super) async fn probe(asker: &mut Asker<'_>) {
    let mut load = Load::default();
    let line = || {
        asker.line(&|settings| {
            settings.parallel = 1;
            // One failure is the answer that is looked for, not an outage.
            settings.breaker_after = u32::MAX;
        })
    };
    let client = line();
    let rest = client.settings().pause * REST;
    for days in WINDOWS {
        let trial = trial(std::slice::from_ref(&client), days, asker).await;
        let Some(trial) = trial else { break };
        load.windows.push(trial);
        if trial.failed > 0 || trial.millis > TOO_SLOW {
            break;
        }
        tokio::time::sleep(rest).await;
    }
    let good = load.slice_days().unwrap_or(1).min(7);
    for at_once in PARALLEL {
        if load.windows.first().is_none_or(|one| one.failed > 0) {
            break;
        }
        let clients: Vec<Client> = (0..at_once).map(|_| line()).collect();
        let Some(mut trial) = trial(&clients, good, asker).await else { break };
        trial.size = at_once;
        load.parallel.push(trial);
        if trial.failed > 0 || trial.millis > TOO_SLOW {
            break;
        }
        tokio::time::sleep(rest).await;
    }
    asker.survey.load = Some(load);
}

/// The same window on each line at the same time; over with the first failure. `None` = stopped, or not let in.
async fn trial(clients: &[Client], days: u32, asker: &Asker<'_>) -> Option<Trial> {
    let end = asker.today;
    let begin = end.checked_sub_days(Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(end);
    let ask = Ask::new().days(begin, end).page(0);
    let begun = Instant::now();
    let mut failure = std::pin::pin!(asker.failure());
    failure.as_mut().enable();
    let mut under_way = tokio::task::JoinSet::new();
    for client in clients {
        let (client, ask) = (client.clone(), ask.clone());
        under_way.spawn(async move { client.list(Route::AllAppointments, &ask).await.err() });
    }
    let mut trial = Trial { size: days, failed: 0, millis: 0 };
    loop {
        tokio::select! {
            biased;
            answer = under_way.join_next() => match answer {
                None => break,
                Some(Ok(None)) => {}
                Some(Ok(Some(Error::Stopped | Error::Credentials { .. } | Error::Missing { .. })) | Err(_)) => return None,
                Some(Ok(Some(
                    Error::Unreadable { .. } | Error::Unavailable { .. } | Error::Gone { .. } | Error::BadRequest { .. },
                ))) => trial.failed += 1,
            },
            // What else is under way is let go with the lines.
            () = &mut failure => {
                trial.failed += 1;
                break;
            }
        }
    }
    trial.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Some(trial)
}
