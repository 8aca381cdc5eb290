//! A survey as it is shown, from the first sentence to the last.

use crate::domain::InstanceKey;
use crate::pass::explore::{
    CalendarFound, ContractFound, Difference, Differs, End, Named, Obeyed, PatientsFound, Proposed, RouteFound,
    RouteState, Survey, Times, Total, Words,
};

use super::*;

fn found(path: &str, state: RouteState, median: u64) -> RouteFound {
    let times = Some(Times { min: median, median, max: median });
    RouteFound { path: path.to_owned(), state, asked: 1, rows: 1, times }
}

fn survey() -> Survey {
    let mut survey = Survey::new(InstanceKey::new("nord"), chrono::DateTime::UNIX_EPOCH);
    survey.calls = 62;
    survey.version = Some("8.2.91.120".to_owned());
    survey.routes.insert("ping".to_owned(), found("/About/v1/Ping", RouteState::Answered, 184));
    survey.routes.insert("all_patients".to_owned(), found("/Patient/v1/AllPatients", RouteState::Answered, 2_100));
    survey
        .routes
        .insert("stations".to_owned(), found("/WaitingRoom/v1/Stations", RouteState::Missing("404".to_owned()), 90));
    let what =
        Differs::ParameterMissing { word: "begin".to_owned(), name: "begin".to_owned(), live: Some("von".to_owned()) };
    let paths = vec!["/Appointment/v1/AllAppointments".to_owned()];
    survey.contract = Some(ContractFound {
        form: "OpenAPI 3.0.3".to_owned(),
        version: None,
        routes: [("/Patient/v1/AllPatients".to_owned(), "page integer".to_owned())].into(),
        writing: 9,
        differences: vec![Difference { paths, matters: true, what }],
    });
    survey.patients = Some(PatientsFound {
        paged: Obeyed::Yes,
        total: Total { size: 50, pages: 93, rows: 4_601, exact: true },
        ..PatientsFound::default()
    });
    survey.calendar =
        Some(CalendarFound { dates: Obeyed::Yes, days: 30, rows: 812, nobody: 4, ..CalendarFound::default() });
    survey.names.chairs = Some(vec![Named { name: "NB_Zimmer 1".to_owned(), active: true, used: 3 }]);
    let words =
        Words { words: [("Planned".to_owned(), 700), ("Completed".to_owned(), 112)].into(), ..Words::default() };
    survey.words.insert("appointment.state".to_owned(), words);
    survey.proposed = vec![Proposed { text: "routes.all_appointments: begin is called von".to_owned(), needed: true }];
    survey
}

#[test]
fn a_survey_is_a_page() {
    let survey = survey();
    let shown: Vec<String> = lines(&survey, &findings(&survey), 31, 81).iter().map(|line| line.text(false)).collect();
    assert_eq!(
        shown,
        [
            "nord   62 calls in 31 s",
            "reach      ok    answers in 184 ms · Ivoris 8.2.91.120",
            "routes     ok    2 of 3 answer, typically in 184 ms; slowest all_patients, 2.1 s",
            "route      ok    without an answer, and not needed:",
            "                 stations not there (404)",
            "contract   warn  OpenAPI 3.0.3: 1 route that read; 1 difference matters:",
            "                 Appointment AllAppointments: no parameter begin; von stands for",
            "                   it",
            "patients   ok    4 601 patients on 93 pages of 50, in no order that shows",
            "calendar   ok    812 appointments in 30 days; the days asked for are obeyed",
            "                 pages not certain · without days: fails (not asked)",
            "                 4 without a patient",
            "changes    ok    no time of the last change · LatestAppointments does not answer",
            "names      ok    1 chair (1 active, 1 used)",
            "prefixes   ok    no location prefix in the names of chairs and Terminarten",
            "values     ok    of 1 field (the number behind × says how often):",
            "                 appointment.state: Planned ×700, Completed ×112",
            "profile    warn  1 change to the route profile needed, and proposed:",
            "                 routes.all_appointments: begin is called von",
        ]
    );
}

#[test]
fn whatever_ends_a_survey_has_an_answer() {
    for (end, level, need) in [
        (End::Refused, Level::Fail, Need::Credentials),
        (End::Unreachable, Level::Fail, Need::Server),
        (End::Stopped, Level::Warn, Need::Nobody),
    ] {
        let mut survey = Survey::new(InstanceKey::new("nord"), chrono::DateTime::UNIX_EPOCH);
        survey.end = end;
        let all = findings(&survey);
        let first = all.first().expect("one");
        assert_eq!((first.level, first.need), (level, need), "{end:?}");
        assert!(first.next.is_some() || end == End::Stopped);
    }
}

#[test]
fn the_document_has_everything() {
    let survey = survey();
    let files = Files {
        profile: Some("nord.routes.toml".to_owned()),
        rows: vec![("status.csv".to_owned(), "source_field;source_value".to_owned(), vec!["State;Planned".to_owned()])],
        ..Files::default()
    };
    let text = document(&survey, &["look at it".to_owned()], Some((&[], "yesterday")), &files);
    for part in [
        "# Ivoris installation nord\n",
        "## In short\n",
        "1. look at it\n",
        "## Changed since yesterday\n\nNothing.\n",
        "| all\\_patients | /Patient/v1/AllPatients | answers | 1 | 1 | 2.1 s | 2.1 s | 2.1 s |\n",
        "* Appointment AllAppointments: no parameter begin; von stands for it\n",
        "| NB\\_Zimmer 1 | yes | 3 |\n",
        "| appointment.state | Planned | 700 |\n",
        "`nord.routes.toml`",
        "```text\nsource_field;source_value\nState;Planned\n```\n",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
}
