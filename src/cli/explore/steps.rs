//! What to do next: of the findings, and with the files that were written.

use crate::cli::context::Context;
use crate::cli::mapping::shown;
use crate::pass::explore::{End, Explored};
use crate::report::explore::{Finding, Level};

use super::files::Written;

/// The steps, the most urgent first.
pub(super) fn steps(context: &Context, explored: &Explored, found: &[Finding], written: &Written) -> Vec<String> {
    let survey = &explored.survey;
    let instance = &survey.instance;
    let of = |level: Level| {
        let own = found.iter().filter(move |finding| finding.level == level);
        own.filter_map(|finding| finding.next.clone())
    };
    let mut steps: Vec<String> = of(Level::Fail).collect();
    let fits = survey.proposed.iter().all(|one| !one.needed);
    if let Some(file) = written.profile.as_ref().filter(|_| !fits) {
        steps.push(format!(
            "read the proposed route profile {}, copy it beside ivohub.toml, and name it there: \
             route_profile = \"…\" below [profile.{}.ivoris.{instance}]",
            shown(file),
            context.config.profile
        ));
    }
    let needed = survey.unmapped.iter().flatten().any(|one| one.needed);
    if let (true, Some(first)) = (needed, written.rows.first().and_then(|file| file.parent())) {
        steps.push(format!(
            "take the rows that fit from {}/*.csv into the tables of the same name, then: ivohub mappings check",
            shown(first)
        ));
    }
    steps.extend(of(Level::Warn));
    steps.extend(of(Level::Ok));
    if survey.end == End::Complete && survey.unmapped.is_none() {
        steps.push(format!("see which values have no row yet: ivohub explore {instance} --check-mappings"));
    }
    if survey.end == End::Complete && steps.is_empty() {
        steps.push("ivohub migrate-patients --source api --dry-run".to_owned());
    }
    steps.dedup();
    steps
}
