//! Whether another appointment keeps a case alive (design.md section 4b), asked of visit after visit in order of start.
//!
//! However many visits a patient has within `rebook_days`, each is looked at once per case key, not with every other one.

use chrono::{Days, NaiveDate};

use crate::domain::{AppointmentState, LocationKey};
use crate::mapping::settings::Grain;

use super::evidence::key_of;
use super::{Rules, Visit};

/// A patient's visits, asked which of them keeps the case of a driving one alive; later ones are asked after earlier ones.
pub(super) struct Lives<'a, 'v> {
    visits: &'a [Visit<'v>],
    rules: Rules<'a>,
    /// One for each case key that was asked about.
    keys: Vec<Near<'a>>,
}

/// What is known of the visits of one case key, up to the visit that was asked about last.
struct Near<'a> {
    key: Option<&'a LocationKey>,
    /// The first active one in the whole history.
    active: Option<usize>,
    /// None before this place can be the next active or completed one.
    next: usize,
    /// Those before this place are part of `done`.
    read: usize,
    /// Completed ones with the rank of the stage that each names, but for those that a later one makes superfluous: the
    /// later, the lower.
    done: Vec<(u32, usize)>,
}

impl<'a, 'v> Lives<'a, 'v> {
    pub(super) const fn new(visits: &'a [Visit<'v>], rules: Rules<'a>) -> Self {
        Self { visits, rules, keys: Vec::new() }
    }

    /// Whether another visit keeps the case with this key alive whose driving visit is the one at this place.
    pub(super) fn is_live(&mut self, driving: usize, key: Option<&'a LocationKey>) -> bool {
        let window = Days::new(u64::from(self.rules.settings.rebook_days));
        let day = self.visits[driving].appointment.start.day();
        let (first, last) = (day.checked_sub_days(window), day.checked_add_days(window));
        match self.rules.settings.grain {
            Grain::Case => {
                let at = self.place_of(key);
                self.is_active_before(at, driving)
                    || self.is_followed(at, driving, last)
                    || self.is_replaced(at, driving, first)
            }
            Grain::Appointment => self.has_attached(driving, last),
        }
    }

    fn look(&self, at: usize) -> Option<&'a Visit<'v>> {
        #[cfg(test)]
        LOOKS.set(LOOKS.get() + 1);
        self.visits.get(at)
    }

    /// Place of what is known of a key.
    fn place_of(&mut self, key: Option<&'a LocationKey>) -> usize {
        if let Some(at) = self.keys.iter().position(|near| near.key == key) {
            return at;
        }
        let is_active =
            |at: &usize| self.look(*at).is_some_and(|one| one.is_active() && key_of(one, self.rules) == key);
        let active = (0..self.visits.len()).find(is_active);
        self.keys.push(Near { key, active, next: 0, read: 0, done: Vec::new() });
        self.keys.len() - 1
    }

    /// An active one starts before it, however long.
    fn is_active_before(&self, near: usize, driving: usize) -> bool {
        let start = |at: usize| self.visits[at].appointment.start;
        self.keys[near].active.is_some_and(|active| start(active) < start(driving))
    }

    /// An active or completed one starts after it, until `last`.
    fn is_followed(&mut self, near: usize, driving: usize, last: Option<NaiveDate>) -> bool {
        let (start, key) = (self.visits[driving].appointment.start, self.keys[near].key);
        let mut at = self.keys[near].next.max(driving + 1);
        let found = loop {
            let Some(other) = self.look(at).filter(|one| last.is_none_or(|last| one.appointment.start.day() <= last))
            else {
                break false;
            };
            let there = other.is_active() || other.is_completed();
            if there && other.appointment.start > start && key_of(other, self.rules) == key {
                break true;
            }
            at += 1;
        };
        self.keys[near].next = at;
        found
    }

    /// It was cancelled, and a completed one that names the same or a later stage starts before it, from `first` on.
    fn is_replaced(&mut self, near: usize, driving: usize, first: Option<NaiveDate>) -> bool {
        let lost = &self.visits[driving];
        if lost.state != Some(AppointmentState::Cancelled) {
            return false;
        }
        let (rules, key) = (self.rules, self.keys[near].key);
        let named = |visit: &Visit<'_>| visit.named_stage().map(|stage| rules.mapping.rank(stage));
        while let Some(other) = self.look(self.keys[near].read) {
            if other.appointment.start >= lost.appointment.start {
                break;
            }
            let near = &mut self.keys[near];
            let rank = named(other).filter(|_| other.is_completed() && key_of(other, rules) == key);
            if let Some(rank) = rank {
                while near.done.last().is_some_and(|(before, _)| *before <= rank) {
                    near.done.pop();
                }
                near.done.push((rank, near.read));
            }
            near.read += 1;
        }
        let least = named(lost).unwrap_or(0);
        let latest = self.keys[near].done.iter().rev().find(|(rank, _)| *rank >= least);
        latest.is_some_and(|(_, at)| first.is_none_or(|first| self.visits[*at].appointment.start.day() >= first))
    }

    /// Grain appointment: one that attaches to the same deal is active or completed and starts after it, until `last`;
    /// the driving visit is the deal's first, and the next opening one has a deal of its own.
    fn has_attached(&self, driving: usize, last: Option<NaiveDate>) -> bool {
        let start = self.visits[driving].appointment.start;
        let others = (driving + 1..).map_while(|at| self.look(at));
        let others = others
            .take_while(|one| !one.opens() && last.is_none_or(|last| one.appointment.start.day() <= last))
            .filter(|one| one.appointment.start > start);
        others.into_iter().any(|one| one.is_active() || one.is_completed())
    }
}

#[cfg(test)]
thread_local! {
    /// How often a visit was looked at.
    static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::cut;
    use super::super::tests::{appointments, visits_of};
    use super::*;
    use crate::domain::{Appointment, LocalTime};
    use crate::mapping::{CaseKey, DealSettings, Mapping, Rulings, shipped};

    const TEMPLATES: [&str; 5] =
        ["Erstberatung Aligner", "Planbesprechung", "Entbänderung", "Kontrolle Aligner", "Ohne Zeile"];
    const STATES: [&str; 6] = ["geplant", "fertig", "abgesagt", "nicht erschienen", "geklärt", "verwirbelt"];
    const PLACES: [&str; 3] = ["nord", "sued", "mitte"];

    /// Day and hour, Terminart, status, location.
    type Row = (u32, usize, usize, usize);

    /// At most eight visits a day, in order of start.
    fn rows(all: &[Row]) -> Vec<(Appointment, bool)> {
        let first: NaiveDate = "2025-01-01".parse().expect("a day");
        let line = |(time, template, state, place): &Row| {
            let day = first + Days::new(u64::from(time / 8));
            format!("{day} {}, {}, @{}", TEMPLATES[*template], STATES[*state], PLACES[*place])
        };
        let mut rows = appointments(&all.iter().map(line).collect::<Vec<_>>().join("\n"));
        for (row, _) in &mut rows {
            let at: usize = row.id.as_str().trim_start_matches('a').parse().expect("its number");
            row.start = LocalTime(row.start.day().and_hms_opt(8 + all[at].0 % 8, 0, 0).expect("a time"));
        }
        rows.sort_by(|(one, _), (other, _)| (one.start, &one.id).cmp(&(other.start, &other.id)));
        rows
    }

    fn with_rules<R>(settings: DealSettings, test: impl Fn(&Mapping, Rules<'_>) -> R) -> R {
        static TABLES: LazyLock<(Mapping, Rulings)> = LazyLock::new(|| {
            let mapping = shipped();
            let rulings = Rulings::new(&mapping);
            (mapping, rulings)
        });
        let (mapping, rulings) = &*TABLES;
        test(mapping, Rules { mapping, rulings, settings: &settings, today: NaiveDate::MIN })
    }

    fn settings() -> impl Strategy<Value = DealSettings> {
        let grain = prop_oneof![3 => Just(Grain::Case), 1 => Just(Grain::Appointment)];
        let case_key = prop_oneof![Just(CaseKey::Patient), Just(CaseKey::PatientLocation)];
        (grain, case_key, 0_u32..9).prop_map(|(grain, case_key, rebook_days)| DealSettings {
            grain,
            case_key,
            rebook_days,
            ..DealSettings::default()
        })
    }

    /// Design.md section 4 (b) and (g), word by word, over all visits.
    fn defined(visits: &[Visit<'_>], driving: usize, key: Option<&LocationKey>, rules: Rules<'_>) -> bool {
        let lost = &visits[driving];
        let t = lost.appointment.start;
        let days = |visit: &Visit<'_>| (visit.appointment.start.day() - t.day()).num_days();
        let window = i64::from(rules.settings.rebook_days);
        let appointment = rules.settings.grain == Grain::Appointment;
        let next = visits.iter().skip(driving + 1).position(Visit::opens).map_or(visits.len(), |at| driving + 1 + at);
        let others = visits.iter().enumerate().filter(|(at, one)| {
            if appointment { (driving + 1..next).contains(at) } else { *at != driving && key_of(one, rules) == key }
        });
        let rank = |visit: &Visit<'_>| visit.named_stage().map(|stage| rules.mapping.rank(stage));
        others.into_iter().any(|(_, one)| {
            let (before, after) = (one.appointment.start < t, one.appointment.start > t);
            (one.is_active() && before)
                || ((one.is_active() || one.is_completed()) && after && days(one) <= window)
                || (lost.state == Some(AppointmentState::Cancelled)
                    && one.is_completed()
                    && before
                    && days(one) >= -window
                    && rank(one) >= Some(rank(lost).unwrap_or(0)))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_keeps_a_case_alive_is_what_the_definition_says(
            all in prop::collection::vec((0_u32..200, 0_usize..5, 0_usize..6, 0_usize..3), 1..20),
            settings in settings(),
        ) {
            with_rules(settings, |mapping, rules| {
                let rows = rows(&all);
                let visits = visits_of(&rows, mapping);
                let mut lives = Lives::new(&visits, rules);
                for (at, visit) in visits.iter().enumerate() {
                    for key in [key_of(visit, rules), key_of(&visits[0], rules)] {
                        prop_assert_eq!(lives.is_live(at, key), defined(&visits, at, key, rules), "{} {:?}", at, key);
                    }
                }
                Ok(())
            })?;
        }
    }

    /// Every way in which a month can be crowded.
    #[test]
    fn a_crowded_month_is_looked_at_a_few_times() {
        const MANY: u32 = 4_000;
        let crowd = |template: usize, state: &[usize]| -> Vec<Row> {
            (0..MANY)
                .map(|at| (at * 8 * 30 / MANY, template, state[at as usize % state.len()], at as usize % 3))
                .collect()
        };
        for (grain, case_key) in [
            (Grain::Case, CaseKey::Patient),
            (Grain::Case, CaseKey::PatientLocation),
            (Grain::Appointment, CaseKey::Patient),
        ] {
            let keys = if case_key == CaseKey::Patient { 1 } else { PLACES.len() };
            for template in 0..TEMPLATES.len() {
                for states in [&[0][..], &[1], &[2], &[3], &[4], &[1, 2], &[2, 3], &[0, 1, 2, 3, 4, 5]] {
                    let looks =
                        with_rules(DealSettings { grain, case_key, ..DealSettings::default() }, |mapping, rules| {
                            let mut all = crowd(template, states);
                            // Whatever the others are, they have a case to belong to.
                            all[0] = (0, 0, 1, 0);
                            let rows = rows(&all);
                            LOOKS.set(0);
                            let cases = cut(&visits_of(&rows, mapping), rules);
                            assert!(!cases.is_empty());
                            LOOKS.get()
                        });
                    // The first active one, the next one and those before; each of them stops at a visit once per question.
                    let bound = (keys + 1) * 3 * MANY as usize;
                    assert!(looks < bound, "{grain:?} by {case_key:?}, {template} {states:?}: {looks} looks");
                }
            }
        }
    }
}
