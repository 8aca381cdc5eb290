//! What changed since the last look at an installation. Milliseconds and rows of a window always differ; routes, fields,
//! words, names and classes of latency are news.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::survey::{Named, RouteState, Survey};

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Came, went, or is otherwise.
    pub sign: Sign,
    /// What: `route all_patients`, `field appointment.State`.
    pub what: String,
    /// Before and now, where there are two.
    pub how: Option<(String, String)>,
}

/// Whether it came, went, or is otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// New.
    Came,
    /// No longer there.
    Went,
    /// Otherwise.
    Differs,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::Came => '+',
            Sign::Went => '-',
            Sign::Differs => '~',
        };
        write!(f, "{sign} {}", self.what)?;
        match &self.how {
            Some((before, now)) => write!(f, ": {before} → {now}"),
            None => Ok(()),
        }
    }
}

/// The news, section by section. What one of the two did not look at is no news.
#[must_use]
pub fn changes(before: &Survey, now: &Survey) -> Vec<Change> {
    let mut news = News::default();
    news.differs("version", before.version.as_ref(), now.version.as_ref());
    if let (Some(before), Some(now)) = (&before.services, &now.services) {
        news.sets("service", &set(before), &set(now));
    }
    routes(before, now, &mut news);
    contract(before, now, &mut news);
    if let (Some(before), Some(now)) = (&before.profiles, &now.profiles) {
        news.number("profiles", before.len() as u64, now.len() as u64);
    }
    if let (Some(before), Some(now)) = (&before.patients, &now.patients) {
        news.number("patients", before.total.rows, now.total.rows);
        news.differs("patients per page", Some(&before.total.size), Some(&now.total.size));
        news.sets("mandantIndex", &keys(&before.mandants), &keys(&now.mandants));
    }
    names(before, now, &mut news);
    fields_and_words(before, now, &mut news);
    for (route, answer) in &now.unknown {
        if let Some(old) = before.unknown.get(route) {
            news.differs(&format!("unknown id at {route}"), Some(&old.form), Some(&answer.form));
        }
    }
    news.0
}

#[derive(Default)]
struct News(Vec<Change>);

impl News {
    fn differs<T: PartialEq + ToString>(&mut self, what: &str, before: Option<&T>, now: Option<&T>) {
        if let (Some(before), Some(now)) = (before, now)
            && before != now
        {
            let how = Some((before.to_string(), now.to_string()));
            self.0.push(Change { sign: Sign::Differs, what: what.to_owned(), how });
        }
    }

    fn number(&mut self, what: &str, before: u64, now: u64) {
        self.differs(what, Some(&before), Some(&now));
    }

    fn sets(&mut self, what: &str, before: &BTreeSet<&str>, now: &BTreeSet<&str>) {
        let mut all = |sign, names: Vec<&&str>| {
            let changes = names.into_iter().map(|name| Change { sign, what: format!("{what} {name}"), how: None });
            self.0.extend(changes);
        };
        all(Sign::Came, now.difference(before).collect());
        all(Sign::Went, before.difference(now).collect());
    }
}

fn set(all: &[String]) -> BTreeSet<&str> {
    all.iter().map(String::as_str).collect()
}

fn keys<T>(all: &BTreeMap<String, T>) -> BTreeSet<&str> {
    all.keys().map(String::as_str).collect()
}

fn routes(before: &Survey, now: &Survey, news: &mut News) {
    for (name, found) in &now.routes {
        let Some(old) = before.routes.get(name) else { continue };
        if matches!(found.state, RouteState::NotAsked(_)) || matches!(old.state, RouteState::NotAsked(_)) {
            continue;
        }
        let (was, is) = (state(&old.state), state(&found.state));
        news.differs(&format!("route {name}"), Some(&was), Some(&is));
        let class = |found: &super::survey::RouteFound| found.times.map(|times| times.class());
        news.differs(&format!("latency of {name}"), class(old).as_ref(), class(found).as_ref());
    }
}

fn state(state: &RouteState) -> String {
    match state {
        RouteState::Answered => "answered".to_owned(),
        RouteState::Missing(how) => format!("missing ({how})"),
        RouteState::Failed(how) => format!("failed ({how})"),
        RouteState::NotAsked(why) => format!("not asked ({why})"),
    }
}

fn contract(before: &Survey, now: &Survey, news: &mut News) {
    let (Some(before), Some(now)) = (&before.contract, &now.contract) else { return };
    news.differs("contract", Some(&before.form), Some(&now.form));
    news.differs("contract version", before.version.as_ref(), now.version.as_ref());
    news.sets("route in the contract", &keys(&before.routes), &keys(&now.routes));
    for (path, line) in &now.routes {
        news.differs(&format!("contract of {path}"), before.routes.get(path), Some(line));
    }
}

fn names(before: &Survey, now: &Survey, news: &mut News) {
    let lists = [
        ("chair", &before.names.chairs, &now.names.chairs),
        ("Terminart", &before.names.templates, &now.names.templates),
    ];
    for (what, before, now) in lists {
        let (Some(before), Some(now)) = (before, now) else { continue };
        let of = |all: &'_ [Named]| all.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        let (before, now) = (of(before), of(now));
        news.sets(what, &set(&before), &set(&now));
    }
    if let (Some((before, _)), Some((now, _))) = (before.names.practitioners, now.names.practitioners) {
        news.number("practitioners", before, now);
    }
    let prefixes = |survey: &Survey| survey.names.prefixes.found.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
    news.sets("prefix", &set(&prefixes(before)), &set(&prefixes(now)));
}

fn fields_and_words(before: &Survey, now: &Survey, news: &mut News) {
    for (thing, coverage) in &now.coverage {
        let Some(old) = before.coverage.get(thing).filter(|old| old.rows > 0 && coverage.rows > 0) else { continue };
        news.sets(&format!("field of {thing}"), &keys(&old.fields), &keys(&coverage.fields));
    }
    for (field, words) in &now.words {
        if let Some(old) = before.words.get(field) {
            // A word that is rare is missing in every other sample; only a new one is news.
            let seen: BTreeSet<&str> = keys(&old.words).union(&keys(&words.words)).copied().collect();
            news.sets(&format!("value of {field}"), &keys(&old.words), &seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::InstanceKey;
    use crate::pass::explore::coverage::Coverage;
    use crate::pass::explore::survey::{PatientsFound, RouteFound, Times};
    use crate::pass::explore::words::Words;

    fn survey(change: impl FnOnce(&mut Survey)) -> Survey {
        let mut survey = Survey::new(InstanceKey::new("nord"), chrono::DateTime::UNIX_EPOCH);
        survey.version = Some("8.2".to_owned());
        let times = Some(Times { min: 1, median: 2, max: 3 });
        let found = RouteFound { path: "/a".to_owned(), state: RouteState::Answered, asked: 1, rows: 5, times };
        survey.routes.insert("all_patients".to_owned(), found);
        survey.names.chairs = Some(vec![Named { name: "NB_1".to_owned(), active: true, used: 3 }]);
        let words = Words { words: [("Planned".to_owned(), 5)].into(), ..Words::default() };
        survey.words.insert("appointment.state".to_owned(), words);
        let mut coverage = Coverage::default();
        coverage.look(&serde_json::json!({"Id": 1}));
        survey.coverage.insert("patient".to_owned(), coverage);
        survey.patients = Some(PatientsFound::default());
        change(&mut survey);
        survey
    }

    #[test]
    fn only_news_is_told() {
        let before = survey(|_| {});
        let same = survey(|now| {
            now.routes.get_mut("all_patients").expect("there").times = Some(Times { min: 9, median: 99, max: 999 });
            now.contract = None;
            now.words.get_mut("appointment.state").expect("there").words.insert("Planned".to_owned(), 7);
        });
        assert_eq!(changes(&before, &same), []);
        let now = survey(|now| {
            now.version = Some("8.3".to_owned());
            let route = now.routes.get_mut("all_patients").expect("there");
            route.state = RouteState::Failed("504".to_owned());
            route.times = Some(Times { min: 9, median: 6_000, max: 9_000 });
            now.names.chairs = Some(vec![Named { name: "MB_1".to_owned(), active: true, used: 0 }]);
            now.words.get_mut("appointment.state").expect("there").words.insert("Lost".to_owned(), 1);
            now.coverage.get_mut("patient").expect("there").look(&serde_json::json!({"Pet": 1}));
            now.patients.as_mut().expect("there").total.rows = 7;
        });
        let lines: Vec<String> = changes(&before, &now).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "~ version: 8.2 → 8.3",
                "~ route all_patients: answered → failed (504)",
                "~ latency of all_patients: quick → very slow",
                "~ patients: 0 → 7",
                "+ chair MB_1",
                "- chair NB_1",
                "+ field of patient Pet",
                "+ value of appointment.state Lost",
            ]
        );
    }

    #[test]
    fn a_survey_survives_its_file() {
        let survey = survey(|_| {});
        let text = serde_json::to_string(&survey).expect("JSON");
        assert_eq!(serde_json::from_str::<Survey>(&text).expect("a survey"), survey);
    }
}
