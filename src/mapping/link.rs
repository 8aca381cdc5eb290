//! Entry → visit: on which of a patient's appointments a chart entry was made (`domain.md` 2.6).

use std::cell::OnceCell;
use std::cmp::Reverse;

use chrono::{Days, NaiveDate};

use crate::domain::{AppointmentId, AppointmentState, Entry, LocalTime};

use super::fold::fold;

/// One appointment of the patient, as linking sees it.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// Its key: the last word between visits that are alike.
    pub id: &'a AppointmentId,
    /// Start in practice time.
    pub start: LocalTime,
    /// `Behandler` as written.
    pub practitioner: &'a str,
    /// Where it stands; `None` if the spelling is unknown.
    pub state: Option<AppointmentState>,
}

impl Visit<'_> {
    fn is_completed(&self) -> bool {
        self.state == Some(AppointmentState::Completed)
    }

    /// A visit that was replaced or is gone from Ivoris has no entries.
    fn is_there(&self) -> bool {
        !matches!(self.state, Some(AppointmentState::Moved | AppointmentState::Deleted))
    }
}

/// Returns for each entry the place in `visits` of the visit it belongs to, in the order of `entries`.
///
/// All are of one patient. The same day decides; of several visits that day the one with the entry's practitioner, then a
/// completed one, then the latest start (entries have no time of day). With none that day: the nearest completed visit
/// at most `link_days` days away, of two equally near ones the same practitioner's, then the earlier, because an entry is
/// rather made late than early. `None` = unlinked. The order of `visits` does not matter.
#[must_use]
pub fn link<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    visits: &[Visit<'_>],
    link_days: u32,
) -> Vec<Option<usize>> {
    let there = visits.iter().enumerate().filter(|(_, visit)| visit.is_there());
    let mut candidates: Vec<Candidate<'_>> =
        there.map(|(at, visit)| Candidate { at, visit, practitioner: OnceCell::new() }).collect();
    candidates.sort_by_key(Candidate::day);
    entries.into_iter().map(|entry| visit_of(entry, &candidates, link_days)).collect()
}

struct Candidate<'a> {
    at: usize,
    visit: &'a Visit<'a>,
    /// Folded when first asked for: most days have one visit, and nobody asks.
    practitioner: OnceCell<String>,
}

impl Candidate<'_> {
    fn day(&self) -> NaiveDate {
        self.visit.start.day()
    }

    fn practitioner(&self) -> &str {
        self.practitioner.get_or_init(|| fold(self.visit.practitioner))
    }
}

/// The candidates of some days, which are in order of day.
fn between<'c, 'v>(
    candidates: &'c [Candidate<'v>],
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
) -> &'c [Candidate<'v>] {
    let from = first.map_or(0, |first| candidates.partition_point(|one| one.day() < first));
    let to = last.map_or(candidates.len(), |last| candidates.partition_point(|one| one.day() <= last));
    candidates.get(from..to).unwrap_or_default()
}

fn visit_of(entry: &Entry, candidates: &[Candidate<'_>], link_days: u32) -> Option<usize> {
    let same_day = between(candidates, Some(entry.date), Some(entry.date));
    match same_day {
        [only] => return Some(only.at),
        [] if link_days == 0 => return None,
        [..] => {}
    }
    let practitioner = fold(&entry.practitioner);
    let same_practitioner = |one: &Candidate<'_>| !practitioner.is_empty() && one.practitioner() == practitioner;
    let best = same_day
        .iter()
        .max_by_key(|one| (same_practitioner(one), one.visit.is_completed(), one.visit.start, Reverse(one.visit.id)));
    let nearest = || {
        let days = Days::new(u64::from(link_days));
        let near = between(candidates, entry.date.checked_sub_days(days), entry.date.checked_add_days(days));
        let away = |one: &Candidate<'_>| (one.day() - entry.date).num_days();
        near.iter().filter(|one| one.visit.is_completed()).min_by_key(|one| {
            let late = away(one) > 0;
            (away(one).unsigned_abs(), !same_practitioner(one), late, Reverse(one.visit.start), one.visit.id)
        })
    };
    best.or_else(nearest).map(|one| one.at)
}

#[cfg(test)]
mod tests {
    use crate::mapping::entry::tests::entry;

    use super::*;

    /// Visits are `id day time practitioner state`, an entry is `day practitioner`; the answer is the id.
    fn check(visits: &[&str], entry_on: &str, link_days: u32, wanted: Option<&str>) {
        let rows: Vec<Vec<&str>> = visits.iter().map(|row| row.split(' ').collect()).collect();
        let ids: Vec<AppointmentId> = rows.iter().map(|row| AppointmentId::new(row[0])).collect();
        let mut visits: Vec<Visit<'_>> = rows
            .iter()
            .zip(&ids)
            .map(|(row, id)| Visit {
                id,
                start: LocalTime(format!("{}T{}:00", row[1], row[2]).parse().expect("a time")),
                practitioner: row[3],
                state: AppointmentState::from_word(row[4]),
            })
            .collect();
        let (day, practitioner) = entry_on.split_once(' ').unwrap_or((entry_on, ""));
        let mut line = entry("Leistung", "", "", "");
        line.date = day.parse::<NaiveDate>().expect("a day");
        practitioner.clone_into(&mut line.practitioner);
        for _ in 0..2 {
            let found = link([&line], &visits, link_days)[0].map(|at| visits[at].id.as_str());
            assert_eq!(found, wanted, "{rows:?} {entry_on}");
            visits.reverse();
        }
    }

    #[test]
    fn the_same_day_decides_then_practitioner_completed_and_latest_start() {
        let day = ["a 2026-03-02 09:00 Ahrens completed", "b 2026-03-09 09:00 Ahrens completed"];
        check(&day, "2026-03-09", 0, Some("b"));
        check(&day, "2026-03-10", 0, None);
        check(&["a 2026-03-02 09:00 Ahrens cancelled"], "2026-03-02", 0, Some("a"));
        check(&["a 2026-03-02 09:00 Ahrens spaeter"], "2026-03-02", 0, Some("a"));
        check(&["a 2026-03-02 09:00 Ahrens moved", "b 2026-03-02 10:00 Ahrens deleted"], "2026-03-02", 3, None);
        let two = ["a 2026-03-02 09:00 Ahrens completed", "b 2026-03-02 10:00 Falkner completed"];
        check(&two, "2026-03-02 AHRENS", 0, Some("a"));
        check(&two, "2026-03-02 Falkner", 0, Some("b"));
        check(&two, "2026-03-02 Reuter", 0, Some("b"));
        check(&two, "2026-03-02", 0, Some("b"));
        let state = ["a 2026-03-02 09:00 Ahrens completed", "b 2026-03-02 10:00 Ahrens no_show"];
        check(&state, "2026-03-02 Ahrens", 0, Some("a"));
        check(&state, "2026-03-02", 0, Some("a"));
        let alike = ["a 2026-03-02 09:00 Ahrens completed", "b 2026-03-02 09:00 Ahrens completed"];
        check(&alike, "2026-03-02", 0, Some("a"));
    }

    #[test]
    fn without_a_visit_that_day_the_nearest_completed_one_counts_if_it_is_near_enough() {
        let visits = [
            "a 2026-03-02 09:00 Ahrens completed",
            "b 2026-03-06 09:00 Falkner completed",
            "c 2026-03-05 09:00 Falkner booked",
        ];
        check(&visits, "2026-03-03", 0, None);
        check(&visits, "2026-03-03", 1, Some("a"));
        check(&visits, "2026-03-04 Falkner", 1, None);
        check(&visits, "2026-03-04 Falkner", 2, Some("b"));
        check(&visits, "2026-03-04", 2, Some("a"));
        check(&visits, "2026-03-05", 2, Some("c"));
        check(&visits, "2030-01-01", u32::MAX, Some("b"));
    }
}
