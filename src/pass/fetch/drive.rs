//! Several readings of one installation at once: never more than it is configured to bear.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::extract::api::Reader;
use crate::store::Store;

use super::bench::Bench;
use crate::pass::error::Error;

/// Units to read, and what becomes of each answer.
pub(super) trait Work<S> {
    /// What is asked for at once.
    type Unit;
    /// What comes back.
    type Answer;

    /// The next unit.
    fn take(&mut self) -> Option<Self::Unit>;
    /// Asks for a unit.
    fn ask(reader: &Reader, unit: &mut Self::Unit) -> impl Future<Output = Self::Answer>;
    /// Keeps an answer, or puts its unit back.
    async fn done(&mut self, bench: &mut Bench<'_, S>, unit: Self::Unit, answer: Self::Answer) -> Result<(), Error>;
}

/// Reads all units of `work`. What is under way when it must stop is waited for and kept.
pub(super) async fn drive<S: Store, W: Work<S>>(bench: &mut Bench<'_, S>, work: &mut W) -> Result<(), Error> {
    let reader = bench.reader;
    let parallel = usize::try_from(reader.client().settings().parallel).unwrap_or(1).max(1);
    let mut flying = FuturesUnordered::new();
    let mut stopped = None;
    loop {
        while stopped.is_none() && flying.len() < parallel && !bench.is_enough() {
            if let Err(error) = bench.may_go_on() {
                stopped = Some(error);
                break;
            }
            let Some(mut unit) = work.take() else { break };
            flying.push(async move {
                let answer = W::ask(reader, &mut unit).await;
                (unit, answer)
            });
        }
        let Some((unit, answer)) = flying.next().await else { break };
        if let Err(error) = work.done(bench, unit, answer).await {
            // The first trouble is what ends the reading; the others follow from it.
            stopped.get_or_insert(error);
        }
    }
    stopped.map_or(Ok(()), Err)
}
