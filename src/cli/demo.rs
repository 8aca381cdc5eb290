//! `demo`: the whole migration of invented data into a simulated HubSpot over HTTP, twice, by the real code path, in a
//! folder that is gone afterwards.

use std::io::sink;
use std::path::Path;

use serde_json::json;

use crate::config::{Config, Request, Surroundings};
use crate::domain::{Cents, Kind, Object};
use crate::mapping::{Mapping, SHIPPED, shipped};
use crate::report::overview::{self, DealSeen};
use crate::report::summary::account_json;
use crate::report::{Line, Look, Screen, account, counted, grouped};
use crate::sandbox::hubspot::{Portal, Settings};
use crate::sandbox::samples::FILES;
use crate::sandbox::server::Server;

use super::closing::Closed;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::manifest::Manifest;
use super::pass_args::PassArgs;
use super::{passes, schema};

const PASSES: [(Kind, &str); 3] =
    [(Kind::Patient, "patienten.csv"), (Kind::Appointment, "termine.csv"), (Kind::Entry, "eintraege.csv")];

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let storage = |error: std::io::Error| Failure::new(Exit::Storage, format!("the demo's own folder: {error}"));
    let folder = tempfile::Builder::new().prefix("ivohub-demo-").tempdir().map_err(storage)?;
    unpack(folder.path()).map_err(storage)?;
    let portal = Portal::new(Settings::default());
    let running = Server::start(portal.clone(), 0).await.map_err(storage)?;
    let inner = inner(context, folder.path(), &running.url())?;
    let done = rounds(context, &inner, &portal, folder.path()).await;
    running.stop().await.map_err(storage)?;
    done
}

/// Samples and mappings as files, as an operator would have them.
fn unpack(folder: &Path) -> std::io::Result<()> {
    let put = |name: &str, files: &[(&str, &[u8])]| -> std::io::Result<()> {
        let folder = folder.join(name);
        std::fs::create_dir(&folder)?;
        files.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
    };
    put("samples", &FILES)?;
    let mappings: Vec<(&str, &[u8])> = SHIPPED.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    put("mappings", &mappings)
}

/// The same command, in that folder, against that portal, with its own words kept to itself.
fn inner(context: &Context, folder: &Path, url: &str) -> Result<Context, Failure> {
    let around = Surroundings::of(&[]).in_folder(folder);
    let request = Request { set: vec![format!("hubspot.base_url={url}")], ..Request::default() };
    // Not discovered: a configuration above the temporary folder is none of the demo's business.
    let config = Config::built_in(&request, &around)
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the demo's own configuration: {error}")))?;
    Ok(Context { screen: Screen::elsewhere(context.screen.options(), sink(), sink()), config, ..context.clone() })
}

/// What one round came to.
struct Round {
    passes: Vec<(Kind, Closed)>,
}

impl Round {
    fn changed(&self) -> u64 {
        let written = self.passes.iter().flat_map(|(_, closed)| &closed.facts.account.written);
        written.map(|(_, created, updated, _)| created + updated).sum()
    }

    fn links(&self) -> u64 {
        self.passes.iter().map(|(_, closed)| closed.facts.account.steps.links_done).sum()
    }

    fn writing_calls(&self) -> u64 {
        self.passes.iter().map(|(_, closed)| closed.facts.calls.writing()).sum()
    }

    fn unaccounted(&self) -> i64 {
        let kinds = self.passes.iter().flat_map(|(_, closed)| &closed.facts.account.kinds);
        kinds.map(|(_, numbers)| numbers.unaccounted.abs()).sum()
    }
}

async fn rounds(context: &Context, inner: &Context, portal: &Portal, folder: &Path) -> Result<Exit, Failure> {
    let screen = &context.screen;
    screen.out(&Line::new().look(Look::Strong, "ivohub demo").plain(&format!(
        "   an invented group with three locations moves into a simulated HubSpot (portal {})",
        portal.portal_id()
    )));
    let applied = schema::create(inner).await?;
    if !applied.left.is_empty() || !applied.problems.is_empty() {
        return Err(Failure::new(Exit::Unexpected, "the simulated portal could not be set up; report this"));
    }
    screen.out(&Line::new());
    screen.out(&Line::of(&format!(
        "hubspot-schema apply   {} created",
        counted(applied.done.len() as u64, "definition", "definitions")
    )));
    let first = round(context, inner, folder, "first round").await?;
    let held =
        first.passes.iter().flat_map(|(_, closed)| account::groups(&closed.facts.account, screen.width())).count();
    let second = round(context, inner, folder, "second round, the same files again").await?;
    let mapping = shipped();
    screen.out(&Line::new());
    screen.out(&Line::new().look(Look::Strong, "now in the portal"));
    screen.outs(&in_portal(portal, &mapping));
    let problems = problems(&first, &second);
    screen.out(&Line::new());
    if held > 0 {
        screen.out(&Line::new().look(
            Look::Faint,
            "The samples hold every dirty case on purpose; a pass on them ends with exit 3 and says what to do about each.",
        ));
    }
    for (what, command) in [
        ("a portal that stays", "ivohub sandbox serve"),
        ("in another terminal", "ivohub hubspot-schema apply"),
        ("look before you leap", "ivohub migrate-patients --input samples/patienten.csv --dry-run"),
    ] {
        screen.out(&Line::of(&format!("  {what}")).pad_to(26).look(Look::Command, command));
    }
    screen.json(&json!({
        "type": "summary",
        "command": "demo",
        "first": {"written": first.changed(), "links": first.links(), "unaccounted": first.unaccounted()},
        "second": {"written": second.changed(), "links": second.links(), "writing_calls": second.writing_calls(), "unaccounted": second.unaccounted()},
        "problems": problems,
    }));
    if problems.is_empty() {
        let text = format!(
            "demo done: {} records and {} links in the portal, unaccounted 0; second round 0 created, 0 updated, 0 writing calls",
            grouped(Object::ALL.iter().map(|object| portal.count(*object) as u64).sum()),
            grouped(links_of(portal))
        );
        screen.last(&Line::new().look(Look::Good, &text));
        return Ok(Exit::Done);
    }
    for problem in &problems {
        screen.complain(problem);
    }
    screen.last(&Line::new().look(Look::Bad, "the demo did not end as it should; please report this"));
    Ok(Exit::Invariant)
}

async fn round(context: &Context, inner: &Context, folder: &Path, name: &str) -> Result<Round, Failure> {
    let screen = &context.screen;
    screen.out(&Line::new());
    screen.out(&Line::new().look(Look::Strong, name));
    let mut passes = Vec::with_capacity(PASSES.len());
    for (kind, file) in PASSES {
        let input = folder.join("samples").join(file).display().to_string();
        let args = PassArgs { input: vec![input], yes: true, ..PassArgs::default() };
        let closed = passes::carry_out(inner, kind, &args).await?;
        if !matches!(closed.exit, Exit::Done | Exit::Unfinished | Exit::Invariant) {
            let message = format!("{} on the samples ended with exit {}", closed.facts.command, closed.exit.code());
            return Err(Failure::new(closed.exit, message));
        }
        let calls = closed.facts.calls;
        screen.outs(&account::kinds(&closed.facts.account, screen.width()));
        let bound = if closed.facts.bound > 0 { format!(", bound {}", closed.facts.bound) } else { String::new() };
        let text = format!("{} calls, {} of them writing{bound}", calls.total(), calls.writing());
        screen.out(&Line::new().pad_to(14).look(Look::Faint, &text));
        screen.json(&json!({"type": "pass", "round": name, "command": closed.facts.command, "account": account_json(&closed.facts.account), "calls": calls}));
        passes.push((kind, closed));
    }
    Ok(Round { passes })
}

/// What is not as it should be.
fn problems(first: &Round, second: &Round) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, round) in [("first", first), ("second", second)] {
        if round.unaccounted() != 0 {
            problems.push(format!("{name} round: the account does not add up"));
        }
    }
    if second.changed() + second.links() + second.writing_calls() != 0 {
        problems.push(format!(
            "second round: {} records and {} links written, {} writing calls",
            second.changed(),
            second.links(),
            second.writing_calls()
        ));
    }
    let manifest = Manifest::of_samples();
    for (kind, closed) in &first.passes {
        let rejected: u64 = closed.facts.account.rejected.iter().map(|note| note.count).sum();
        let wanted = manifest.rejected(*kind);
        if rejected != wanted {
            problems.push(format!(
                "{}: {rejected} rows rejected, the manifest of the samples says {wanted}",
                kind.plural()
            ));
        }
    }
    problems
}

fn links_of(portal: &Portal) -> u64 {
    let pairs =
        [(Object::Deal, Object::Contact), (Object::Appointment, Object::Contact), (Object::Appointment, Object::Deal)];
    pairs.iter().map(|(from, to)| portal.link_count(*from, *to) as u64).sum()
}

fn in_portal(portal: &Portal, mapping: &Mapping) -> Vec<Line> {
    let tables = mapping.tables();
    let label = |id: &str| {
        let row = tables.stages.iter().find(|row| row.hubspot_stage_id == id);
        row.map_or_else(|| id.to_owned(), |row| row.label.clone())
    };
    let place = |value: &str| {
        let row = tables.locations.iter().find(|row| row.hubspot_value == value);
        row.map_or_else(|| value.to_owned(), |row| row.name.clone())
    };
    let money = |text: &str| Cents::from_hubspot(text).unwrap_or_default();
    let deals: Vec<DealSeen> = portal
        .live(Object::Deal)
        .iter()
        .map(|deal| DealSeen {
            stage: label(deal.get("dealstage")),
            location: place(deal.get("ivoris_location")),
            amount: money(deal.get("amount")),
            revenue: money(deal.get("treatment_revenue")),
        })
        .collect();
    let stages: Vec<String> = tables.stages.iter().map(|row| row.label.clone()).collect();
    let locations: Vec<String> = tables.locations.iter().map(|row| row.name.clone()).collect();
    let counts: Vec<String> = Object::ALL
        .iter()
        .map(|object| counted(portal.count(*object) as u64, object.word(), &format!("{object}s")))
        .collect();
    let mut lines = vec![Line::of(&format!("  {}, {}", counts.join(", "), counted(links_of(portal), "link", "links")))];
    lines.push(Line::new());
    lines.extend(overview::lines(&stages, &locations, &deals));
    lines
}
