//! What the records say, in sentences: profiles, patients, calendar, names, words.

use crate::pass::explore::{CalendarFound, End, Named, Obeyed, PatientsFound, Prefix, ProfileFound, Survey, Words};
use crate::report::{counted, grouped};

use super::about::planner_is_off;
use super::facts::{Finding, Need, ago, counts, list, obeyed};
use super::rest;

/// Lines below a finding; the document has all.
const MOST: usize = 6;

pub(super) fn all(survey: &Survey) -> Vec<Finding> {
    let mut all = Vec::new();
    all.extend(profiles(survey));
    all.extend(survey.patients.as_ref().map(patients));
    // A calendar that was not read to the end, because the survey was not, says nothing.
    let read = |found: &&CalendarFound| survey.end == End::Complete || found.days > 0;
    if let Some(found) = survey.calendar.as_ref().filter(read).filter(|_| !planner_is_off(survey)) {
        all.extend([calendar(found), changes(found)]);
    }
    all.extend(names(survey));
    all.extend(words(survey));
    all.extend(rest::all(survey));
    all
}

fn profiles(survey: &Survey) -> Option<Finding> {
    let profiles = survey.profiles.as_ref()?;
    let one = |profile: &ProfileFound| {
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
    let order = found.order.as_ref().map_or("in no order that shows".to_owned(), |order| format!("sorted by {order}"));
    let text = format!("{about}{} {pages}, {order}", counted(total.rows, "patient", "patients"));
    let mut more = Vec::new();
    if !found.mandants.is_empty() {
        let filter = match found.by_mandant {
            Obeyed::Unclear => String::new(),
            known @ (Obeyed::Yes | Obeyed::No | Obeyed::Failed) => format!("; asking for one is {}", obeyed(known)),
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
    let text = format!(
        "{cut}{} {span}; the days asked for are {}",
        counted(found.rows, "appointment", "appointments"),
        obeyed(found.dates)
    );
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
    let active = |all: &[Named]| all.iter().filter(|one| one.active).count() as u64;
    let used = |all: &[Named]| all.iter().filter(|one| one.used > 0).count() as u64;
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
    let one = |prefix: &Prefix| {
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
