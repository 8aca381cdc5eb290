//! The same data over the API and from files end alike in HubSpot.

use ivohub::sandbox::ivoris::{Data, Oddities, Settings};

use super::Site;
use crate::project::Project;

fn plain() -> Settings {
    Settings { oddities: Oddities::NONE, ..Settings::default() }
}

#[test]
fn the_samples_end_alike_from_files_and_over_the_api() {
    let files = Project::new();
    files.load();
    let site = Site::new(plain(), Data::samples());
    for done in site.load() {
        assert!([0, 3].contains(&done.exit), "{}", done.all());
    }
    assert_eq!(site.practice.counters().not_get, 0, "nothing but GET");
    site.project.looks_like(&files.picture());
}
