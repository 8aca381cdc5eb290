//! The screen of `why`: from the source record over tables and rules to what was written, one thing per line.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::change;
use super::lexicon::Lexicon;
use super::line::{Line, Look, counted};
use crate::domain::{Cents, KeyHash, Kind, Object, RowAt, RunId};
use crate::pass::{CaseTrace, Chain, EntryTrace, Source, VisitTrace};
use crate::store::{Fit, StepFate, StepLine, Trace};

/// Writes that are shown unless all are asked for.
const SHOWN: usize = 12;
const LEFT: usize = 16;

/// What the screen is made from.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    /// What was asked for.
    pub asked: Fit,
    /// What was decided.
    pub chain: &'a Chain,
    /// What was written, newest first.
    pub traces: &'a [Trace],
    /// Digest of the tables that a run decided with.
    pub decided_with: &'a BTreeMap<RunId, String>,
    /// How values are shown.
    pub lexicon: &'a Lexicon,
    /// Digest of the tables it was decided with.
    pub mapping: &'a str,
    /// Zone of the practice.
    pub zone: Tz,
    /// Width of the screen.
    pub width: usize,
}

/// The pseudonym of a fit.
#[must_use]
pub fn pseudonym(fit: Fit) -> String {
    format!("{}:{}", fit.kind.map_or('D', Kind::letter), fit.key)
}

/// What a fit is, in a word.
#[must_use]
pub fn word(fit: Fit) -> &'static str {
    fit.kind.map_or("deal", one)
}

/// Several records that a key fits.
#[must_use]
pub fn fits(fits: &[Fit]) -> Vec<Line> {
    fits.iter()
        .map(|fit| {
            let line = Line::of("  ").look(Look::Strong, &pseudonym(*fit)).pad_to(LEFT).plain(word(*fit)).pad_to(30);
            line.look(Look::Faint, &format!("of P:{}", fit.patient))
        })
        .collect()
}

const fn one(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient => "patient",
        Kind::Appointment => "appointment",
        Kind::Entry => "entry",
    }
}

fn head(word: &str, pseudonym: &str) -> Line {
    Line::new().look(Look::Strong, word).pad_to(LEFT).look(Look::Strong, pseudonym)
}

fn field(name: &str, text: &str) -> Line {
    Line::of("  ").look(Look::Faint, name).pad_to(LEFT).plain(text)
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

impl Why<'_> {
    /// The whole screen.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let asked = self.asked;
        let visit = |key: KeyHash| self.chain.visits.iter().position(|visit| visit.source.key == key);
        match asked.kind {
            Some(Kind::Patient) => {
                lines.extend(self.patient());
                self.chain.cases.iter().enumerate().for_each(|(at, case)| lines.extend(self.case(at, case)));
                lines.extend(self.loose());
            }
            Some(Kind::Appointment) => {
                if let Some(found) = visit(asked.key) {
                    lines.extend(Self::visit(&self.chain.visits[found]));
                    let case = self.chain.visits[found].case;
                    match case.and_then(|at| Some((at, self.chain.cases.get(at)?))) {
                        Some((at, case)) => lines.extend(self.case(at, case)),
                        None => lines
                            .push(field("deal", "belongs to none: it opens no deal, and none was open at its start")),
                    }
                } else if let Some(skipped) = self.chain.skipped.iter().find(|one| one.key == asked.key) {
                    lines.push(head("appointment", &pseudonym(asked)));
                    lines.extend(came(skipped));
                }
            }
            Some(Kind::Entry) => {
                for entry in self.chain.entries.iter().filter(|entry| entry.source.key == asked.key) {
                    lines.extend(self.entry(entry));
                }
            }
            None => {
                let own = self.chain.cases.iter().enumerate().filter(|(_, case)| case.deal == Some(asked.key));
                own.for_each(|(at, case)| lines.extend(self.case(at, case)));
            }
        }
        lines.extend(self.writes());
        lines.extend(self.chain.notes.iter().map(|note| field("note", note)));
        lines.push(self.due());
        lines.into_iter().flat_map(|line| line.wrapped(self.width, LEFT)).collect()
    }

    fn patient(&self) -> Vec<Line> {
        let contact = self.chain.contact.map_or("no contact yet".to_owned(), |id| format!("contact {id}"));
        let mut lines = vec![head("patient", &pseudonym(self.asked)).plain(&format!("   {contact}"))];
        match &self.chain.patient {
            Some(source) => {
                lines.extend(came(source));
                lines.extend(rows(&self.chain.patient_rows));
            }
            None => lines.push(field("ivoris", "not in the inbox: its records wait for it")),
        }
        let used = self.chain.entries.iter().filter(|entry| entry.case.is_some()).count();
        let visits = counted(self.chain.visits.len() as u64, "appointment", "appointments");
        let entries = counted(self.chain.entries.len() as u64, "entry", "entries");
        let cases = counted(self.chain.cases.len() as u64, "case", "cases");
        lines.push(field("records", &format!("{visits}, {entries} ({used} in a case), {cases}")));
        lines
    }

    fn visit(visit: &VisitTrace) -> Vec<Line> {
        let state = visit.state.unwrap_or("unknown");
        let place = visit.location.as_deref().unwrap_or("no location");
        let mut lines = vec![
            head("appointment", &format!("A:{}", visit.source.key))
                .plain(&format!("   {}  {place}  {state}", visit.start)),
        ];
        lines.extend(came(&visit.source));
        lines.push(match &visit.row {
            Some(row) => field("terminarten", &format!("\"{}\" → \"{row}\": {}", visit.template, visit.row_says)),
            None => field("terminarten", &format!("\"{}\" has no row", visit.template)),
        });
        lines.push(match visit.state {
            Some(state) => {
                field("status", &format!("\"{}\" → {state}, first read {}", visit.status, visit.status_read))
            }
            None => field("status", &format!("\"{}\" has no row", visit.status)),
        });
        lines.extend(rows(&visit.rows));
        lines.push(field("entries", &format!("{} linked and used", visit.entries)));
        lines
    }

    fn case(&self, at: usize, case: &CaseTrace) -> Vec<Line> {
        let name = format!("case {}", at + 1);
        let deal = case.deal.map_or("no deal".to_owned(), |key| format!("D:{key}"));
        let there = case.hubspot.map_or("not written".to_owned(), |id| format!("deal {id}"));
        let mut lines = vec![
            Line::new(),
            head(&name, &deal).plain(&format!("   {}", if case.deal.is_some() { there } else { String::new() })),
        ];
        for place in &case.visits {
            let visit = &self.chain.visits[*place];
            let mark = if self.asked.kind == Some(Kind::Appointment) && visit.source.key == self.asked.key {
                "▸"
            } else {
                " "
            };
            let driving = if case.driving == Some(*place) { "  drives" } else { "" };
            let entries = if visit.entries > 0 {
                format!("  {}", counted(visit.entries as u64, "entry", "entries"))
            } else {
                String::new()
            };
            let text = format!(
                "{mark} A:{}  {}  {}  \"{}\"{entries}{driving}",
                visit.source.key,
                visit.start,
                visit.state.unwrap_or("unknown"),
                visit.template
            );
            lines.push(field(if case.visits.first() == Some(place) { "appointments" } else { "" }, &text));
        }
        lines.push(field(
            "evidence",
            &format!("supports {}, begun {}, live {}", case.supported, yes(case.begun), yes(case.live)),
        ));
        if let Some(ending) = &case.ending {
            lines.push(field("ended", ending));
        }
        let now = case.stage.as_ref().map_or("none".to_owned(), ToString::to_string);
        let rule = case.rule.as_ref().map(|rule| match case.rule_row {
            Some(row) => format!("{rule} ({row})"),
            None => rule.clone(),
        });
        let decided = match (&case.wanted, &rule, &case.because) {
            (_, None, Some(why)) => format!("{now} stays: {why}"),
            (Some(wanted), Some(rule), Some(why)) => format!("{now} → {wanted} by rule {rule}: {why}"),
            (Some(wanted), Some(rule), None) => format!("{now} → {wanted} by rule {rule}"),
            (Some(wanted), None, None) => format!("{wanted}, no rule moves it"),
            (None, _, None) | (None, Some(_), Some(_)) => "no appointment opened a deal".to_owned(),
        };
        lines.push(field("stage", &decided));
        lines.extend(money(case));
        if let Some(day) = &case.started {
            lines.push(field("start", &format!("behandlungsstartdate {day}")));
        }
        if !case.flags.is_empty() {
            lines.push(field("flags", &case.flags.replace(';', ", ")));
        }
        lines
    }

    /// Appointments without a case, by their next `why`.
    fn loose(&self) -> Vec<Line> {
        let loose = self.chain.visits.iter().filter(|visit| visit.case.is_none());
        let text = |visit: &VisitTrace| {
            let state = visit.state.unwrap_or("unknown");
            format!("A:{}  {}  {state}  \"{}\"  no deal", visit.source.key, visit.start, visit.template)
        };
        loose.map(|visit| field("", &text(visit))).collect()
    }

    fn entry(&self, entry: &EntryTrace) -> Vec<Line> {
        let mut lines = vec![head("entry", &format!("E:{}", entry.source.key)).plain(&format!("   {}", entry.date))];
        lines.extend(came(&entry.source));
        lines.push(match &entry.row {
            Some(row) => field("eintragsarten", &format!("{row}: {}", entry.handler)),
            None => field("eintragsarten", "no row fits"),
        });
        lines.extend(rows(&entry.rows));
        let amount = entry.amount.map_or("none".to_owned(), |cents| cents.to_string());
        lines.push(field("amount", &format!("{amount} ({})", entry.provenance)));
        let visit = entry.visit.and_then(|at| self.chain.visits.get(at));
        lines.push(match visit {
            Some(visit) => field("appointment", &format!("A:{}  {}", visit.source.key, visit.start)),
            None => field("appointment", "none that day"),
        });
        let deal = entry.case.and_then(|at| self.chain.cases.get(at)?.deal);
        lines.push(field("deal", &deal.map_or("none".to_owned(), |key| format!("D:{key}"))));
        lines
    }

    /// Writes on what was asked for; of a patient all of them.
    fn writes(&self) -> Vec<Line> {
        let own = |trace: &&Trace| {
            let step = &trace.step;
            match self.asked.kind {
                Some(Kind::Patient) => true,
                Some(Kind::Entry) => false,
                Some(Kind::Appointment) | None => {
                    step.key == self.asked.key && Some(step.object) == self.asked.object()
                        || self.asked.kind == Some(Kind::Appointment) && self.of_its_deal(step)
                }
            }
        };
        let all: Vec<&Trace> = self.traces.iter().filter(own).collect();
        let mut lines = vec![Line::new(), Line::new().look(Look::Strong, "writes").look(Look::Faint, ", newest first")];
        for trace in all.iter().take(SHOWN) {
            let at = trace.started.with_timezone(&self.zone).format("%Y-%m-%d %H:%M");
            let fate = match trace.fate {
                StepFate::Waiting => "waiting to be sent".to_owned(),
                StepFate::Written => "written".to_owned(),
                StepFate::Refused => format!("refused: {}", trace.problem.as_deref().unwrap_or("unknown")),
                StepFate::Dropped => "dropped, planned anew".to_owned(),
            };
            let short: String = trace.run.to_string().chars().take(8).collect();
            let tables =
                self.decided_with.get(&trace.run).map_or_else(String::new, |tables| format!(", tables {tables}"));
            lines.push(
                Line::of("  ").look(Look::Faint, &format!("{at}  {} run {short}{tables}  {fate}", trace.command)),
            );
            lines.extend(change::lines(&trace.step, self.lexicon, self.asked.kind != Some(Kind::Patient)));
        }
        if all.is_empty() {
            return vec![field("writes", "none so far")];
        }
        if all.len() > SHOWN {
            lines.push(field("", &format!("and {} older ones (--json has all)", all.len() - SHOWN)));
        }
        lines
    }

    fn of_its_deal(&self, step: &StepLine) -> bool {
        let visit = self.chain.visits.iter().find(|visit| visit.source.key == self.asked.key);
        let deal = visit.and_then(|visit| self.chain.cases.get(visit.case?)?.deal);
        step.object == Object::Deal && Some(step.key) == deal
    }

    fn due(&self) -> Line {
        let due = self.chain.due.len() as u64;
        let tables = format!("   tables {}", self.mapping);
        if due == 0 {
            return Line::new().look(Look::Good, "nothing to write").look(Look::Faint, &tables);
        }
        let changes = counted(due, "change", "changes");
        Line::new().look(Look::Warn, &format!("{changes} to write for this patient")).look(Look::Faint, &tables)
    }
}

fn came(source: &Source) -> Vec<Line> {
    let queued = if source.queued { ", queued" } else { "" };
    let mut lines = vec![field("ivoris", &format!("{}, first read {}{queued}", source.origin, source.first_read))];
    if !source.outcome.is_empty() {
        lines.push(field("outcome", &source.outcome));
    }
    lines
}

/// Where the rows stand that a record met.
fn rows(rows: &[RowAt]) -> Option<Line> {
    let places: Vec<String> = rows.iter().map(ToString::to_string).collect();
    (!places.is_empty()).then(|| field("rows", &places.join(", ")))
}

fn money(case: &CaseTrace) -> Vec<Line> {
    let mut lines = Vec::new();
    if case.lines > 0 {
        let how: Vec<String> = case.provenance.iter().map(|(word, count)| format!("{word} {count}")).collect();
        let text = format!("{} in {} of {} billing lines ({})", case.revenue, case.priced, case.lines, how.join(", "));
        lines.push(field("revenue", &text));
    }
    if let Some(plan) = case.plan_value {
        lines.push(field("plan", &plan.to_string()));
    }
    let (count, sum) = case.markers;
    if count > 0 {
        let sum: Cents = sum.unwrap_or_default();
        lines.push(field("pabg", &format!("{}, {sum} not in revenue", counted(u64::from(count), "line", "lines"))));
    }
    lines
}
