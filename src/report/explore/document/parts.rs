//! The sections of the document, each only where there is something to tell.

use crate::pass::explore::{Named, Obeyed, RouteState, Survey, Trial};
use crate::report::explore::about::line;
use crate::report::explore::facts::time;
use crate::report::grouped;

use super::Files;
use super::write::Markdown;

pub(super) fn routes(out: &mut Markdown, survey: &Survey) {
    if survey.routes.is_empty() {
        return;
    }
    out.section("Routes");
    let rows: Vec<Vec<String>> = survey
        .routes
        .iter()
        .map(|(name, found)| {
            let state = match &found.state {
                RouteState::Answered => "answers".to_owned(),
                RouteState::Missing(status) => format!("not there ({status})"),
                RouteState::Failed(why) => format!("failed: {why}"),
                RouteState::NotAsked(why) => format!("not asked: {why}"),
            };
            let times = found.times.map_or_else(
                || vec![String::new(); 3],
                |times| [times.min, times.median, times.max].map(time).to_vec(),
            );
            let mut row = vec![name.clone(), found.path.clone(), state, grouped(found.asked), grouped(found.rows)];
            row.extend(times);
            row
        })
        .collect();
    out.table(&["Route", "Path", "State", "Asked", "Rows", "Shortest", "Middle", "Longest"], &rows);
}

pub(super) fn contract(out: &mut Markdown, survey: &Survey) {
    let Some(found) = &survey.contract else { return };
    out.section("Contract");
    out.text(&format!(
        "{}{}; {} routes that read, {} operations that write (ivohub never calls them).",
        found.form,
        found.version.as_ref().map_or_else(String::new, |version| format!(", version {version}")),
        found.routes.len(),
        found.writing
    ));
    for (title, matters) in [("Differences that matter", true), ("Other differences", false)] {
        let lines: Vec<String> = found.differences.iter().filter(|one| one.matters == matters).map(line).collect();
        if !lines.is_empty() {
            out.subsection(title);
            out.list(lines);
        }
    }
    out.subsection("Routes of the contract");
    let rows: Vec<Vec<String>> = found.routes.iter().map(|(path, takes)| vec![path.clone(), takes.clone()]).collect();
    out.table(&["Path", "Takes"], &rows);
}

pub(super) fn profiles(out: &mut Markdown, survey: &Survey) {
    let Some(profiles) = survey.profiles.as_ref().filter(|all| !all.is_empty()) else { return };
    out.section("Profiles");
    let rows: Vec<Vec<String>> = profiles
        .iter()
        .map(|one| vec![one.id.clone(), one.name.clone().unwrap_or_default(), one.mandant.clone().unwrap_or_default()])
        .collect();
    out.table(&["Id", "Name", "Mandant"], &rows);
}

pub(super) fn names(out: &mut Markdown, survey: &Survey) {
    let named = |all: &[Named]| -> Vec<Vec<String>> {
        let row =
            |one: &Named| vec![one.name.clone(), if one.active { "yes" } else { "no" }.to_owned(), grouped(one.used)];
        all.iter().map(row).collect()
    };
    let lists = [("Chairs", &survey.names.chairs), ("Terminarten", &survey.names.templates)];
    for (title, all) in lists {
        if let Some(all) = all.as_ref().filter(|all| !all.is_empty()) {
            out.section(title);
            out.table(&["Name", "Active", "Appointments seen"], &named(all));
        }
    }
    let prefixes = &survey.names.prefixes.found;
    if !prefixes.is_empty() {
        out.section("Prefixes");
        let rows: Vec<Vec<String>> =
            prefixes.iter().map(|one| vec![one.text.clone(), grouped(one.chairs), grouped(one.templates)]).collect();
        out.table(&["Prefix", "Chairs", "Terminarten"], &rows);
    }
}

pub(super) fn words(out: &mut Markdown, survey: &Survey) {
    if survey.words.is_empty() {
        return;
    }
    out.section("Values");
    let mut rows = Vec::new();
    for (field, words) in &survey.words {
        rows.extend(words.words.iter().map(|(word, count)| vec![field.clone(), word.clone(), grouped(*count)]));
        let rest = [
            (
                words.hidden,
                if words.free { "(free text, not shown)" } else { "(not shown: it does not look like a word)" },
            ),
            (words.none, "(empty)"),
        ];
        let rest = rest.iter().filter(|(count, _)| *count > 0);
        rows.extend(rest.map(|(count, what)| vec![field.clone(), (*what).to_owned(), grouped(*count)]));
    }
    out.table(&["Field", "Value", "Records"], &rows);
}

pub(super) fn fields(out: &mut Markdown, survey: &Survey) {
    if survey.coverage.is_empty() {
        return;
    }
    out.section("Fields");
    out.text("Filled: share of the records that have a value. Padded: texts with blanks before or behind.");
    for (thing, coverage) in survey.coverage.iter().filter(|(_, coverage)| coverage.rows > 0) {
        out.subsection(&format!("{thing} ({} records)", grouped(coverage.rows)));
        let rows: Vec<Vec<String>> = coverage
            .fields
            .iter()
            .map(|(name, seen)| {
                let shapes: Vec<&str> = seen.shapes.keys().map(|shape| shape.word()).collect();
                let missing = coverage.rows.saturating_sub(seen.present);
                let share = format!("{} %", seen.share(coverage.rows));
                let mut row = vec![name.clone(), share, shapes.join(", ")];
                row.extend([missing, seen.null, seen.empty, seen.padded].map(grouped));
                row
            })
            .collect();
        out.table(&["Field", "Filled", "Kinds", "Key missing", "Null", "Empty", "Padded"], &rows);
    }
}

pub(super) fn entries(out: &mut Markdown, survey: &Survey) {
    let Some(found) = &survey.entries else { return };
    out.section("Entries and DocumentEntries side by side");
    let number = |rows: Option<u64>| rows.map_or_else(|| "failed".to_owned(), grouped);
    let rows: Vec<Vec<String>> = found
        .pairs
        .iter()
        .map(|pair| {
            vec![
                grouped(pair.patient),
                grouped(pair.profile),
                number(pair.entries),
                number(pair.document_entries),
                grouped(pair.both),
            ]
        })
        .collect();
    out.table(&["Sample patient", "Profile", "Entries", "DocumentEntries", "In both"], &rows);
}

pub(super) fn unknown(out: &mut Markdown, survey: &Survey) {
    if survey.unknown.is_empty() {
        return;
    }
    out.section("How a record that does not exist is answered");
    let rows: Vec<Vec<String>> = survey
        .unknown
        .iter()
        .map(|(route, answer)| {
            vec![
                route.clone(),
                answer.status.to_string(),
                answer.form.clone(),
                if answer.gone { "yes" } else { "NO" }.to_owned(),
            ]
        })
        .collect();
    out.table(&["Route", "Status", "Body", "Taken for gone"], &rows);
}

pub(super) fn load(out: &mut Markdown, survey: &Survey) {
    let Some(load) = &survey.load else { return };
    out.section("Load");
    for (title, trials) in [("Days", &load.windows), ("Questions at once", &load.parallel)] {
        let row = |one: &Trial| vec![one.size.to_string(), time(one.millis), grouped(u64::from(one.failed))];
        out.table(&[title, "Longest answer", "Failed"], &trials.iter().map(row).collect::<Vec<_>>());
    }
}

pub(super) fn proposed(out: &mut Markdown, survey: &Survey, files: &Files) {
    if survey.proposed.is_empty() {
        return;
    }
    out.section("Proposed route profile");
    if let Some(file) = &files.profile {
        out.text(&format!("Complete in `{file}`, beside this document. It differs from the one in use in:"));
    }
    out.list(
        survey
            .proposed
            .iter()
            .map(|one| if one.needed { one.text.clone() } else { format!("{} (not needed)", one.text) }),
    );
    let paging = survey.patients.as_ref().map(|found| found.paged);
    if paging == Some(Obeyed::Unclear) {
        out.text("Whether AllPatients comes in pages could not be told: there are too few patients.");
    }
}

pub(super) fn rows(out: &mut Markdown, files: &Files) {
    if files.rows.is_empty() {
        return;
    }
    out.section("Proposed rows for the mapping tables");
    out.text("A row behind a `#` is not read: complete what only a person knows, then take the `#` away.");
    for (table, header, lines) in &files.rows {
        out.subsection(table);
        let all: Vec<String> = std::iter::once(header.clone()).chain(lines.iter().cloned()).collect();
        out.code(&all);
    }
}
