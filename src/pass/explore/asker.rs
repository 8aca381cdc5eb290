//! Asking: one question after the other, each answered, missing or failed; no failure ends a survey but a server that is
//! away, credentials that are refused, and the operator.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::ivoris::{Ask, Client, Error, Route, RouteProfile, Settings, Thing};

use super::expect::mattering;
use super::propose::Proposal;
use super::survey::{End, RouteFound, RouteState, Survey, Times};
use super::witness::{Exchange, Form, Witness};
use super::words::{People, Tally};

/// Makes lines to the installation: with another profile, or with other care.
pub type Connect<'c> = dyn Fn(Arc<RouteProfile>, &dyn Fn(&mut Settings)) -> Client + Send + Sync + 'c;

/// What a survey is done with.
pub(super) struct Asker<'a> {
    pub(super) survey: Survey,
    pub(super) proposal: Proposal,
    pub(super) people: People,
    pub(super) tallies: BTreeMap<String, Tally>,
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
    /// The most recent exchange of the most recent question.
    pub(super) last: Option<Exchange>,
    connect: &'a Connect<'a>,
    witness: &'a Witness,
    progress: &'a (dyn Fn(u64) + Send + Sync),
    client: Client,
    patience: Duration,
    times: BTreeMap<&'static str, Vec<u64>>,
    /// Questions that may still be asked.
    left: u32,
    over: bool,
}

impl<'a> Asker<'a> {
    pub(super) fn new(
        survey: Survey,
        profile: Arc<RouteProfile>,
        connect: &'a Connect<'a>,
        witness: &'a Witness,
        progress: &'a (dyn Fn(u64) + Send + Sync),
        most: u32,
    ) -> Self {
        let now = survey.at;
        let client = connect(Arc::clone(&profile), &|_| {});
        Self {
            today: now.with_timezone(&client.settings().zone).date_naive(),
            survey,
            proposal: Proposal::new(Arc::unwrap_or_clone(profile)),
            people: People::default(),
            tallies: BTreeMap::new(),
            now,
            last: None,
            connect,
            witness,
            progress,
            client,
            patience: Duration::ZERO,
            times: BTreeMap::new(),
            left: most,
            over: false,
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn profile(&self) -> &RouteProfile {
        &self.proposal.profile
    }

    /// Asks as proposed from now on.
    pub(super) fn reconnect(&mut self) {
        let learned = self.client.learned();
        self.client = (self.connect)(Arc::new(self.proposal.profile.clone()), &|_| {});
        self.client.learn(|new| *new = learned);
        self.client.patience(Some(self.patience));
    }

    /// A line with other care, for the load.
    pub(super) fn line(&self, care: &dyn Fn(&mut Settings)) -> Client {
        (self.connect)(Arc::new(self.proposal.profile.clone()), care)
    }

    /// Waits for the next exchange that fails, on whatever line.
    pub(super) fn failure(&self) -> tokio::sync::futures::Notified<'_> {
        self.witness.failure()
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Waits so long for a server that is away, from now on.
    pub(super) fn patience(&mut self, longest: Duration) {
        self.patience = longest;
        self.client.patience(Some(longest));
    }

    /// Asks for a list. Every row counts for the coverage of its kind of record.
    pub(super) async fn list(&mut self, route: Route, ask: &Ask) -> Option<Vec<Value>> {
        if !self.may(route) {
            return None;
        }
        let answer = self.client.list(route, ask).await;
        let rows = answer.as_ref().map_or(0, Vec::len);
        self.note(route, answer.as_ref().err(), rows as u64);
        if matches!(answer, Err(Error::Gone { .. })) {
            self.doubt(route);
        }
        let rows = answer.ok()?;
        if let Some(thing) = route.thing() {
            self.look(thing, coverage_name(route, thing), &rows);
        }
        Some(rows)
    }

    /// Asks for a list once: a question that may be too large is not repeated. `Err` = how it failed.
    pub(super) async fn once(&mut self, route: Route, ask: &Ask) -> Result<Vec<Value>, String> {
        if !self.may(route) {
            return Err("not asked".to_owned());
        }
        let client = self.client.clone();
        let answer = {
            // Waiting begins here, before the first exchange can fail.
            let mut failure = std::pin::pin!(self.witness.failure());
            failure.as_mut().enable();
            tokio::select! {
                biased;
                answer = client.list(route, ask) => Some(answer),
                () = failure => None,
            }
        };
        match answer {
            Some(answer) => {
                self.note(route, answer.as_ref().err(), answer.as_ref().map_or(0, Vec::len) as u64);
                answer.map_err(|error| match error {
                    Error::Unreadable { what, .. } => what.to_string(),
                    Error::Missing { status, .. } => {
                        status.map_or_else(String::new, |status| format!("status {status}"))
                    }
                    Error::BadRequest { status, .. }
                    | Error::Gone { status, .. }
                    | Error::Credentials { status, .. } => {
                        format!("status {status}")
                    }
                    Error::Unavailable { .. } | Error::Stopped => "no answer".to_owned(),
                })
            }
            None => {
                let exchanges = self.witness.news();
                self.last = exchanges.last().cloned();
                (self.progress)(1);
                Err(match self.last.as_ref().map(|one| one.answer) {
                    Some(Ok((status, _))) => format!("status {status}"),
                    Some(Err(error)) => error.to_string(),
                    None => "no answer".to_owned(),
                })
            }
        }
    }

    /// Asks for one record; `Some(None)` = it is not there.
    pub(super) async fn single(&mut self, route: Route, ask: &Ask) -> Option<Option<Value>> {
        if !self.may(route) {
            return None;
        }
        let answer = self.client.single(route, ask).await;
        let found = answer.as_ref().is_ok_and(Option::is_some);
        self.note(route, answer.as_ref().err(), u64::from(found));
        if !found {
            self.doubt(route);
        }
        let record = answer.ok()?;
        if let (Some(thing), Some(record)) = (route.thing(), &record) {
            self.look(thing, coverage_name(route, thing), std::slice::from_ref(record));
        }
        Some(record)
    }

    /// Asks for a text.
    pub(super) async fn text(&mut self, route: Route) -> Option<String> {
        if !self.may(route) {
            return None;
        }
        let answer = self.client.text(route).await;
        self.note(route, answer.as_ref().err(), 0);
        answer.ok()
    }

    /// Asks whether it is there.
    pub(super) async fn ping(&mut self) -> bool {
        if !self.may(Route::Ping) {
            return false;
        }
        let answer = self.client.ping().await;
        self.note(Route::Ping, answer.as_ref().err(), 0);
        answer.is_ok()
    }

    /// Asks for the contract.
    pub(super) async fn document(&mut self) -> Option<Value> {
        if !self.may(Route::Documentation) {
            return None;
        }
        let answer = self.client.document().await;
        self.note(Route::Documentation, answer.as_ref().err(), 0);
        answer.ok()
    }

    /// Notes that a route is not asked, and why.
    pub(super) fn pass_over(&mut self, route: Route, why: &str) {
        let path = self.profile().route(route).path.clone();
        self.survey.routes.entry(route.name().to_owned()).or_insert_with(|| RouteFound {
            path,
            state: RouteState::NotAsked(why.to_owned()),
            asked: 0,
            rows: 0,
            times: None,
        });
    }

    /// Counts rows, words and people of a kind of record.
    fn look(&mut self, thing: Thing, name: String, rows: &[Value]) {
        let coverage = self.survey.coverage.entry(name).or_default();
        let first = coverage.rows == 0 && !rows.is_empty();
        for row in rows {
            coverage.look(row);
            if matches!(thing, Thing::Patient | Thing::Appointment | Thing::Entry) {
                self.people.look(row);
            }
        }
        // Records may name a field otherwise than the profile does; what follows is read by the name that is found.
        if first {
            self.proposal.take_fields(thing, coverage, &mattering(thing));
        }
    }

    /// Decides which words may be shown; those of tallies that come later are added.
    pub(super) fn settle_words(&mut self) {
        for (field, tally) in std::mem::take(&mut self.tallies) {
            self.survey.words.insert(field, tally.settle(&self.people));
        }
    }

    /// Counts a word of an enumeration.
    pub(super) fn word(&mut self, field: &str, value: Option<&str>) {
        self.tallies.entry(field.to_owned()).or_default().take(value);
    }

    fn may(&mut self, route: Route) -> bool {
        if self.over {
            self.pass_over(route, "the survey ended before");
            return false;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.pass_over(route, "enough calls were made");
            return false;
        };
        self.left = left;
        true
    }

    fn note(&mut self, route: Route, error: Option<&Error>, rows: u64) {
        let exchanges = self.witness.news();
        self.last = exchanges.last().cloned();
        let state = match error {
            // Of a record that is gone, the route is there.
            None | Some(Error::Gone { .. }) => RouteState::Answered,
            Some(Error::Missing { status: Some(status), .. }) => RouteState::Missing(status.to_string()),
            Some(Error::Missing { status: None, .. }) => {
                RouteState::NotAsked("switched off in the route profile".to_owned())
            }
            Some(Error::BadRequest { status, .. }) => RouteState::Failed(format!("refused with {status}")),
            Some(Error::Unreadable { what, .. }) => RouteState::Failed(what.to_string()),
            Some(Error::Unavailable { .. }) => self.end(End::Unreachable, "no answer"),
            Some(Error::Credentials { .. }) => self.end(End::Refused, "credentials refused"),
            Some(Error::Stopped) => self.end(End::Stopped, "stopped"),
        };
        let times = self.times.entry(route.name()).or_default();
        let good = exchanges.iter().filter(|one| one.answer.is_ok_and(|(status, _)| (200..300).contains(&status)));
        times.extend(good.map(|one| u64::try_from(one.time.as_millis()).unwrap_or(u64::MAX)));
        let times = Times::of(times);
        let path = self.profile().route(route).path.clone();
        let empty = RouteFound { path: path.clone(), state: state.clone(), asked: 0, rows: 0, times: None };
        let found = self.survey.routes.entry(route.name().to_owned()).or_insert(empty);
        found.asked += 1;
        found.rows += rows;
        found.times = times;
        found.path = path;
        if found.state != RouteState::Answered {
            found.state = state;
        }
        self.survey.calls = self.witness.count();
        (self.progress)(1);
    }

    /// A route that never answered with a record, and whose 404 says nothing of a record, may not be there at all.
    fn doubt(&mut self, route: Route) {
        let Some(Exchange { answer: Ok((status @ (404 | 405 | 501), form)), .. }) = &self.last else { return };
        let Some(found) = self.survey.routes.get_mut(route.name()) else { return };
        if found.times.is_none() && *form != Form::CouldNotBeFound {
            found.state = RouteState::Missing(status.to_string());
        }
    }

    fn end(&mut self, end: End, why: &str) -> RouteState {
        self.over = true;
        self.survey.end = end;
        RouteState::Failed(why.to_owned())
    }
}

/// Lists and single records are looked at apart: a single record may say more.
fn coverage_name(route: Route, thing: Thing) -> String {
    if matches!(route, Route::Entries | Route::DocumentEntries) {
        format!("{} ({route})", thing.name())
    } else if route.is_single() {
        format!("{} (single)", thing.name())
    } else {
        thing.name().to_owned()
    }
}
