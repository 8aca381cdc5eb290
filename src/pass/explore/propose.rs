//! The route profile that fits what was found: what clearly has another name is asked under that name, what is not there
//! is not asked. A person reads it before it is used.

use crate::ivoris::{DateFormat, EntrySource, Fields, IGNORED, Paging, Param, Route, RouteProfile, RouteSpec, Thing};

use super::contract::key;
use super::coverage::Coverage;
use super::differs::{Difference, Differs};
use super::expect::is_needed;
use super::like::like;
use super::survey::Proposed;

/// A profile, and how it came about.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    pub(super) profile: RouteProfile,
    /// What it changes, in a line each; empty = nothing.
    pub(super) changes: Vec<Proposed>,
}

impl Proposal {
    /// Changes nothing yet.
    pub(super) const fn new(profile: RouteProfile) -> Self {
        Self { profile, changes: Vec::new() }
    }

    /// Takes over what differs in the contract and is clear.
    pub(super) fn take_contract(&mut self, differences: &[Difference]) {
        // Paths first: what differs at the new place is told under the new path.
        for difference in differences {
            if let Differs::RouteMissing { live: Some(live) } | Differs::RouteSpelt { live } = &difference.what {
                for route in self.at(&difference.paths) {
                    self.route(route, |spec| spec.path = renamed(&spec.path, live));
                    self.propose(is_needed(route), format!("routes.{route}: path {live}"));
                }
            }
        }
        for Difference { paths, what, matters } in differences {
            for route in self.at(paths) {
                self.take(route, what, *matters);
            }
        }
    }

    fn take(&mut self, route: Route, what: &Differs, matters: bool) {
        match what {
            Differs::ParameterMissing { word, name, live } => {
                let Some(param) = Param::from_name(word) else { return };
                match live {
                    Some(live) => {
                        self.route(route, |spec| drop(spec.params.insert(param, live.clone())));
                        self.propose(matters, format!("routes.{route}: {name} is called {live}"));
                    }
                    None if matches!(param, Param::Page) => self.unpaged(route),
                    None => {
                        self.route(route, |spec| drop(spec.params.remove(&param)));
                        self.propose(false, format!("routes.{route}: {name} is not sent"));
                    }
                }
            }
            Differs::ParameterKind { live, .. } if live == "date-time" => self.format(route, DateFormat::DatetimeLocal),
            Differs::ParameterKind { live, .. } if live == "date" => self.format(route, DateFormat::Date),
            Differs::FieldMissing { word, live: Some(live) } | Differs::FieldAbsent { word, live: Some(live) } => {
                if let Some(thing) = route.thing() {
                    self.alias(thing, word, live, matters);
                }
            }
            Differs::RouteMissing { .. }
            | Differs::RouteSpelt { .. }
            | Differs::ParameterKind { .. }
            | Differs::ParameterNeeded { .. }
            | Differs::FieldMissing { .. }
            | Differs::FieldAbsent { .. }
            | Differs::RouteNew
            | Differs::ParameterNew { .. }
            | Differs::FieldNew { .. }
            | Differs::WordsNew { .. } => {}
        }
    }

    /// Takes over names of fields that records really have.
    pub(super) fn take_fields(&mut self, thing: Thing, coverage: &Coverage, matter: &[&str]) {
        let names = self.profile.fields(thing).clone();
        let present = |aliases: &[String]| {
            aliases.iter().any(|alias| coverage.fields.keys().any(|name| name.eq_ignore_ascii_case(alias)))
        };
        let aliased = |name: &str| all_aliases(&names).any(|alias| alias.eq_ignore_ascii_case(name));
        let free: Vec<&str> = coverage.fields.keys().map(String::as_str).filter(|name| !aliased(name)).collect();
        for word in names.names().filter(|word| *word != IGNORED && !present(names.aliases(word))) {
            let ours: Vec<&str> = names.aliases(word).iter().map(String::as_str).collect();
            if let Some(live) = like(thing.name(), word, &ours, &free) {
                let live = live.to_owned();
                self.alias(thing, word, &live, matter.contains(&word));
            }
        }
    }

    /// A route that does not obey pages is asked once.
    pub(super) fn unpaged(&mut self, route: Route) {
        if self.profile.route(route).paging != Paging::None {
            self.route(route, |spec| spec.paging = Paging::None);
            self.propose(false, format!("routes.{route}: paging none, the whole answer comes at once"));
        }
    }

    /// A route whose first page is 1.
    pub(super) fn one_based(&mut self, route: Route) {
        if self.profile.route(route).paging != Paging::OneBased {
            self.route(route, |spec| spec.paging = Paging::OneBased);
            self.propose(is_needed(route), format!("routes.{route}: paging one-based, the first page is 1"));
        }
    }

    /// A route that wants its days and times in another form.
    pub(super) fn format(&mut self, route: Route, format: DateFormat) {
        if self.profile.route(route).date_format != format {
            self.route(route, |spec| spec.date_format = format);
            self.propose(is_needed(route), format!("routes.{route}: date_format {}", format.word()));
        }
    }

    /// A route that is not there.
    pub(super) fn disable(&mut self, route: Route) {
        if self.profile.route(route).enabled {
            self.route(route, |spec| spec.enabled = false);
            self.propose(false, format!("routes.{route}: not there, not asked"));
        }
    }

    /// The entry routes that are there.
    pub(super) fn entries_from(&mut self, source: EntrySource) {
        if self.profile.documentation != source {
            self.profile.documentation = source;
            self.propose(false, format!("documentation: source {}", source.word()));
        }
    }

    /// Without what is not needed reading gets along, at the price of calls in vain or of a field less.
    fn propose(&mut self, needed: bool, text: String) {
        self.changes.push(Proposed { text, needed });
    }

    fn alias(&mut self, thing: Thing, word: &str, live: &str, matters: bool) {
        let fields = self.profile.fields_mut(thing);
        let mut aliases = fields.aliases(word).to_vec();
        if aliases.iter().any(|alias| alias == live) {
            return;
        }
        aliases.insert(0, live.to_owned());
        if fields.set(word, aliases) {
            self.propose(matters, format!("fields.{}: {word} is called {live}", thing.name()));
        }
    }

    fn route(&mut self, route: Route, change: impl FnOnce(&mut RouteSpec)) {
        change(self.profile.route_mut(route));
    }

    /// The routes at these paths.
    fn at(&self, paths: &[String]) -> Vec<Route> {
        let keys: Vec<String> = paths.iter().map(|path| key(path)).collect();
        Route::ALL.into_iter().filter(|route| keys.contains(&key(&self.profile.route(*route).path))).collect()
    }
}

fn all_aliases(fields: &Fields) -> impl Iterator<Item = &String> {
    fields.names().flat_map(|word| fields.aliases(word))
}

/// The live path with our names for its places: a profile knows parameters by what stands in the path.
fn renamed(ours: &str, live: &str) -> String {
    let mut places = ours.split('/').filter(|part| part.starts_with('{'));
    let part =
        |part: &str| if part.starts_with('{') { places.next().unwrap_or(part).to_owned() } else { part.to_owned() };
    live.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_clear_is_taken_over() {
        let difference = |path: &str, what| Difference { paths: vec![path.to_owned()], matters: true, what };
        let mut proposal = Proposal::new(RouteProfile::builtin());
        let all = "/Appointment/v1/AllAppointments";
        let new = "/Calendar/v2/Appointments";
        let text = str::to_owned;
        proposal.take_contract(&[
            difference(
                new,
                Differs::ParameterMissing { word: text("begin"), name: text("begin"), live: Some(text("von")) },
            ),
            difference(new, Differs::ParameterMissing { word: text("page"), name: text("page"), live: None }),
            difference(
                new,
                Differs::ParameterMissing { word: text("mandant"), name: text("mandantIndex"), live: None },
            ),
            difference(new, Differs::FieldMissing { word: text("chair_id"), live: Some(text("Room.Id")) }),
            difference(all, Differs::RouteMissing { live: Some(text(new)) }),
            difference(
                "/Patient/v1/AllPatients",
                Differs::ParameterKind {
                    word: text("begin"),
                    name: text("begin"),
                    ours: text("date"),
                    live: text("date-time"),
                },
            ),
            difference(
                "/Appointment/v1/Patient/{patientId}/AllAppointments",
                Differs::RouteSpelt { live: text("/Appointment/v1/patient/{id}/All") },
            ),
            difference("/Pet/v1/Food", Differs::RouteNew),
        ]);
        let shown = |proposal: &Proposal| -> Vec<String> {
            let line = |one: &Proposed| format!("{}{}", if one.needed { "! " } else { "" }, one.text);
            proposal.changes.iter().map(line).collect()
        };
        assert_eq!(
            shown(&proposal),
            [
                "! routes.all_appointments: path /Calendar/v2/Appointments",
                "! routes.patient_all_appointments: path /Appointment/v1/patient/{id}/All",
                "! routes.all_appointments: begin is called von",
                "routes.all_appointments: paging none, the whole answer comes at once",
                "routes.all_appointments: mandantIndex is not sent",
                "! fields.appointment: chair_id is called Room.Id",
                "! routes.all_patients: date_format datetime-local",
            ]
        );
        let spec = proposal.profile.route(Route::PatientAllAppointments);
        assert_eq!(spec.path, "/Appointment/v1/patient/{patientId}/All");
        assert_eq!(
            proposal.profile.fields(Thing::Appointment).aliases("chair_id").first().map(String::as_str),
            Some("Room.Id")
        );
        let again = proposal.changes.len();
        proposal.unpaged(Route::AllAppointments);
        assert_eq!(proposal.changes.len(), again);
    }

    #[test]
    fn records_tell_names_that_no_document_told() {
        let mut coverage = Coverage::default();
        coverage.look(&serde_json::json!({"TerminId": 1, "Beginn": 2, "Status": 3}));
        let mut proposal = Proposal::new(RouteProfile::builtin());
        proposal.take_fields(Thing::Appointment, &coverage, &["id", "begin", "state", "patient_id"]);
        let texts: Vec<&str> = proposal.changes.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["fields.appointment: id is called TerminId", "fields.appointment: begin is called Beginn"]);
    }
}
