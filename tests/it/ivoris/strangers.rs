//! Appointments first: the patients they name are read with them, one by one or all together, whichever is less to ask.

use ivohub::domain::Kind;
use ivohub::sandbox::ivoris::{Data, Oddities, Settings as Shape};
use ivohub::sandbox::seed;

use super::life::Life;

/// Reads the calendar into an empty inbox; returns calls for single patients and for pages of them.
async fn read(patients: u32) -> (u64, u64) {
    let data = Data::seed(&seed::Settings { patients, ..seed::Settings::default() });
    let mut life = Life::new(Shape { oddities: Oddities::NONE, ..Shape::default() }, data);
    let fetched = life.reads(Life::want(Kind::Appointment)).await;
    assert!(fetched.is_complete(), "{fetched:?}");
    let wanted = life.truth();
    let found = life.inbox().await;
    let lost: Vec<_> = wanted.difference(&found).filter(|line| line.starts_with("appointment")).take(5).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    // Whom Ivoris does not deliver nobody can read: patients whose file is deleted.
    let lines = |lines: &std::collections::BTreeSet<String>| -> Vec<String> {
        lines.iter().filter_map(|line| line.strip_prefix("patient ")).map(str::to_owned).collect()
    };
    let (there, known) = (lines(&wanted), lines(&found));
    for line in found.iter().filter(|line| line.starts_with("appointment")) {
        let patient = line.rsplit(' ').next().expect("a patient").to_owned();
        assert!(!there.contains(&patient) || known.contains(&patient), "the patient of {line} came with it");
    }
    let counters = life.practice.counters();
    (counters.calls_of("Patient"), counters.calls_of("AllPatients"))
}

#[tokio::test(start_paused = true)]
async fn few_patients_are_asked_for_one_by_one_and_many_page_by_page() {
    let (single, pages) = read(20).await;
    assert!((10..=20).contains(&single) && pages == 0, "{single} single, {pages} pages");
    let (single, pages) = read(400).await;
    assert!(single < 20 && (6..=16).contains(&pages), "{single} single, {pages} pages");
}
