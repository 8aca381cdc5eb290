//! Why a patient's records in HubSpot are as they are: everything decided once more, from memory alone. Asks nobody.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{AppointmentState, Cents, HubspotId, KeyHash, Kind, Object, StageKey};
use crate::mapping::case::{DealNow, Ending, StageVerdict, cut, judge, proof};
use crate::mapping::tables::{CodeRange, EntryMatch};
use crate::mapping::{Mapping, SourceWord, Sums};
use crate::plan::Step;
use crate::store::{Filed, PatientFile};

use super::history::{History, gather};
use super::patient::Decider;
use super::reads::{Answers, Asks};
use super::told::words;

/// Where a record came from and what became of it. No personal value.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Hash of its key; pseudonyms show its beginning.
    #[serde(skip)]
    pub key: KeyHash,
    /// File and line, or route and page.
    pub origin: String,
    /// Day it was first read.
    pub first_read: chrono::NaiveDate,
    /// Whether it waits to be handled.
    pub queued: bool,
    /// What the next run that looks at it makes of it, and why.
    pub outcome: String,
}

/// One appointment with the rows that it met.
#[derive(Clone, Debug, Serialize)]
pub struct VisitTrace {
    /// Record.
    #[serde(flatten)]
    pub source: Source,
    /// Start in practice time.
    pub start: String,
    /// `Terminart` as written.
    pub template: String,
    /// `template_name` of the row that it met.
    pub row: Option<String>,
    /// What the row says.
    pub row_says: String,
    /// `Status` as written.
    pub status: String,
    /// What it means.
    pub state: Option<&'static str>,
    /// Day on which this status was first read.
    pub status_read: chrono::NaiveDate,
    /// Location key.
    pub location: Option<String>,
    /// Entries linked to it that are used.
    pub entries: usize,
    /// Place of its case.
    pub case: Option<usize>,
}

/// One chart entry with the row that it met.
#[derive(Clone, Debug, Serialize)]
pub struct EntryTrace {
    /// Record.
    #[serde(flatten)]
    pub source: Source,
    /// Day.
    pub date: chrono::NaiveDate,
    /// `match` and `pattern` of the row that it met.
    pub row: Option<String>,
    /// What is done with it.
    pub handler: &'static str,
    /// Its amount.
    pub amount: Option<Cents>,
    /// How that is known.
    pub provenance: &'static str,
    /// Place of its case.
    pub case: Option<usize>,
    /// Place of the appointment it is linked to.
    pub visit: Option<usize>,
}

/// One case and its deal.
#[derive(Clone, Debug, Serialize)]
pub struct CaseTrace {
    /// Hash of the deal's key, if there is or will be one.
    #[serde(skip)]
    pub deal: Option<KeyHash>,
    /// The deal in HubSpot.
    pub hubspot: Option<HubspotId>,
    /// Places of its appointments, in order of start.
    pub visits: Vec<usize>,
    /// The one that drives it.
    pub driving: Option<usize>,
    /// Stage as last written.
    pub stage: Option<StageKey>,
    /// Stage that the evidence supports.
    pub supported: StageKey,
    /// A completed appointment names a stage after the first consultation.
    pub begun: bool,
    /// Another appointment keeps it alive.
    pub live: bool,
    /// How it ended.
    pub ending: Option<String>,
    /// Stage that the rules say.
    pub wanted: Option<StageKey>,
    /// Rule that says so; `None` = it stays.
    pub rule: Option<String>,
    /// Why nothing is done, or why it was lost.
    pub because: Option<String>,
    /// Sum of the revenue lines.
    pub revenue: Cents,
    /// Revenue lines with an amount.
    pub priced: u32,
    /// All revenue lines.
    pub lines: u32,
    /// Amount of the newest plan.
    pub plan_value: Option<Cents>,
    /// Marker lines (`pabg`) and their sum, which is no revenue.
    pub markers: (u32, Option<Cents>),
    /// Revenue lines by how their amount is known.
    pub provenance: BTreeMap<&'static str, u32>,
    /// `ivoris_flag`.
    pub flags: String,
    /// `behandlungsstartdate`.
    pub started: Option<String>,
}

/// Everything about one patient.
#[derive(Clone, Debug, Serialize)]
pub struct Chain {
    /// The patient's record; `None` = not in the inbox.
    pub patient: Option<Source>,
    /// The contact in HubSpot.
    pub contact: Option<HubspotId>,
    /// Appointments in order of start.
    pub visits: Vec<VisitTrace>,
    /// Appointments that are left out, and why.
    pub skipped: Vec<Source>,
    /// Entries.
    pub entries: Vec<EntryTrace>,
    /// Cases in order of their opening.
    pub cases: Vec<CaseTrace>,
    /// What an operator should look at.
    pub notes: Vec<String>,
    /// What a run would write now if HubSpot is as it was left.
    #[serde(skip)]
    pub due: Vec<Step>,
}

impl Decider<'_> {
    /// Decides about a patient once more, as if everything were looked at and HubSpot were as it was left.
    #[must_use]
    pub fn explain(&self, file: &PatientFile) -> Chain {
        let mut all = file.clone();
        all.patient.iter_mut().for_each(|one| one.queued = true);
        all.appointments.iter_mut().for_each(|one| one.queued = true);
        all.entries.iter_mut().for_each(|one| one.queued = true);
        let answers = Answers::remembered(&file.ledger);
        let decision = self.decide(&all, &answers, &mut Asks::default());
        let outcomes: BTreeMap<(Kind, KeyHash), String> = decision
            .plan
            .outcomes
            .iter()
            .map(|record| {
                let (word, why) = words(&record.outcome);
                let told = why.map_or_else(|| word.to_owned(), |why| format!("{word}: {why}"));
                ((record.kind, record.key), told)
            })
            .collect();
        let says = |kind: Kind, key: KeyHash| outcomes.get(&(kind, key)).cloned().unwrap_or_default();
        let history = gather(file, self);
        let cases = cut(&history.visits, self.rules());
        let owners = history.owners(&cases, self.deals);
        let skipped = history.skipped.iter().map(|(at, _)| {
            let filed = &file.appointments[*at];
            source(filed, says(Kind::Appointment, filed.key))
        });
        let contact = file.ledger.iter().find(|row| row.object == Object::Contact);
        let patient = file.patient.as_ref().map(|filed| source(filed, says(Kind::Patient, filed.key)));
        let in_inbox = patient.is_some();
        Chain {
            patient,
            contact: contact.map(|row| row.id),
            visits: (0..history.visits.len())
                .map(|at| {
                    let filed = &file.appointments[history.filed[at]];
                    let case = cases.iter().position(|case| case.visits.contains(&at)).filter(|_| in_inbox);
                    Self::visit(&history, at, source(filed, says(Kind::Appointment, filed.key)), case)
                })
                .collect(),
            skipped: skipped.collect(),
            entries: (0..file.entries.len())
                .map(|at| {
                    let filed = &file.entries[at];
                    entry(self.mapping, file, &history, at, source(filed, says(Kind::Entry, filed.key)), owners[at])
                })
                .collect(),
            cases: cases
                .iter()
                .zip(history.sums(&owners, cases.len()))
                .enumerate()
                .filter(|_| in_inbox)
                .map(|(at, (case, sums))| self.case(file, &history, case, &sums, provenance(&history, &owners, at)))
                .collect(),
            notes: decision.notes.into_iter().map(|(what, key)| format!("{what} ({key})")).collect(),
            due: decision.plan.steps,
        }
    }

    fn visit(history: &History<'_>, at: usize, source: Source, case: Option<usize>) -> VisitTrace {
        let visit = &history.visits[at];
        let used = history.classified.iter().zip(history.links());
        let entries = used.filter(|(classified, link)| classified.is_used() && **link == Some(at)).count();
        let says = visit.template.map(|row| {
            let stage = |name: &str, stage: &Option<StageKey>| stage.as_ref().map(|stage| format!("{name} {stage}"));
            let flag = |name: &str, set: bool| set.then(|| name.to_owned());
            let category = (!row.category.is_empty()).then(|| format!("category {}", row.category));
            let parts = [
                category,
                stage("booked →", &row.stage_on_booked),
                stage("completed →", &row.stage_on_completed),
                flag("opens_deal", row.opens_deal),
                flag("is_first_consult", row.is_first_consult),
                flag("is_treatment_start", row.is_treatment_start),
                flag("is_treatment_end", row.is_treatment_end),
                flag("attaches to no deal", !row.attaches),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        VisitTrace {
            source,
            start: visit.appointment.start.0.format("%Y-%m-%d %H:%M").to_string(),
            template: visit.appointment.template.clone(),
            row: visit.template.map(|row| row.name.clone()),
            row_says: says.unwrap_or_default(),
            status: visit.appointment.state.clone(),
            state: visit.state.map(AppointmentState::word),
            status_read: visit.status_read,
            location: visit.location.map(|row| row.key.to_string()),
            entries,
            case,
        }
    }

    fn case(
        &self,
        file: &PatientFile,
        history: &History<'_>,
        case: &crate::mapping::case::Case,
        sums: &Sums<'_>,
        provenance: BTreeMap<&'static str, u32>,
    ) -> CaseTrace {
        let of_deal = self.deal_case(file, history, case, sums, None);
        let found = of_deal.in_ledger().into_iter().max_by(|a, b| of_deal.worth(a).cmp(&of_deal.worth(b)));
        let (row, keyed) =
            found.map_or((None, case.keyed_by(&history.visits, self.deals)), |one| (one.row, Some(one.at)));
        let stage = row.and_then(|row| of_deal.stage_in(&row.base));
        let verdict = match row {
            Some(row) => of_deal.verdict(&row.base, Some(row), &row.memo),
            None => judge(case, &history.visits, &DealNow::default(), self.rules()),
        };
        let (facts, driving) = proof(case, &history.visits, stage.as_ref(), self.rules());
        let values = keyed.map(|at| of_deal.values(at, &verdict, &row.map(|row| row.base.clone()).unwrap_or_default()));
        let value = |word: SourceWord| values.as_ref().and_then(|values| values.get(&word)).cloned();
        let ending = case.ending.as_ref().map(|ending| match ending {
            Ending::Lost { rule, visit, .. } => format!("lost by {rule} at A:{}", history.keys[*visit]),
            Ending::Treated { visit } => format!("treatment ended at A:{}", history.keys[*visit]),
            Ending::Idle => "no visit for longer than case_idle_days".to_owned(),
            Ending::LostByPerson => "a person lost its deal".to_owned(),
        });
        let StageVerdict { stage: wanted, rule, reason, held, .. } = verdict;
        CaseTrace {
            deal: row.map(|row| row.key).or_else(|| keyed.filter(|_| wanted.is_some()).map(|at| history.keys[at])),
            hubspot: row.map(|row| row.id),
            visits: case.visits.clone(),
            driving,
            stage,
            supported: facts.supported,
            begun: facts.begun,
            live: facts.live,
            ending,
            wanted,
            rule: rule.map(|rule| rule.to_string()),
            because: held.map(|held| held.to_string()).or(reason),
            revenue: sums.revenue,
            priced: sums.priced,
            lines: sums.priced + sums.unpriced,
            plan_value: sums.plan_value,
            markers: (sums.markers.count, sums.markers.amount),
            provenance,
            flags: value(SourceWord::DealFlag).unwrap_or_default(),
            started: value(SourceWord::DealStartDate).filter(|day| !day.is_empty()),
        }
    }
}

fn source<T>(filed: &Filed<T>, outcome: String) -> Source {
    let Filed { record: _, origin, key, queued, read_now: _, first_read, status_read: _ } = filed;
    Source { key: *key, origin: origin.to_string(), first_read: *first_read, queued: *queued, outcome }
}

fn entry(
    mapping: &Mapping,
    file: &PatientFile,
    history: &History<'_>,
    at: usize,
    source: Source,
    case: Option<usize>,
) -> EntryTrace {
    let classified = &history.classified[at];
    let row = classified.row.and_then(|at| mapping.entry_kinds().get(at)).map(|row| match &row.matches {
        EntryMatch::Kind(kind) => format!("type {kind}"),
        EntryMatch::Codes(ranges) => {
            let codes: Vec<String> = ranges
                .iter()
                .map(|range| match range {
                    CodeRange::One(code) => code.clone(),
                    CodeRange::Span(first, last) => format!("{first}-{last}"),
                })
                .collect();
            format!("code {}", codes.join("|"))
        }
        EntryMatch::Text(_) => format!("text-regex, priority {}", row.priority),
    });
    EntryTrace {
        source,
        date: file.entries[at].record.date,
        row,
        handler: classified.handler.word(),
        amount: classified.amount,
        provenance: classified.provenance.word(),
        case,
        visit: history.links()[at],
    }
}

fn provenance(history: &History<'_>, owners: &[Option<usize>], case: usize) -> BTreeMap<&'static str, u32> {
    let mut counted = BTreeMap::new();
    let own = history.classified.iter().zip(owners).filter(|(_, owner)| **owner == Some(case));
    for (classified, _) in own.filter(|(classified, _)| classified.counts_revenue) {
        *counted.entry(classified.provenance.word()).or_insert(0) += 1;
    }
    counted
}
