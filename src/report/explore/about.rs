//! Reachability, routes, contract and the proposed profile, in sentences.

use crate::pass::explore::{Difference, End, RouteFound, RouteState, Survey};
use crate::report::{counted, grouped};

use super::facts::{Finding, Need, list, time};

/// Differences shown on the screen; the document has all.
const MOST: usize = 6;
/// Changes of the profile shown; the proposed file has all.
const MOST_CHANGES: usize = 4;

pub(super) fn reach(survey: &Survey) -> Vec<Finding> {
    let ping = survey.routes.get("ping");
    let found = match survey.end {
        End::Document => return Vec::new(),
        End::Refused => Finding::fail("reach", "it answers and refuses the credentials")
            .next("look at user, password, app.name and app.key of this installation: ivohub config check")
            .needs(Need::Credentials),
        End::Unreachable if !survey.routes.values().any(|found| found.state == RouteState::Answered) => {
            Finding::fail("reach", "it does not answer")
                .next("look at base_url and linkname; is the practice server on? Then the same command again")
                .needs(Need::Server)
        }
        End::Unreachable => Finding::fail("reach", "it answered and then was away: what follows is incomplete")
            .next("the same command again, at a quieter time")
            .needs(Need::Server),
        End::Complete if has_no_route(survey) => {
            Finding::fail("reach", "something answers, but it has none of Ivoris' routes")
                .next("look at base_url: it ends in /webservice/api, behind the vendor's relay in /relay/{linkname}/webservice/api")
        }
        End::Stopped => Finding::warn("reach", "stopped: what follows is incomplete"),
        End::Complete => {
            let ms = ping.and_then(|found| found.times).map_or(0, |times| times.median);
            let version = survey
                .version
                .as_ref()
                .map_or_else(|| "it does not tell its version".to_owned(), |version| format!("Ivoris {version}"));
            Finding::ok("reach", format!("answers in {} · {version}", time(ms)))
        }
    };
    let services = match &survey.services {
        Some(services) if !services.is_empty() => {
            Finding::ok("services", format!("{}: {}", services.len(), list(services.iter().map(String::as_str), 12)))
        }
        Some(_) => Finding::warn("services", "it lists none"),
        None => Finding::ok("services", "it does not say which are licensed"),
    };
    let asked = survey.routes.contains_key("webservices") && !has_no_route(survey);
    [Some(found), asked.then_some(services)].into_iter().flatten().collect()
}

/// Whether not one of the routes that were asked is there: the address is another one.
fn has_no_route(survey: &Survey) -> bool {
    let mut asked = survey.routes.values().filter(|found| !matches!(found.state, RouteState::NotAsked(_)));
    !survey.routes.is_empty() && asked.all(|found| matches!(found.state, RouteState::Missing(_)))
}

/// Which routes answer, and how quickly.
pub(super) fn routes(survey: &Survey) -> Vec<Finding> {
    if has_no_route(survey) {
        return Vec::new();
    }
    let asked = || survey.routes.iter().filter(|(_, found)| !matches!(found.state, RouteState::NotAsked(_)));
    let answer = asked().filter(|(_, found)| found.state == RouteState::Answered).count();
    let mut medians: Vec<(u64, &String)> =
        asked().filter_map(|(name, found)| Some((found.times?.median, name))).collect();
    medians.sort_unstable();
    let typical = medians.get(medians.len() / 2).map_or(0, |(median, _)| *median);
    let slowest = medians.last().filter(|(slowest, _)| *slowest > 2 * typical.max(50));
    let slowest = slowest.map_or_else(String::new, |(slowest, name)| format!("; slowest {name}, {}", time(*slowest)));
    let text = format!("{answer} of {} answer, typically in {}{slowest}", asked().count(), time(typical));
    let slow = medians.last().is_some_and(|(slowest, _)| *slowest >= 5_000);
    let mut all = vec![if slow { Finding::warn("routes", text) } else { Finding::ok("routes", text) }];
    all.extend(broken(survey));
    all
}

/// Routes that do not answer: those that reading needs are a failure each, the others one line together.
fn broken(survey: &Survey) -> Vec<Finding> {
    let bad = |found: &RouteFound| match &found.state {
        RouteState::Missing(status) => Some(format!("not there ({status})")),
        RouteState::Failed(why) => Some(format!("failed: {why}")),
        RouteState::Answered | RouteState::NotAsked(_) => None,
    };
    let needed = |name: &str| crate::pass::explore::is_needed_name(name);
    let (mut all, mut minor) = (Vec::new(), Vec::new());
    let planner_off = planner_is_off(survey);
    for (name, found) in &survey.routes {
        let Some(why) = bad(found) else { continue };
        let planner = found.path.starts_with("/Appointment/");
        if planner_off && planner {
            continue;
        }
        if needed(name) {
            let next = match &found.state {
                RouteState::Missing(_) => {
                    "find its path in the contract and set it in the route profile, or switch it off there"
                }
                RouteState::Failed(_) | RouteState::Answered | RouteState::NotAsked(_) => {
                    "ask again at a quieter time; if it stays so, ask the vendor"
                }
            };
            all.push(Finding::fail("route", format!("{name} {why}, and reading needs it")).next(next));
        } else {
            minor.push(format!("{name} {why}"));
        }
    }
    if planner_off {
        all.push(
            Finding::warn("planner", "the Appointment service is not there: this practice plans elsewhere")
                .next("give appointments as CSV: ivohub migrate-appointments --input FILE")
                .needs(Need::Operator),
        );
    }
    if !minor.is_empty() {
        all.push(Finding::ok("route", "without an answer, and not needed:").more(minor));
    }
    all
}

/// Whether every route of the calendar that was asked is missing.
pub(super) fn planner_is_off(survey: &Survey) -> bool {
    let mut planner = survey
        .routes
        .values()
        .filter(|found| found.path.starts_with("/Appointment/") && !matches!(found.state, RouteState::NotAsked(_)));
    survey.routes.contains_key("all_appointments") && planner.all(|found| matches!(found.state, RouteState::Missing(_)))
}

/// The live contract against the route profile.
pub(super) fn contract(survey: &Survey) -> Vec<Finding> {
    if has_no_route(survey) {
        return Vec::new();
    }
    let Some(found) = &survey.contract else {
        let asked = survey.routes.get("documentation").is_some_and(|found| found.state != RouteState::Answered);
        let unread = survey.routes.get("documentation").is_some_and(|found| found.state == RouteState::Answered);
        return match (asked, unread) {
            (true, _) => vec![Finding::warn("contract", "it serves none: what is asked rests on assumptions")],
            (_, true) => vec![Finding::warn("contract", "what it serves is neither OpenAPI 3 nor Swagger 2")],
            (false, false) => Vec::new(),
        };
    };
    let (matter, minor): (Vec<&Difference>, Vec<&Difference>) = found.differences.iter().partition(|one| one.matters);
    let version = found.version.as_ref().map_or_else(String::new, |version| format!(", version {version}"));
    let routes = found.routes.len() as u64;
    let head = format!("{}{version}: {} that read", found.form, counted(routes, "route", "routes"));
    if matter.is_empty() {
        let rest = if minor.is_empty() {
            String::new()
        } else {
            format!(" ({} more than ivohub uses)", grouped(minor.len() as u64))
        };
        return vec![Finding::ok("contract", format!("{head}; all that is used is there{rest}"))];
    }
    let number = counted(matter.len() as u64, "difference matters", "differences matter");
    let mut lines: Vec<String> = matter.iter().take(MOST).map(|one| line(one)).collect();
    if matter.len() > MOST {
        lines.push(format!("{} more in the document", matter.len() - MOST));
    }
    vec![Finding::warn("contract", format!("{head}; {number}:")).more(lines).needs(Need::Operator)]
}

/// `AllAppointments: no parameter begin; von stands for it`
pub(super) fn line(difference: &Difference) -> String {
    let name = |path: &String| path.trim_start_matches('/').replace("/v1/", " ");
    let first = difference.paths.first().map(name).unwrap_or_default();
    let more = match difference.paths.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    format!("{first}{more}: {}", difference.what)
}

/// What the proposed route profile changes. Only what is needed is the operator's business.
pub(super) fn proposal(survey: &Survey) -> Vec<Finding> {
    if has_no_route(survey) {
        return Vec::new();
    }
    if survey.proposed.is_empty() {
        let done = matches!(survey.end, End::Complete | End::Document);
        return if done { vec![Finding::ok("profile", "the route profile fits as it is")] } else { Vec::new() };
    }
    let needed = survey.proposed.iter().filter(|one| one.needed).count() as u64;
    // What is needed stands first.
    let order = survey.proposed.iter().filter(|one| one.needed).chain(survey.proposed.iter().filter(|one| !one.needed));
    let mut lines: Vec<String> = order.take(MOST_CHANGES).map(|one| one.text.clone()).collect();
    if survey.proposed.len() > MOST_CHANGES {
        lines.push(format!("{} more in the proposed profile", survey.proposed.len() - MOST_CHANGES));
    }
    if needed == 0 {
        let text = "the route profile works as it is; this would help:";
        return vec![Finding::ok("profile", text).more(lines)];
    }
    let text = format!("{} to the route profile needed, and proposed:", counted(needed, "change", "changes"));
    vec![Finding::warn("profile", text).more(lines).needs(Need::Operator)]
}
