//! What the records say, in sentences: patients, calendar, names, words, entries, unknown ids, tables, load.

use crate::pass::explore::{CalendarFound, Coverage, EntriesFound, Load, Obeyed, PatientsFound, Survey, Words};
use crate::report::{counted, grouped};

use super::about::planner_is_off;
use super::facts::{Finding, Need, ago, counts, list, obeyed, time};

/// Lines below a finding; the document has all.
const MOST: usize = 6;

pub(super) fn all(survey: &Survey) -> Vec<Finding> {
    let mut all = Vec::new();
    all.extend(profiles(survey));
    all.extend(survey.patients.as_ref().map(patients));
    if !planner_is_off(survey) {
        all.extend(survey.calendar.as_ref().map(calendar));
        all.extend(survey.calendar.as_ref().map(changes));
    }
    all.extend(names(survey));
    all.extend(words(survey));
    all.extend(survey.entries.as_ref().map(entries));
    all.extend(fields(survey));
    all.extend(unknown(survey));
    all.extend(tables(survey));
    all.extend(survey.load.as_ref().map(load));
    all
}

fn profiles(survey: &Survey) -> Option<Finding> {
    let profiles = survey.profiles.as_ref()?;
    let one = |profile: &crate::pass::explore::ProfileFound| {
        let name = profile.name.as_deref().unwrap_or("(no name)");
        profile.mandant.as_ref().map_or_else(|| name.to_owned(), |mandant| format!("{name} (Mandant {mandant})"))
    };
    let names: Vec<String> = profiles.iter().map(one).collect();
    Some(match profiles.len() {
        0 => Finding::warn("profiles", "none: entries are asked without a profile"),
        number => Finding::ok("profiles", format!("{number}: {}", list(names.iter().map(String::as_str), MOST))),
    })
}

fn patients(found: &PatientsFound) -> Finding {
    let total = &found.total;
    if total.rows == 0 {
        return Finding::warn("patients", "the list is empty");
    }
    let about = if total.exact { "" } else { "at least " };
    let pages = match (found.paged, total.pages) {
        (Obeyed::No, _) => "all in one answer".to_owned(),
        (_, 0 | 1) => "on one page".to_owned(),
        (_, pages) => format!("on {} pages of {}", grouped(pages), total.size),
    };
    let mut text = format!("{about}{} {pages}", counted(total.rows, "patient", "patients"));
    match &found.order {
        Some(order) => text.push_str(&format!(", sorted by {order}")),
        None => text.push_str(", in no order that shows"),
    }
    let mut more = Vec::new();
    if !found.mandants.is_empty() {
        let filter = match found.by_mandant {
            Obeyed::Unclear => String::new(),
            other => format!("; asking for one is {}", obeyed(other)),
        };
        more.push(format!("mandantIndex in the pages seen: {}{filter}", counts(&found.mandants, MOST)));
    }
    if found.repeated > 0 {
        more.push(format!(
            "{} on two pages: the list moved meanwhile",
            counted(found.repeated, "patient stands", "patients stand")
        ));
    }
    Finding::ok("patients", text).more(more)
}

fn calendar(found: &CalendarFound) -> Finding {
    let span = format!("in {}", counted(found.days - found.days_failed, "day", "days"));
    let cut = if found.cut { "at least " } else { "" };
    let text =
        format!("{cut}{} {span}; days {}", counted(found.rows, "appointment", "appointments"), obeyed(found.dates));
    let mut more = Vec::new();
    let paging = match (found.paged, found.one_based) {
        (Obeyed::Yes, true) => "pages obeyed, the first one is 1".to_owned(),
        (Obeyed::No, _) => "pages not obeyed: the whole window comes at once".to_owned(),
        (other, _) => format!("pages {}", obeyed(other)),
    };
    let undated = match &found.undated {
        Ok(rows) => format!("without days: {}", counted(*rows, "row", "rows")),
        Err(why) => format!("without days: fails ({why})"),
    };
    more.push(format!("{paging} · {undated}"));
    let oddities = [
        (found.repeated, "came twice"),
        (found.outside, "outside the asked days"),
        (found.nobody, "without a patient"),
        (found.flawed, "without id or start"),
    ];
    let mut odd: Vec<String> = oddities
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(*count)))
        .collect();
    odd.extend(
        found.unlisted.iter().map(|(what, count)| format!("{} with a {what} that no list has", grouped(*count))),
    );
    if !odd.is_empty() {
        more.push(odd.join(" · "));
    }
    if found.own_lists > 0 {
        more.push(format!(
            "own lists of {}: {} of their {} in the window found there",
            counted(found.own_lists, "patient", "patients"),
            grouped(found.own_found),
            counted(found.own_expected, "appointment", "appointments")
        ));
    }
    if found.dates == Obeyed::Failed {
        return Finding::fail("calendar", "a single day could not be read")
            .more(more)
            .next("find the parameters for days in the contract and set them in the route profile (all_appointments)");
    }
    if found.rows == 0 {
        return Finding::warn("calendar", format!("no appointment {span}"))
            .more(more)
            .needs(Need::Operator)
            .next("if this practice plans elsewhere: ivohub migrate-appointments --input FILE");
    }
    let bad = found.dates == Obeyed::No || found.days_failed > 0 || found.flawed > 0;
    let finding = if bad { Finding::warn("calendar", text) } else { Finding::ok("calendar", text) };
    if found.days_failed > 0 {
        more.push(format!("{} could not be read", counted(found.days_failed, "day", "days")));
    }
    finding.more(more)
}

fn changes(found: &CalendarFound) -> Finding {
    let latest = found.latest_rows.map_or_else(
        || "LatestAppointments does not answer".to_owned(),
        |rows| {
            format!(
                "LatestAppointments: {} since yesterday, since {}",
                counted(rows, "row", "rows"),
                obeyed(found.since)
            )
        },
    );
    let change = found
        .last_change_minutes
        .map_or_else(|| "no time of the last change".to_owned(), |minutes| format!("last change {}", ago(minutes)));
    Finding::ok("changes", format!("{change} · {latest}"))
}

fn names(survey: &Survey) -> Vec<Finding> {
    let names = &survey.names;
    let mut all = Vec::new();
    let active = |all: &[crate::pass::explore::Named]| all.iter().filter(|one| one.active).count() as u64;
    let used = |all: &[crate::pass::explore::Named]| all.iter().filter(|one| one.used > 0).count() as u64;
    if let Some(chairs) = &names.chairs {
        all.push(format!(
            "{} ({} active, {} used)",
            counted(chairs.len() as u64, "chair", "chairs"),
            active(chairs),
            used(chairs)
        ));
    }
    if let Some(templates) = &names.templates {
        let text = counted(templates.len() as u64, "Terminart", "Terminarten");
        all.push(format!("{text} ({} active, {} used)", active(templates), used(templates)));
    }
    if let Some((practitioners, active)) = names.practitioners {
        all.push(format!("{} ({active} active)", counted(practitioners, "practitioner", "practitioners")));
    }
    if all.is_empty() {
        return Vec::new();
    }
    let mut found = vec![Finding::ok("names", all.join(" · "))];
    let prefixes = &names.prefixes;
    if prefixes.found.is_empty() {
        if names.chairs.is_some() || names.templates.is_some() {
            found.push(Finding::ok("prefixes", "no location prefix in the names of chairs and Terminarten"));
        }
        return found;
    }
    let one = |prefix: &crate::pass::explore::Prefix| {
        let counts = [(prefix.chairs, "chair", "chairs"), (prefix.templates, "Terminart", "Terminarten")];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| counted(*count, one, many))
            .collect();
        format!("{} {}", prefix.text, parts.join(" + "))
    };
    let shown: Vec<String> = prefixes.found.iter().map(one).collect();
    let without = format!(
        "without: {} + {}",
        counted(prefixes.chairs_without, "chair", "chairs"),
        counted(prefixes.templates_without, "Terminart", "Terminarten")
    );
    found.push(Finding::ok("prefixes", format!("{} · {without}", shown.join(" · "))));
    found
}

fn words(survey: &Survey) -> Vec<Finding> {
    let lines: Vec<String> = survey.words.iter().filter_map(|(field, words)| word_line(field, words)).collect();
    let free = survey.words.values().any(|words| words.free);
    match lines.len() {
        0 => Vec::new(),
        number => {
            let text =
                format!("of {} (the number behind × says how often):", counted(number as u64, "field", "fields"));
            vec![if free { Finding::warn("values", text) } else { Finding::ok("values", text) }.more(lines)]
        }
    }
}

fn word_line(field: &str, words: &Words) -> Option<String> {
    let Words { words, hidden, none, free } = words;
    let mut parts = Vec::new();
    if *free {
        parts.push("free text, not shown".to_owned());
    } else if !words.is_empty() {
        parts.push(counts(words, 12));
    }
    if *hidden > 0 && !free {
        parts.push(format!("{} not shown", grouped(*hidden)));
    }
    if *none > 0 {
        parts.push(format!("empty ×{}", grouped(*none)));
    }
    (!parts.is_empty()).then(|| format!("{field}: {}", parts.join(", ")))
}

fn entries(found: &EntriesFound) -> Finding {
    let sum = |of: fn(&crate::pass::explore::Pair) -> Option<u64>| found.pairs.iter().filter_map(of).sum::<u64>();
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
    let mut kinds = std::collections::BTreeMap::<&str, Vec<&str>>::new();
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
    let mut forms = std::collections::BTreeMap::<String, Vec<&str>>::new();
    for (route, answer) in &survey.unknown {
        let status = answer.status.map_or_else(String::new, |status| format!("{status} "));
        forms.entry(format!("{status}{}", answer.form)).or_default().push(route);
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
    let mut by_table = std::collections::BTreeMap::<&str, Vec<String>>::new();
    for one in &needed {
        by_table.entry(&one.table).or_default().push(format!("{} (×{})", one.value, grouped(one.count)));
    }
    let line =
        |(table, values): (&&str, &Vec<String>)| format!("{table}: {}", list(values.iter().map(String::as_str), MOST));
    let mut lines: Vec<String> = by_table.iter().map(line).collect();
    let rest = unmapped.len() - needed.len();
    if rest > 0 {
        lines.push(format!("{} more that nothing waits for", grouped(rest as u64)));
    }
    if needed.is_empty() {
        return Some(Finding::ok("mappings", "every value that counts has a row").more(lines));
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
    let trial = |trial: &crate::pass::explore::Trial, what: &str| {
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
