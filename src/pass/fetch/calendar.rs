//! The calendar: slices of days, then what only other routes can tell.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{AppointmentId, Kind, PatientId, Record};
use crate::extract::Row;
use crate::extract::api::{Reader, Slice, Slices, Span, Unread, named_patients};
use crate::ivoris::{self, Client, Route};
use crate::store::{Interest, Lead, Part, ReadState, Store};

use super::bench::Bench;
use super::charts::Lists;
use super::drive::{Work, drive};
use crate::pass::error::Error;

/// Slices of the calendar on their way.
struct Calendar {
    slices: Slices,
    /// The server does not offer the calendar at all.
    missing: bool,
}

impl<S: Store> Work<S> for Calendar {
    type Unit = Span;
    type Answer = Result<Slice, ivoris::Error>;

    fn take(&mut self) -> Option<Span> {
        if self.missing { None } else { self.slices.take() }
    }

    async fn ask(reader: &Reader, unit: &mut Span) -> Self::Answer {
        let mandants = reader.client().settings().mandants.clone();
        if mandants.is_empty() {
            return reader.appointments(*unit, None).await;
        }
        let mut all = Slice::default();
        for mandant in mandants {
            let slice = reader.appointments(*unit, Some(&mandant)).await?;
            all.rows.extend(slice.rows);
            all.outside += slice.outside;
            all.everything |= slice.everything;
        }
        Ok(all)
    }

    async fn done(&mut self, bench: &mut Bench<'_, S>, unit: Span, answer: Self::Answer) -> Result<(), Error> {
        let client = bench.reader.client();
        match answer {
            Ok(slice) if slice.everything => self.all_at_once(bench, unit, slice).await,
            Ok(slice) => {
                self.slices.read(unit);
                remember(client, self.slices.size());
                bench.facts.outside += slice.outside;
                let left = self.slices.days_left();
                let count = slice.rows.len();
                bench.says(&format!("{} · {count} appointments · {left} days left", unit.from));
                bench.keep(days(bench, unit), slice.rows).await
            }
            Err(error @ (ivoris::Error::Unreadable { .. } | ivoris::Error::BadRequest { .. })) => {
                let next = self.slices.unread(unit, &error);
                remember(client, self.slices.size());
                let what = match next {
                    Unread::Again => return Ok(()),
                    Unread::Halved => "halved",
                    Unread::Later => "tried again later",
                    Unread::GivenUp => "left as a gap",
                };
                let text = format!("{} {}..{}: {error}; {what}", bench.instance(), unit.from, unit.to);
                bench.observer.warns(&text);
                if next == Unread::GivenUp {
                    return bench.give_up(days(bench, unit), &error).await;
                }
                Ok(())
            }
            Err(ivoris::Error::Missing { .. }) => {
                self.missing = true;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Calendar {
    /// The server does not look at days: one answer is the whole calendar.
    async fn all_at_once<S: Store>(&mut self, bench: &mut Bench<'_, S>, unit: Span, slice: Slice) -> Result<(), Error> {
        let spans: Vec<Span> = std::iter::once(unit).chain(self.slices.rest()).collect();
        bench.reader.client().learn(|learned| {
            learned.route_mut(Route::AllAppointments.name()).ignores_days = Some(true);
        });
        let text = format!(
            "{} does not look at the days it is asked for: {} appointments came at once",
            bench.instance(),
            slice.rows.len()
        );
        bench.observer.warns(&text);
        let mut rows = slice.rows;
        for span in spans {
            let here: Vec<Row> = rows.extract_if(.., |row| day(row).is_some_and(|day| span.holds(day))).collect();
            bench.keep(days(bench, span), here).await?;
        }
        let (flawed, outside): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| matches!(row, Row::Rejected(_)));
        bench.facts.outside += u64::try_from(outside.len()).unwrap_or(u64::MAX);
        if flawed.is_empty() {
            return Ok(());
        }
        let part = Part::One { kind: Kind::Appointment, key: "without day".to_owned() };
        let unit = bench.unit(Kind::Appointment, part);
        bench.keep(unit, flawed).await
    }
}

/// The size of slices that goes well, for the next run.
fn remember(client: &Client, size: u32) {
    client.learn(|learned| learned.slice_days = Some(size));
}

fn days<S: Store>(bench: &Bench<'_, S>, span: Span) -> crate::store::Unit {
    bench.unit(Kind::Appointment, Part::Days { from: span.from, to: span.to })
}

fn day(row: &Row) -> Option<NaiveDate> {
    match row {
        Row::Record(record, _) => match &**record {
            Record::Appointment(one) => Some(one.start.day()),
            Record::Patient(_) | Record::Entry(_) => None,
        },
        Row::Rejected(_) => None,
    }
}

/// What the spool holds of the calendar.
pub(super) struct Found {
    /// Days that were read whole, with the earliest reading.
    pub(super) spans: Vec<(Span, DateTime<Utc>)>,
    /// Appointments that were read.
    pub(super) ids: BTreeSet<AppointmentId>,
    /// Patients whom they name.
    pub(super) patients: BTreeSet<PatientId>,
}

impl<S: Store> Bench<'_, S> {
    /// Reads the calendar, then the patients it names and nobody knows, and what it no longer shows.
    pub(super) async fn calendar(&mut self) -> Result<(), Error> {
        let settings = self.reader.client().settings();
        let done: Vec<Span> = self.spooled_days();
        self.facts.reused = u64::try_from(done.len()).unwrap_or(u64::MAX);
        let size = self.reader.client().learned().slice_days.unwrap_or(settings.slice_days);
        let wanted = std::iter::once(self.want.days).chain(self.open_gaps().await?);
        let mut work = Calendar { slices: Slices::new(wanted, &done, size, settings.slice_max), missing: false };
        drive(self, &mut work).await?;
        if work.missing {
            self.without_calendar().await?;
        }
        let found = self.found().await?;
        self.waiting_patients(&found.patients).await?;
        if !self.is_enough() {
            // A reading that an earlier run has made was compared then.
            if self.facts.units > 0 || self.facts.reused == 0 {
                self.hidden(&found).await?;
            }
            self.vanished(&found).await?;
        }
        Ok(())
    }

    /// Days that an earlier run had read.
    fn spooled_days(&self) -> Vec<Span> {
        let read = self.spooled.iter().filter(|unit| unit.state == ReadState::Read);
        read.filter_map(|unit| match unit.unit.part {
            Part::Days { from, to } => Span::new(from, to),
            Part::Page(_) | Part::Chart { .. } | Part::One { .. } => None,
        })
        .collect()
    }

    /// Days that could not be read before, wherever they lie.
    async fn open_gaps(&self) -> Result<Vec<Span>, Error> {
        let windows = self.store.windows().await?;
        let gaps = windows.into_iter().filter(|window| {
            window.state == ReadState::Gap
                && window.unit.kind == Kind::Appointment
                && window.unit.instance == *self.instance()
        });
        Ok(gaps
            .filter_map(|window| match window.unit.part {
                Part::Days { from, to } => Span::new(from, to),
                Part::Page(_) | Part::Chart { .. } | Part::One { .. } => None,
            })
            .collect())
    }

    async fn found(&self) -> Result<Found, Error> {
        let mut found = Found { spans: Vec::new(), ids: BTreeSet::new(), patients: BTreeSet::new() };
        self.each_spooled(|unit, at, records| {
            if let Part::Days { from, to } = unit.part
                && let Some(span) = Span::new(from, to)
            {
                found.spans.push((span, at));
            }
            if unit.kind == Kind::Appointment {
                found.patients.extend(named_patients(records));
                found.ids.extend(records.iter().filter_map(|record| match record {
                    Record::Appointment(one) => Some(one.id.clone()),
                    Record::Patient(_) | Record::Entry(_) => None,
                }));
            }
        })
        .await?;
        found.spans.sort_unstable();
        Ok(found)
    }

    /// Patient by patient, where the server has no calendar to offer.
    async fn without_calendar(&mut self) -> Result<(), Error> {
        let text = format!(
            "{} does not offer its calendar; the appointments of each known patient are read instead",
            self.instance()
        );
        self.observer.warns(&text);
        let leads = self.leads(Interest { everybody: true, ..Interest::default() }).await?;
        if leads.is_empty() {
            self.facts.notes.push("the calendar is not offered, and no patient is known yet".to_owned());
            return Ok(());
        }
        let mut lists = Lists::new(leads, Some(self.want.days));
        drive(self, &mut lists).await
    }

    /// Compares the calendar with the patients' own lists, a few patients in each run: what a calendar hides shows there.
    async fn hidden(&mut self, found: &Found) -> Result<(), Error> {
        let many = self.want.cross_check.unwrap_or(self.reader.client().settings().cross_check);
        if many == 0 || found.spans.is_empty() {
            return Ok(());
        }
        let days = self.want.days;
        let mut leads =
            self.leads(Interest { from: Some(days.from), to: Some(days.to), ..Interest::default() }).await?;
        let many = usize::try_from(many).unwrap_or(usize::MAX).min(leads.len());
        if many == 0 {
            return Ok(());
        }
        // Others every day: all have their turn.
        let turn = usize::try_from(self.means.today.signed_duration_since(NaiveDate::MIN).num_days()).unwrap_or(0);
        let begin = (turn * many) % leads.len();
        leads.rotate_left(begin);
        leads.truncate(many);
        self.facts.checked = u64::try_from(leads.len()).unwrap_or(u64::MAX);
        let spans = found.spans.iter().map(|(span, _)| *span).collect();
        let mut lists = Lists::against(leads, spans, found.ids.clone());
        drive(self, &mut lists).await?;
        if self.facts.hidden > 0 {
            let text = format!(
                "{} shows {} appointments on the patients' own lists alone; --cross-check all finds the rest",
                self.instance(),
                self.facts.hidden
            );
            self.observer.warns(&text);
        }
        Ok(())
    }

    /// Patients of this installation that matter.
    pub(super) async fn leads(&self, interest: Interest) -> Result<Vec<Lead>, Error> {
        let leads = self.store.leads(interest).await?;
        Ok(leads.into_iter().filter(|lead| lead.instance == *self.instance()).collect())
    }
}
