//! `sandbox serve | seed`: the simulated HubSpot and Ivoris, and invented data to fill them with.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::config::SANDBOX;
use crate::domain::Object;
use crate::report::{Line, Look, counted, grouped};
use crate::sandbox::hubspot::{Limits, Settings};
use crate::sandbox::ivoris::{self, Data, Kept, Practice};
use crate::sandbox::{seed, serve, server};

use super::args::SandboxCommand;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

pub(super) async fn run(context: &Context, what: SandboxCommand) -> Result<Exit, Failure> {
    match what {
        SandboxCommand::Serve { port, ivoris_port, fresh, unlimited, samples } => {
            let ivoris_port = ivoris_port.unwrap_or(if port == 0 { 0 } else { port.wrapping_add(1) });
            serve(context, &Wanted { port, ivoris_port, fresh, unlimited, samples }).await
        }
        SandboxCommand::Seed { out, patients, seed: number, changed } => {
            let settings =
                seed::Settings { seed: number, patients, changed_percent: changed, ..seed::Settings::default() };
            seeded(context, &out, settings).await
        }
    }
}

async fn seeded(context: &Context, out: &Path, settings: seed::Settings) -> Result<Exit, Failure> {
    let written = blocking({
        let out = out.to_owned();
        move || seed::write(&out, &settings)
    })
    .await?
    .map_err(|error| Failure::new(Exit::Storage, error.to_string()))?;
    Kept::write(&context.config.root.join(serve::FOLDER), &settings, out)
        .map_err(|error| Failure::new(Exit::Storage, error.to_string()))?;
    let counts = [written.patients.rows, written.appointments.rows, written.entries.rows];
    for (name, rows) in seed::FILES.iter().zip(counts) {
        let name = out.join(name).display().to_string();
        context.screen.out(&Line::of(&format!("{name:<40}{:>12} rows", grouped(rows))));
    }
    let same = "the simulated Ivoris holds the same data from its next start on: ";
    context.screen.out(&Line::of(same).look(Look::Command, "ivohub sandbox serve"));
    let next = format!("ivohub migrate-patients --input {}", out.join(seed::FILES[0]).display());
    context.screen.last(&Line::of("→ ").look(Look::Command, &next));
    let [patients, appointments, entries] = counts;
    context.screen.json(&json!({
        "type": "summary", "command": "sandbox seed", "folder": out.display().to_string(),
        "patients": patients, "appointments": appointments, "entries": entries,
    }));
    Ok(Exit::Done)
}

/// Runs what takes long and waits for nothing.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Failure::new(Exit::Unexpected, "inventing the data failed"))
}

/// What has to stand before a command that means a simulator at another address than the usual one.
fn elsewhere(url: &str) -> String {
    if url.trim_end_matches('/') == SANDBOX { String::new() } else { format!("IVOHUB_HUBSPOT_BASE_URL={url} ") }
}

/// What is to be served.
struct Wanted {
    port: u16,
    ivoris_port: u16,
    fresh: bool,
    unlimited: bool,
    samples: bool,
}

async fn serve(context: &Context, wanted: &Wanted) -> Result<Exit, Failure> {
    let folder = context.config.root.join(serve::FOLDER);
    let limits = if wanted.unlimited { Limits::unlimited() } else { Limits::default() };
    let portal =
        serve::open_with(&folder, wanted.fresh, Settings { limits, ..Settings::default() }).map_err(|error| {
            let exit = if matches!(error, serve::OpenError::InUse(_)) { Exit::Locked } else { Exit::Storage };
            Failure::new(exit, error.to_string())
        })?;
    let (practice, holds) = practice(&folder, wanted.samples).await?;
    let running = server::Server::start(portal.clone(), wanted.port)
        .await
        .map_err(|error| taken(wanted.port, "--port", &error))?;
    let ivoris = ivoris::Server::start(practice.clone(), wanted.ivoris_port)
        .await
        .map_err(|error| taken(wanted.ivoris_port, "--ivoris-port", &error))?;
    let screen = &context.screen;
    let records: Vec<String> = Object::ALL
        .iter()
        .map(|object| counted(portal.count(*object) as u64, object.word(), &format!("{object}s")))
        .collect();
    screen.out(&Line::of("simulated HubSpot at ").look(Look::Strong, &running.url()).plain(&format!(
        "   portal {}   {}",
        portal.portal_id(),
        records.join(", ")
    )));
    let installations = practice.installations();
    let patients: Vec<String> = installations
        .iter()
        .map(|name| format!("{name} {}", counted(practice.patients(name).len() as u64, "patient", "patients")))
        .collect();
    screen.out(
        &Line::of("simulated Ivoris at  ")
            .look(Look::Strong, &ivoris.url())
            .plain(&format!("   {}   {holds}", patients.join(", "))),
    );
    screen.out(&Line::new().look(Look::Faint, &format!("kept in {}; Ctrl-C ends", super::mapping::shown(&folder))));
    let bases: BTreeMap<&String, String> =
        installations.iter().map(|name| (name, format!("{}{}", ivoris.url(), practice.base(name)))).collect();
    screen.json(&json!({
        "type": "serving", "url": running.url(), "portal": portal.portal_id(),
        "ivoris": {"url": ivoris.url(), "data": holds, "installations": bases},
    }));
    let next = if portal.count(Object::Contact) == 0 {
        "ivohub hubspot-schema apply"
    } else {
        "ivohub migrate-patients --input samples/patienten.csv"
    };
    let next = format!("{}{next}", elsewhere(&running.url()));
    screen.out(&Line::of("→ in another terminal: ").look(Look::Command, &next));
    context.stop.token.cancelled().await;
    for server in [running, ivoris] {
        let ended = server.stop().await;
        ended.map_err(|error| Failure::new(Exit::Unexpected, format!("the server ended with {error}")))?;
    }
    // Being stopped is how it is meant to end.
    Ok(Exit::Done)
}

/// The Ivoris to serve, and what it holds in words.
async fn practice(folder: &Path, samples: bool) -> Result<(Practice, String), Failure> {
    let kept = if samples {
        None
    } else {
        Kept::read(folder).map_err(|error| Failure::new(Exit::Storage, error.to_string()))?
    };
    let holds = kept.as_ref().map_or_else(
        || "the data of samples/".to_owned(),
        |kept| format!("the data of the exports in {}", kept.exports.display()),
    );
    let data = blocking(move || kept.map_or_else(Data::samples, |kept| kept.data())).await?;
    Ok((Practice::new(ivoris::Settings::exact(), data), holds))
}

fn taken(port: u16, option: &str, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("cannot listen on 127.0.0.1:{port}: {error}"))
        .next(format!("add {option} with another number, for instance {}", port.saturating_add(100)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_is_named_in_the_next_step() {
        assert_eq!(elsewhere("http://127.0.0.1:4810"), "");
        assert_eq!(elsewhere("http://127.0.0.1:4811"), "IVOHUB_HUBSPOT_BASE_URL=http://127.0.0.1:4811 ");
    }
}
