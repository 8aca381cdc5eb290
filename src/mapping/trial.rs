//! `tests.csv`: the operator's own cases, put to the same walk and rules that decide about deals.

use chrono::{Days, NaiveDate};

use crate::domain::{
    Appointment, AppointmentId, AppointmentState, InstanceKey, LocalTime, PatientId, PatientRef, SourceIds, StageKey,
    StageKind,
};

use super::case::{DealNow, Rules, StageVerdict, Visit, cut, judge};
use super::fold::fold;
use super::index::Mapping;
use super::problem::{Level, Problem, advice};
use super::ruling::Rulings;
use super::settings::{DealSettings, Grain};
use super::tables::{Action, Template};

/// A day for templates that hold on any day.
const ANY_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");

/// One row of `tests.csv`: an appointment, the deal it meets, and what is expected to become of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it is called.
    pub name: String,
    /// Terminart as Ivoris has it.
    pub template: String,
    /// Status as Ivoris has it, or one of our words.
    pub status: String,
    /// Confirmation as Ivoris has it.
    pub confirmation: String,
    /// Stage of the deal; `None` = there is none.
    pub stage: Option<StageKey>,
    /// The stage it held before.
    pub previous: Option<StageKey>,
    /// The furthest stage that earlier appointments support.
    pub supported: Option<StageKey>,
    /// Entries of the appointment.
    pub entries: u32,
    /// A later stage of treatment was completed before.
    pub begun: bool,
    /// Another appointment keeps the case alive.
    pub live: bool,
    /// Day of the appointment.
    pub day: Option<NaiveDate>,
    /// What is expected; empty cells expect nothing.
    pub expected: Expected,
    /// Where the row stands.
    pub(crate) place: Problem,
}

/// The last three columns, each with its place.
#[derive(Clone, Debug)]
pub struct Expected {
    /// A stage key, or `none`.
    pub stage: (String, Problem),
    /// What is done.
    pub action: (String, Problem),
    /// Id of the rule, or `none`.
    pub rule: (String, Problem),
}

/// What may stand in `expect_action`.
pub(crate) const ACTIONS: [&str; 8] = ["open", "advance", "lose", "push_back", "hold", "keep", "reopen", "none"];

/// What the rules say of a case.
struct Said {
    stage: String,
    action: &'static str,
    rule: String,
}

/// Puts every case of `tests.csv` to the rules; a problem (M060) for each answer that is not the expected one.
#[must_use]
pub fn try_cases(mapping: &Mapping, settings: &DealSettings) -> Vec<Problem> {
    let rulings = Rulings::new(mapping);
    let mut problems = Vec::new();
    for trial in &mapping.tables().trials {
        let said = match said(trial, mapping, &rulings, settings) {
            Ok(said) => said,
            Err(problem) => {
                problems.push(*problem);
                continue;
            }
        };
        let Expected { stage, action, rule } = &trial.expected;
        let answers =
            [("stage", stage, said.stage.as_str()), ("action", action, said.action), ("rule", rule, &said.rule)];
        let wrong: Vec<_> =
            answers.iter().filter(|(_, (wanted, _), is)| !wanted.is_empty() && fold(wanted) != fold(is)).collect();
        let Some((_, (_, place), _)) = wrong.first() else { continue };
        let told: Vec<String> =
            wrong.iter().map(|(what, (wanted, _), is)| format!("{what} {is} instead of {wanted}")).collect();
        let message = format!("\"{}\" answers {}", trial.name, told.join(", "));
        let note = format!("the rules say: {} to {} by {}", said.action, said.stage, said.rule);
        let problem = Problem { message, ..place.clone() }.note(note);
        problems.push(problem.help("correct the tables; or the case, if this is what you want now"));
    }
    problems
}

/// The same for a run that does not check: warnings.
#[must_use]
pub fn warn_of_cases(mapping: &Mapping, settings: &DealSettings) -> Vec<Problem> {
    try_cases(mapping, settings).into_iter().map(|problem| Problem { level: Level::Warning, ..problem }).collect()
}

fn said(trial: &Trial, mapping: &Mapping, rulings: &Rulings, settings: &DealSettings) -> Result<Said, Box<Problem>> {
    let day = trial.day.unwrap_or_else(|| day_of(&trial.template, mapping));
    let Some(template) = mapping.template(&trial.template, day) else {
        let message = format!("\"{}\": \"{}\" has no row in terminarten.csv", trial.name, trial.template);
        let rows = &mapping.tables().templates;
        let mut problem = Problem { message, ..trial.place.clone() };
        problem.help = advice(&trial.template, rows.iter().map(|row| row.name.as_str()));
        return Err(Box::new(problem));
    };
    let own = AppointmentState::ALL.into_iter().find(|state| state.word() == fold(&trial.status));
    let Some(state) = mapping.state(&trial.status, &trial.confirmation).ok().or(own) else {
        let message = format!("\"{}\": \"{}\" has no row in status.csv", trial.name, trial.status);
        let rows = &mapping.tables().status;
        let mut problem = Problem { message, ..trial.place.clone() };
        problem.help = advice(&trial.status, rows.iter().map(|row| row.value.as_str()));
        return Err(Box::new(problem));
    };
    let staged = Staged::of(trial, template, state, day, mapping, settings);
    let visits = staged.visits();
    let rules = Rules { mapping, rulings, settings, today: day };
    let cases = cut(&visits, rules);
    let own = visits.iter().position(|visit| visit.appointment.id == staged.own);
    let case = cases.iter().find(|case| own.is_some_and(|own| case.visits.contains(&own)));
    let kind = trial.stage.as_ref().and_then(|stage| mapping.stage(stage)).map(|row| row.kind);
    let now = DealNow {
        stage: trial.stage.as_ref(),
        previous: trial.previous.as_ref(),
        lost_by_tool: kind == Some(StageKind::Lost),
        closed_by_tool: matches!(kind, Some(StageKind::Lost | StageKind::Won)),
        locked: false,
        pushed: None,
        moved_by_person: false,
    };
    let verdict = case.map(|case| judge(case, &visits, &now, rules)).unwrap_or_default();
    let word = |stage: Option<&StageKey>| stage.map_or_else(|| "none".to_owned(), |stage| stage.as_str().to_owned());
    Ok(Said {
        action: action(trial, &verdict, mapping),
        stage: word(verdict.stage.as_ref().or(trial.stage.as_ref())),
        rule: verdict.rule.as_ref().map_or_else(|| "none".to_owned(), |rule| rule.as_str().to_owned()),
    })
}

fn action(trial: &Trial, verdict: &StageVerdict, mapping: &Mapping) -> &'static str {
    let row = verdict.rule.as_ref().and_then(|rule| mapping.rules().iter().find(|row| row.id == *rule));
    match (&trial.stage, &verdict.stage, verdict.held.is_some()) {
        (_, _, true) => "hold",
        (None, None, false) => "none",
        (Some(_), None, false) => "keep",
        (Some(was), Some(is), false) if was == is => match row.map(|row| row.action) {
            Some(Action::Hold) => "hold",
            Some(Action::Open | Action::Advance | Action::Lose | Action::PushBack) | None => "keep",
        },
        (None, Some(_), false) if row.is_none_or(|row| row.action != Action::Lose) => "open",
        (_, Some(_), false) => match row.map(|row| row.action) {
            Some(Action::Open) => "open",
            Some(Action::Advance) => "advance",
            Some(Action::Lose) => "lose",
            Some(Action::PushBack) => "push_back",
            Some(Action::Hold) => "hold",
            None => "reopen",
        },
    }
}

/// A day on which the newest row of a Terminart holds.
fn day_of(template: &str, mapping: &Mapping) -> NaiveDate {
    let wanted = [fold(template), fold(mapping.without_location_prefix(template))];
    let named =
        |row: &&Template| wanted.contains(&fold(&format!("{}{}", row.prefix.as_deref().unwrap_or_default(), row.name)));
    let row = mapping.tables().templates.iter().rev().find(named);
    row.and_then(|row| row.valid_from.or(row.valid_to)).unwrap_or(ANY_DAY)
}

/// The appointment of a case, with those before and after it that make its history what the row says.
struct Staged {
    own: AppointmentId,
    visits: Vec<(Appointment, Template, AppointmentState, bool)>,
}

impl Staged {
    fn of(
        trial: &Trial,
        template: &Template,
        state: AppointmentState,
        day: NaiveDate,
        mapping: &Mapping,
        settings: &DealSettings,
    ) -> Self {
        let own = appointment("own", day, &trial.template);
        let mut staged = Self { own: own.id.clone(), visits: vec![(own, template.clone(), state, trial.entries > 0)] };
        // Far enough not to keep a case alive. In grain appointment only what comes later belongs to the same deal.
        let far = u64::from(settings.rebook_days) + 10;
        let elsewhere = match settings.grain {
            Grain::Case => day.checked_sub_days(Days::new(far)),
            Grain::Appointment => day.checked_add_days(Days::new(far)),
        };
        let elsewhere = elsewhere.unwrap_or(day);
        let silent = Template {
            stage_on_booked: None,
            stage_on_completed: None,
            opens_deal: false,
            attaches: true,
            is_treatment_start: false,
            is_treatment_end: false,
            is_misc: false,
            ..template.clone()
        };
        let speaking = |stage: Option<StageKey>| Template {
            opens_deal: settings.grain == Grain::Case,
            stage_on_completed: stage,
            ..silent.clone()
        };
        // An appointment that opens no deal meets one that another appointment has brought where it is.
        let brought = (!template.opens_deal).then(|| trial.stage.clone()).flatten();
        if let Some(stage) = trial.supported.clone().or(brought) {
            staged.add("supported", elsewhere, speaking(Some(stage)), true, AppointmentState::Completed);
        }
        if trial.begun {
            let consulted = mapping.rank(&StageKey::new(super::ruling::CONSULTED));
            let later = mapping.tables().stages.iter().find(|row| mapping.rank(&row.key) > consulted);
            let stage = later.map(|row| row.key.clone());
            staged.add("begun", elsewhere, speaking(stage), false, AppointmentState::Completed);
        }
        if trial.live {
            let near = [day.pred_opt(), day.succ_opt()].into_iter().flatten();
            for (name, day) in ["before", "after"].into_iter().zip(near) {
                staged.add(name, day, silent.clone(), false, AppointmentState::Booked);
            }
        }
        staged.visits.sort_by_key(|(appointment, ..)| appointment.start);
        staged
    }

    fn add(&mut self, id: &str, day: NaiveDate, template: Template, entries: bool, state: AppointmentState) {
        self.visits.push((appointment(id, day, &template.name), template, state, entries));
    }

    fn visits<'s>(&'s self) -> Vec<Visit<'s>> {
        let visit =
            |(appointment, template, state, has_entries): &'s (Appointment, Template, AppointmentState, bool)| Visit {
                appointment,
                state: Some(*state),
                template: Some(template),
                location: None,
                counts: true,
                status_read: appointment.start.day(),
                made: appointment.start.day(),
                lost_on: None,
                has_entries: *has_entries,
                signal: None,
                loose_signal: None,
            };
        self.visits.iter().map(visit).collect()
    }
}

fn appointment(id: &str, day: NaiveDate, template: &str) -> Appointment {
    Appointment {
        id: AppointmentId::keyed("", id).expect("letters only"),
        instance: InstanceKey::new("tests"),
        patient: PatientRef::Id(PatientId::new("tests")),
        start: LocalTime(day.and_time(chrono::NaiveTime::MIN)),
        end: None,
        template: template.to_owned(),
        chair: String::new(),
        practitioner: String::new(),
        location: None,
        state: String::new(),
        confirmation: String::new(),
        created: None,
        changed: None,
        ids: SourceIds::default(),
    }
}
