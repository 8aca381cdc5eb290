//! Charts, patient by patient: entries, and the patients' own lists of appointments.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AppointmentId, Kind, PatientId, Record};
use crate::extract::Row;
use crate::extract::api::{HalfRead, Profile, Reader, Sides, Span, Task, Worklist, adopt, is_line};
use crate::ivoris;
use crate::store::{Interest, Lead, Part, ReadState, Store, Watch, Watched};

use super::bench::Bench;
use super::drive::{Work, drive};
use crate::pass::error::Error;

/// A chart to read.
struct Chart {
    patient: PatientId,
    profile: String,
    /// On these days only.
    span: Option<Span>,
    half: HalfRead,
}

/// Charts on their way.
struct Charts {
    left: Worklist<Chart>,
    /// Known entries per patient.
    known: BTreeMap<PatientId, u64>,
    /// Rows that came per patient.
    came: BTreeMap<PatientId, u64>,
    /// Neither list is offered.
    missing: u64,
    all: usize,
}

impl<S: Store> Work<S> for Charts {
    type Unit = Task<Chart>;
    type Answer = Result<Option<(Vec<Row>, Sides)>, ivoris::Error>;

    fn take(&mut self) -> Option<Self::Unit> {
        self.left.take()
    }

    async fn ask(reader: &Reader, Task { unit, .. }: &mut Self::Unit) -> Self::Answer {
        reader.chart(&unit.patient, &unit.profile, unit.span, &mut unit.half).await
    }

    async fn done(&mut self, bench: &mut Bench<'_, S>, task: Self::Unit, answer: Self::Answer) -> Result<(), Error> {
        let unit = |bench: &Bench<'_, S>, Chart { patient, profile, .. }: &Chart| {
            let (patient, profile) = (patient.as_str().to_owned(), profile.clone());
            bench.unit(Kind::Entry, Part::Chart { patient, profile })
        };
        match answer {
            Ok(Some((rows, sides))) => {
                self.left.read();
                let chart = task.unit;
                bench.facts.sides.add(sides);
                *self.came.entry(chart.patient.clone()).or_default() += u64::try_from(rows.len()).unwrap_or(0);
                let done = self.all - self.left.len();
                bench.says(&format!("chart {done} of {}", self.all));
                let rows = if self.known.contains_key(&chart.patient) {
                    bench.recognised(&chart.patient, rows).await?
                } else {
                    rows
                };
                let unit = unit(bench, &chart);
                bench.keep(unit, rows).await
            }
            Ok(None) => {
                self.left.read();
                self.missing += 1;
                Ok(())
            }
            Err(error @ ivoris::Error::Unreadable { .. }) => match self.left.unread(task, &error) {
                None => Ok(()),
                Some(chart) => {
                    bench.observer.warns(&format!("{} a chart: {error}; left as a gap", bench.instance()));
                    // What is not read is not empty.
                    self.known.remove(&chart.patient);
                    let unit = unit(bench, &chart);
                    bench.give_up(unit, &error).await
                }
            },
            Err(error) => Err(error.into()),
        }
    }
}

impl<S: Store> Bench<'_, S> {
    /// Reads the charts of the patients that matter.
    pub(super) async fn charts(&mut self, profiles: &[Profile]) -> Result<(), Error> {
        let days = self.want.days;
        let interest = if self.want.all_patients {
            Interest { everybody: true, ..Interest::default() }
        } else {
            Interest { from: Some(days.from), to: Some(days.to), open_deals: true, everybody: false }
        };
        let mut leads = self.leads(interest).await?;
        // Whose chart could not be read, or came back empty, is asked for again.
        let again = self.charts_to_repeat().await?;
        if !self.want.all_patients && !again.is_empty() {
            let others = self.leads(Interest { everybody: true, ..Interest::default() }).await?;
            let here: BTreeSet<PatientId> = leads.iter().map(|lead| lead.id.clone()).collect();
            leads.extend(others.into_iter().filter(|lead| again.contains(&lead.id) && !here.contains(&lead.id)));
        }
        if leads.is_empty() {
            let text = format!(
                "{}: no patient in the inbox has an appointment on these days or an open deal; read patients and appointments first",
                self.instance()
            );
            self.observer.warns(&text);
            return Ok(());
        }
        let profiles = self.profiles(profiles);
        let overlap = chrono::Days::new(self.reader.client().settings().entries_overlap.as_secs() / 86_400);
        let from = self.want.entries_from.map(|from| from.checked_sub_days(overlap).unwrap_or(from));
        let span = from.and_then(|from| Span::new(from, self.means.today));
        let done: BTreeSet<(&str, &str)> = self
            .spooled
            .iter()
            .filter(|unit| unit.state == ReadState::Read)
            .filter_map(|unit| match &unit.unit.part {
                Part::Chart { patient, profile } => Some((patient.as_str(), profile.as_str())),
                Part::Page(_) | Part::Days { .. } | Part::One { .. } => None,
            })
            .collect();
        self.facts.reused = u64::try_from(done.len()).unwrap_or(u64::MAX);
        // A gap or doubt is about the whole chart: some days of it would not settle that.
        let span_of = |patient: &PatientId| span.filter(|_| !again.contains(patient));
        let charts: Vec<Chart> = leads
            .iter()
            .flat_map(|lead| profiles.iter().map(|profile| (lead.id.clone(), profile.clone())))
            .filter(|(patient, profile)| !done.contains(&(patient.as_str(), profile.as_str())))
            .map(|(patient, profile)| Chart { span: span_of(&patient), patient, profile, half: HalfRead::default() })
            .collect();
        let touched: BTreeSet<&PatientId> = charts.iter().map(|chart| &chart.patient).collect();
        let known = leads.iter().filter(|lead| lead.entries > 0 && touched.contains(&lead.id));
        let mut work = Charts {
            known: known.map(|lead| (lead.id.clone(), lead.entries)).collect(),
            came: self.spooled_charts(),
            missing: 0,
            all: charts.len(),
            left: Worklist::new(charts),
        };
        drive(self, &mut work).await?;
        if work.missing > 0 {
            let text = format!("{} charts are not offered or of patients that Ivoris does not know", work.missing);
            self.observer.warns(&format!("{}: {text}", self.instance()));
        }
        if self.facts.doubtful > 0 {
            let text = format!(
                "{} entries are left out: they may be lines that a file without entry ids has brought under other words",
                self.facts.doubtful
            );
            self.facts.notes.push(text);
        }
        // An empty answer about some days says nothing about the whole chart.
        if self.is_enough() || span.is_some() {
            return Ok(());
        }
        self.unconfirmed(&work).await
    }

    /// Rows per patient of the charts that an earlier run had read.
    fn spooled_charts(&self) -> BTreeMap<PatientId, u64> {
        let mut came = BTreeMap::new();
        for one in &self.spooled {
            if let (Kind::Entry, Part::Chart { patient, .. }) = (one.unit.kind, &one.unit.part) {
                *came.entry(PatientId::new(patient)).or_default() += one.rows;
            }
        }
        came
    }

    /// Lines that a file has brought without an id keep their key: the same line must not count twice.
    async fn recognised(&mut self, patient: &PatientId, rows: Vec<Row>) -> Result<Vec<Row>, Error> {
        let prefix = &self.reader.ground().prefix;
        let known = self.store.entries_of(patient.clone()).await?;
        if !known.iter().any(|entry| is_line(&entry.id, prefix)) {
            return Ok(rows);
        }
        let (mut read, mut others) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Record(record, origin) => match *record {
                    Record::Entry(entry) => read.push((entry, origin)),
                    record @ (Record::Patient(_) | Record::Appointment(_)) => {
                        others.push(Row::Record(Box::new(record), origin));
                    }
                },
                row @ Row::Rejected(_) => others.push(row),
            }
        }
        let (kept, adopted) = adopt(&known, read, prefix);
        self.facts.doubtful += adopted.doubtful;
        let row = |(entry, origin)| Row::Record(Box::new(Record::Entry(entry)), origin);
        others.extend(kept.into_iter().map(row));
        Ok(others)
    }

    /// A chart that was not empty and now is proves nothing: what is known stays, and it is asked for again.
    async fn unconfirmed(&mut self, work: &Charts) -> Result<(), Error> {
        let came = |patient: &PatientId| work.came.get(patient).copied().unwrap_or(0) > 0;
        let now = self.now();
        let empty: Vec<Watched> = work
            .known
            .keys()
            .filter(|patient| !came(patient))
            .map(|patient| Watched {
                what: Watch::Unconfirmed,
                instance: self.instance().clone(),
                kind: Kind::Patient,
                key: patient.as_str().to_owned(),
                first: now,
                due: now,
                attempts: 1,
            })
            .collect();
        self.facts.unconfirmed = u64::try_from(empty.len()).unwrap_or(u64::MAX);
        let full = work.came.iter().filter(|(_, rows)| **rows > 0);
        let full = full.map(|(patient, _)| (Kind::Patient, patient.as_str().to_owned())).collect();
        self.store.unwatch(Watch::Unconfirmed, full).await?;
        if empty.is_empty() {
            return Ok(());
        }
        let text =
            format!("{}: {} charts came back empty although entries of them are known", self.instance(), empty.len());
        self.observer.warns(&text);
        self.facts.notes.push(format!("{} charts came back empty although entries of them are known", empty.len()));
        Ok(self.store.watch(empty).await?)
    }

    async fn charts_to_repeat(&self) -> Result<BTreeSet<PatientId>, Error> {
        let gaps = self.store.windows().await?.into_iter().filter(|window| {
            window.state == ReadState::Gap
                && window.unit.kind == Kind::Entry
                && window.unit.instance == *self.instance()
        });
        let gaps = gaps.filter_map(|window| match window.unit.part {
            Part::Chart { patient, .. } => Some(PatientId::new(&patient)),
            Part::Page(_) | Part::Days { .. } | Part::One { .. } => None,
        });
        let empty = self.store.watched(Watch::Unconfirmed).await?.into_iter();
        let empty = empty.filter(|one| one.instance == *self.instance()).map(|one| PatientId::new(&one.key));
        Ok(gaps.chain(empty).collect())
    }

    /// Profiles as configured, else as listed, else the server's default.
    fn profiles(&self, listed: &[Profile]) -> Vec<String> {
        let configured = &self.reader.client().settings().profiles;
        if !configured.is_empty() {
            return configured.clone();
        }
        let listed: Vec<String> = listed.iter().map(|profile| profile.id.clone()).collect();
        if listed.is_empty() { vec![String::new()] } else { listed }
    }
}

/// Patients' own lists of appointments on their way.
pub(super) struct Lists {
    left: Worklist<PatientId>,
    /// Only appointments on these days; empty = all.
    spans: Vec<Span>,
    /// What the calendar shows already.
    known: BTreeSet<AppointmentId>,
    /// The lists are compared with a calendar that was read.
    compared: bool,
}

impl Lists {
    /// Whole lists, instead of a calendar.
    pub(super) fn new(leads: Vec<Lead>, days: Option<Span>) -> Self {
        let left = Worklist::new(leads.into_iter().map(|lead| lead.id));
        Self { left, spans: days.into_iter().collect(), known: BTreeSet::new(), compared: false }
    }

    /// Lists compared with a calendar of these days that shows `known`.
    pub(super) fn against(leads: Vec<Lead>, spans: Vec<Span>, known: BTreeSet<AppointmentId>) -> Self {
        Self { left: Worklist::new(leads.into_iter().map(|lead| lead.id)), spans, known, compared: true }
    }

    fn takes(&self, row: &Row) -> bool {
        let Row::Record(record, _) = row else { return !self.compared };
        match &**record {
            Record::Appointment(one) => {
                !self.known.contains(&one.id) && self.spans.iter().any(|span| span.holds(one.start.day()))
            }
            Record::Patient(_) | Record::Entry(_) => false,
        }
    }
}

impl<S: Store> Work<S> for Lists {
    type Unit = Task<PatientId>;
    type Answer = Result<Option<Vec<Row>>, ivoris::Error>;

    fn take(&mut self) -> Option<Self::Unit> {
        self.left.take()
    }

    async fn ask(reader: &Reader, Task { unit, .. }: &mut Self::Unit) -> Self::Answer {
        reader.appointments_of(unit).await
    }

    async fn done(&mut self, bench: &mut Bench<'_, S>, task: Self::Unit, answer: Self::Answer) -> Result<(), Error> {
        let part = |patient: &PatientId| Part::Chart { patient: patient.as_str().to_owned(), profile: String::new() };
        bench.says(&format!("lists of patients, {} to go", self.left.len()));
        match answer {
            Ok(None) => {
                self.left.read();
                Ok(())
            }
            Ok(Some(rows)) => {
                self.left.read();
                let rows: Vec<Row> = rows.into_iter().filter(|row| self.takes(row)).collect();
                if self.compared {
                    bench.facts.hidden += u64::try_from(rows.len()).unwrap_or(u64::MAX);
                    if rows.is_empty() {
                        return Ok(());
                    }
                }
                let unit = bench.unit(Kind::Appointment, part(&task.unit));
                bench.keep(unit, rows).await
            }
            Err(error @ ivoris::Error::Unreadable { .. }) => {
                let given_up = self.left.unread(task, &error);
                match given_up {
                    // A comparison that fails leaves no gap: the calendar was read.
                    Some(patient) if !self.compared => {
                        let unit = bench.unit(Kind::Appointment, part(&patient));
                        bench.give_up(unit, &error).await
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}
