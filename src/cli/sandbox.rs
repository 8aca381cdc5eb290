//! `sandbox serve | seed`: the simulated HubSpot, and invented exports to fill it with.

use serde_json::json;

use crate::config::SANDBOX;
use crate::domain::Object;
use crate::report::{Line, Look, counted, grouped};
use crate::sandbox::hubspot::{Limits, Settings};
use crate::sandbox::{seed, serve, server};

use super::args::SandboxCommand;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

pub(super) async fn run(context: &Context, what: SandboxCommand) -> Result<Exit, Failure> {
    match what {
        SandboxCommand::Serve { port, fresh, unlimited } => serve(context, port, fresh, unlimited).await,
        SandboxCommand::Seed { out, patients, seed: number, changed } => {
            let settings =
                seed::Settings { seed: number, patients, changed_percent: changed, ..seed::Settings::default() };
            let writing = tokio::task::spawn_blocking({
                let out = out.clone();
                move || seed::write(&out, &settings)
            });
            let written = writing
                .await
                .map_err(|_| Failure::new(Exit::Unexpected, "writing the files failed"))?
                .map_err(|error| Failure::new(Exit::Storage, error.to_string()))?;
            let counts = [written.patients.rows, written.appointments.rows, written.entries.rows];
            for (name, rows) in seed::FILES.iter().zip(counts) {
                context.screen.out(&Line::of(&format!(
                    "{:<40}{:>12} rows",
                    out.join(name).display().to_string(),
                    grouped(rows)
                )));
            }
            let next = format!("ivohub migrate-patients --input {}", out.join(seed::FILES[0]).display());
            context.screen.last(&Line::of("→ ").look(Look::Command, &next));
            let [patients, appointments, entries] = counts;
            context.screen.json(&json!({
                "type": "summary", "command": "sandbox seed", "folder": out.display().to_string(),
                "patients": patients, "appointments": appointments, "entries": entries,
            }));
            Ok(Exit::Done)
        }
    }
}

/// What has to stand before a command that means a simulator at another address than the usual one.
fn elsewhere(url: &str) -> String {
    if url.trim_end_matches('/') == SANDBOX { String::new() } else { format!("IVOHUB_HUBSPOT_BASE_URL={url} ") }
}

async fn serve(context: &Context, port: u16, fresh: bool, unlimited: bool) -> Result<Exit, Failure> {
    let folder = context.config.root.join(serve::FOLDER);
    let limits = if unlimited { Limits::unlimited() } else { Limits::default() };
    let portal = serve::open_with(&folder, fresh, Settings { limits, ..Settings::default() }).map_err(|error| {
        let exit = if matches!(error, serve::OpenError::InUse(_)) { Exit::Locked } else { Exit::Storage };
        Failure::new(exit, error.to_string())
    })?;
    let running = server::Server::start(portal.clone(), port).await.map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot listen on 127.0.0.1:{port}: {error}"))
            .next("add --port with another number")
    })?;
    let screen = &context.screen;
    let holds: Vec<String> = Object::ALL
        .iter()
        .map(|object| counted(portal.count(*object) as u64, object.word(), &format!("{object}s")))
        .collect();
    screen.out(&Line::of("simulated HubSpot at ").look(Look::Strong, &running.url()).plain(&format!(
        "   portal {}   {}",
        portal.portal_id(),
        holds.join(", ")
    )));
    screen.out(&Line::new().look(Look::Faint, &format!("kept in {}; Ctrl-C ends", super::mapping::shown(&folder))));
    screen.json(&json!({"type": "serving", "url": running.url(), "portal": portal.portal_id()}));
    let next = if portal.count(Object::Contact) == 0 {
        "ivohub hubspot-schema apply"
    } else {
        "ivohub migrate-patients --input samples/patienten.csv"
    };
    let next = format!("{}{next}", elsewhere(&running.url()));
    screen.out(&Line::of("→ in another terminal: ").look(Look::Command, &next));
    context.stop.token.cancelled().await;
    running.stop().await.map_err(|error| Failure::new(Exit::Unexpected, format!("the server ended with {error}")))?;
    // Being stopped is how it is meant to end.
    Ok(Exit::Done)
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
