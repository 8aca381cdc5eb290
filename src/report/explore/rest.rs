//! Entries, fields, unknown ids, tables and load, in sentences.

use std::collections::BTreeMap;

use crate::pass::explore::{Coverage, EntriesFound, Load, Pair, Survey, Trial};
use crate::report::{counted, grouped};

use super::about::planner_is_off;
use super::facts::{Finding, Need, list, obeyed, time};

/// Values shown of one table; the document has all.
const MOST: usize = 6;

pub(super) fn all(survey: &Survey) -> Vec<Finding> {
    let all = [
        survey.entries.as_ref().map(entries),
        fields(survey),
        unknown(survey),
        tables(survey),
        survey.load.as_ref().map(load),
    ];
    all.into_iter().flatten().collect()
}

fn entries(found: &EntriesFound) -> Finding {
    let sum = |of: fn(&Pair) -> Option<u64>| found.pairs.iter().filter_map(of).sum::<u64>();
    let (entries, documents) = (sum(|pair| pair.entries), sum(|pair| pair.document_entries));
    let both: u64 = found.pairs.iter().map(|pair| pair.both).sum();
    let mut patients: Vec<u64> = found.pairs.iter().map(|pair| pair.patient).collect();
    patients.dedup();
    let text = format!(
        "of {}: Entries {}, DocumentEntries {}, the same in both {}",
        counted(patients.len() as u64, "patient", "patients"),
        grouped(entries),
        grouped(documents),
        grouped(both)
    );
    let advice = match (entries, documents) {
        (0, 0) => "neither route has any: other patients, another profile, or no entries at all".to_owned(),
        (0, _) => "only DocumentEntries has some; both stay read".to_owned(),
        (_, 0) => "only Entries has some; both stay read".to_owned(),
        (_, documents) if both == documents && both < entries => "DocumentEntries is a part of Entries".to_owned(),
        (entries, _) if both == entries && both < documents => "Entries is a part of DocumentEntries".to_owned(),
        _ if both == entries && both == documents => "both say the same".to_owned(),
        _ => "each has some that the other lacks: both have to be read".to_owned(),
    };
    let money = format!(
        "with an amount: {} of {}, with a fee code: {} · days {}",
        grouped(found.with_amount),
        grouped(found.rows),
        grouped(found.with_code),
        obeyed(found.dates)
    );
    let finding = if found.rows == 0 { Finding::warn("entries", text) } else { Finding::ok("entries", text) };
    finding.more([advice, money])
}

/// What records have beyond what ivohub knows, and what they lack.
fn fields(survey: &Survey) -> Option<Finding> {
    let looked: Vec<(&String, &Coverage)> =
        survey.coverage.iter().filter(|(thing, coverage)| coverage.rows > 0 && !thing.contains("single")).collect();
    if looked.is_empty() {
        return None;
    }
    let records: u64 = looked.iter().map(|(_, coverage)| coverage.rows).sum();
    let kinds = counted(looked.len() as u64, "kind", "kinds");
    let text = format!("of {} of {kinds}", counted(records, "record", "records"));
    let strangers = strangers(survey);
    if survey.absent.is_empty() {
        return Some(Finding::ok("fields", format!("{text}: all that matter are there")).more(strangers));
    }
    let absent = format!("not found under any name: {}", list(survey.absent.iter().map(String::as_str), 8));
    Some(
        Finding::fail("fields", format!("{text}: some that matter are missing"))
            .more([absent])
            .more(strangers)
            .next("find their names in the document and add them below [fields.…] of the route profile"),
    )
}

/// Unknown fields, those that all kinds of records have told once; what lies inside an unknown field is not told.
fn strangers(survey: &Survey) -> Option<String> {
    let mut kinds = BTreeMap::<&str, Vec<&str>>::new();
    for (thing, names) in &survey.strangers {
        let inside = |name: &String| {
            names.iter().any(|other| name.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with(['.', '['])))
        };
        for name in names.iter().filter(|name| !inside(name)) {
            kinds.entry(name).or_default().push(thing);
        }
    }
    let all = survey.strangers.len();
    let one = |(name, things): (&&str, &Vec<&str>)| match things.len() {
        several if several == all && all > 1 => format!("{name} (everywhere)"),
        _ => format!("{name} ({})", things.join(", ")),
    };
    let shown: Vec<String> = kinds.iter().map(one).collect();
    (!shown.is_empty()).then(|| format!("not known to ivohub: {}", list(shown.iter().map(String::as_str), 8)))
}

fn unknown(survey: &Survey) -> Option<Finding> {
    if survey.unknown.is_empty() {
        return None;
    }
    let mut forms = BTreeMap::<String, Vec<&str>>::new();
    for (route, answer) in &survey.unknown {
        forms.entry(format!("{} {}", answer.status, answer.form)).or_default().push(route);
    }
    let lines: Vec<String> =
        forms.iter().map(|(form, routes)| format!("{form}: {}", list(routes.iter().copied(), 12))).collect();
    let odd: Vec<&str> =
        survey.unknown.iter().filter(|(_, answer)| !answer.gone).map(|(route, _)| route.as_str()).collect();
    let finding = if odd.is_empty() {
        Finding::ok("unknown id", "taken for \"gone\" everywhere")
    } else {
        Finding::warn("unknown id", format!("not taken for \"gone\" by {}", list(odd, 8)))
    };
    Some(finding.more(lines))
}

fn tables(survey: &Survey) -> Option<Finding> {
    let unmapped = survey.unmapped.as_ref()?;
    let needed: Vec<_> = unmapped.iter().filter(|one| one.needed).collect();
    let mut by_table = BTreeMap::<&str, Vec<String>>::new();
    for one in &needed {
        by_table.entry(&one.table).or_default().push(format!("{} (×{})", one.value, grouped(one.count)));
    }
    let line =
        |(table, values): (&&str, &Vec<String>)| format!("{table}: {}", list(values.iter().map(String::as_str), MOST));
    let mut lines: Vec<String> = by_table.iter().map(line).collect();
    let rest = unmapped.len() - needed.len();
    if rest > 0 {
        lines.push(format!("{} more without a row, not met in these days", grouped(rest as u64)));
    }
    let lists = [
        (survey.names.chairs.is_none(), "chairs"),
        (survey.names.templates.is_none(), "Terminarten"),
        (survey.names.practitioners.is_none(), "practitioners"),
    ];
    let unread: Vec<&str> = lists.iter().filter(|(unread, _)| *unread).map(|(_, what)| *what).collect();
    let unread = if planner_is_off(survey) { Vec::new() } else { unread };
    if !unread.is_empty() {
        lines.push(format!("not checked, their lists could not be read: {}", unread.join(", ")));
    }
    if needed.is_empty() {
        let text = "every value that was seen and counts has a row";
        let finding = if unread.is_empty() { Finding::ok("mappings", text) } else { Finding::warn("mappings", text) };
        return Some(finding.more(lines));
    }
    let text = format!("{} no row:", counted(needed.len() as u64, "value has", "values have"));
    Some(Finding::warn("mappings", text).more(lines).needs(Need::Operator))
}

fn load(found: &Load) -> Finding {
    let windows = match Load::breaks_at(&found.windows) {
        Some(days) => format!("windows fail at {}", counted(u64::from(days), "day", "days")),
        None => format!("windows up to {} days are answered", found.windows.last().map_or(0, |trial| trial.size)),
    };
    let parallel = match Load::breaks_at(&found.parallel) {
        Some(number) => format!("{number} questions at once fail"),
        None => format!("{} questions at once are answered", found.parallel.last().map_or(0, |trial| trial.size)),
    };
    let trial = |trial: &Trial, what: &str| {
        let failed = if trial.failed > 0 { ", FAILED" } else { "" };
        format!("{}{what} {}{failed}", trial.size, time(trial.millis))
    };
    let lines = [
        found.windows.iter().map(|one| trial(one, " d")).collect::<Vec<_>>().join(" · "),
        found.parallel.iter().map(|one| trial(one, " at once")).collect::<Vec<_>>().join(" · "),
    ];
    let set = match (found.slice_days(), found.parallel()) {
        (Some(days), parallel) => {
            let parallel = parallel.map_or_else(String::new, |parallel| format!(", parallel = {parallel}"));
            Some(format!("slice_days = {}, slice_max_days = {days}{parallel}", days.min(7)))
        }
        (None, _) => None,
    };
    let finding =
        Finding::ok("load", format!("{windows}; {parallel}")).more(lines.into_iter().filter(|line| !line.is_empty()));
    match set {
        Some(set) => finding.next(format!("set below the installation's table in ivohub.toml: {set}")),
        None => finding,
    }
}
