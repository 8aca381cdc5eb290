//! `mappings check --live`: the tables beside what the portal defines.

use ivohub::mapping::shipped_file;
use ivohub::sandbox::hubspot::{Limits, Settings};

use super::{codes, told};
use crate::project::Project;

#[test]
fn a_portal_that_fits_has_no_problem_and_nothing_is_written() {
    let project = Project::new();
    let (writes, done) = project.writes_of(|| project.run(&["mappings", "check", "--live", "--json"]));
    assert_eq!(told(&project, &done.exits(0)), []);
    assert_eq!(writes, 0);
}

#[test]
fn what_the_portal_lacks_is_told_at_the_row_that_asks_for_it() {
    let project = Project::new();
    let add = |name: &str, row: &str| {
        let text = shipped_file(name).expect("a table");
        project.put(&format!("mappings/{name}"), format!("{text}{row}\n"));
    };
    add("eigenschaften.csv", "deal;vorschlag;Vorschlag;derived.plan_value;money;;if_tool;care;nein;");
    add("pipeline.csv", "recall;ivohub_recall;Recall;75;open;ivohub_behandlungen");
    let text = shipped_file("kategorien.csv").expect("a table");
    project.put("mappings/kategorien.csv", format!("{text}parodontitis;Parodontitis;20;parodontitis\n"));
    let done = project.run(&["mappings", "check", "--live", "--json"]).exits(2);
    let found = told(&project, &done);
    let shown: Vec<String> = found
        .iter()
        .map(|one| format!("{} {} {}", one.file, one.code, one.mark.split(';').nth(1).unwrap_or_default()))
        .collect();
    assert_eq!(
        shown,
        [
            "eigenschaften.csv M043 treatment_category",
            "eigenschaften.csv M041 vorschlag",
            "pipeline.csv M040 ivohub_recall",
        ],
        "{found:#?}"
    );
    assert!(found.iter().all(|one| one.help.contains("hubspot-schema apply")), "{found:#?}");
}

#[test]
fn an_empty_portal_lacks_everything() {
    let project = Project::bare(Settings { limits: Limits::unlimited(), ..Settings::default() });
    let done = project.run(&["mappings", "check", "--live", "--json"]).exits(2);
    let found = told(&project, &done);
    assert!(found.len() > 20, "{found:#?}");
    assert!(codes(&found).contains("M040") && codes(&found).contains("M041"), "{found:#?}");
}
