//! What the reading of one installation works with.

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::{InstanceKey, Kind, Record};
use crate::extract::Row;
use crate::extract::api::Reader;
use crate::http::Clock;
use crate::ivoris;
use crate::store::{Part, ReadState, Reading, Spooled, Store, Unit};

use super::facts::{Gap, Installation};
use super::voices::Voices;
use super::{Means, Want};
use crate::pass::error::Error;
use crate::pass::observe::Observer;

/// Units taken out of the spool at once: one can be four weeks of a large practice.
const AT_ONCE: usize = 5;

/// What the reading of one installation works with.
pub(super) struct Bench<'a, S> {
    pub(super) store: &'a S,
    pub(super) reader: &'a Reader,
    pub(super) observer: &'a dyn Observer,
    pub(super) voices: &'a Voices,
    pub(super) clock: &'a dyn Clock,
    pub(super) stop: &'a CancellationToken,
    pub(super) means: &'a Means,
    pub(super) want: &'a Want,
    pub(super) deadline: Option<Instant>,
    /// Units of this installation that an earlier run had read.
    pub(super) spooled: Vec<Spooled>,
    pub(super) facts: &'a mut Installation,
}

impl<S: Store> Bench<'_, S> {
    pub(super) fn instance(&self) -> &InstanceKey {
        &self.reader.ground().instance
    }

    /// Tells where the reading is.
    pub(super) fn says(&self, text: &str) {
        self.voices.say(self.instance(), text);
    }

    pub(super) fn spool(&self) -> String {
        self.want.spool(self.means.command)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whether something new may be asked for.
    pub(super) fn may_go_on(&self) -> Result<(), Error> {
        if self.stop.is_cancelled() {
            return Err(ivoris::Error::Stopped.into());
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Error::TimeOver),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether as many records as `--limit` allows are read.
    pub(super) fn is_enough(&self) -> bool {
        self.want.limit.is_some_and(|limit| self.facts.rows >= limit)
    }

    pub(super) fn unit(&self, kind: Kind, part: Part) -> Unit {
        Unit { kind, instance: self.instance().clone(), part }
    }

    /// Keeps what was read.
    pub(super) async fn keep(&mut self, unit: Unit, rows: Vec<Row>) -> Result<(), Error> {
        self.facts.units += 1;
        self.facts.rows += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.observer.advance(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        let reading = self.reading(unit, ReadState::Read, rows, None);
        Ok(self.store.spool(self.spool(), reading).await?)
    }

    /// Keeps that something could not be read.
    pub(super) async fn give_up(&mut self, unit: Unit, why: &ivoris::Error) -> Result<(), Error> {
        let days = match unit.part {
            Part::Days { from, to } => Some((from, to)),
            Part::Page(_) | Part::Chart { .. } | Part::One { .. } => None,
        };
        let why = why.to_string();
        self.facts.gaps.push(Gap { kind: unit.kind, days, why: why.clone() });
        let reading = self.reading(unit, ReadState::Gap, Vec::new(), Some(why));
        Ok(self.store.spool(self.spool(), reading).await?)
    }

    fn reading(&self, unit: Unit, state: ReadState, rows: Vec<Row>, note: Option<String>) -> Reading {
        let (mut records, mut rejected) = (Vec::with_capacity(rows.len()), Vec::new());
        let mut hasher = blake3::Hasher::new();
        for row in rows {
            match row {
                Row::Record(record, origin) => {
                    hasher.update(&serde_json::to_vec(&record).unwrap_or_default());
                    records.push((*record, origin));
                }
                Row::Rejected(one) => {
                    hasher.update(one.reason.as_bytes());
                    rejected.push(one);
                }
            }
        }
        let mut checksum = [0; 16];
        checksum.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Reading { unit, state, rows: records, rejected, checksum, at: self.now(), note }
    }

    /// Walks through what is in the spool of this command and installation.
    pub(super) async fn each_spooled(
        &self,
        mut look: impl FnMut(&Unit, DateTime<Utc>, &[Record]),
    ) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let readings = self.store.unspool(self.spool(), after, AT_ONCE).await?;
            let Some((last, _)) = readings.last() else { return Ok(()) };
            after = *last;
            for (_, reading) in readings {
                if reading.unit.instance == *self.instance() && reading.state == ReadState::Read {
                    let records: Vec<Record> = reading.rows.into_iter().map(|(record, _)| record).collect();
                    look(&reading.unit, reading.at, &records);
                }
            }
        }
    }
}
