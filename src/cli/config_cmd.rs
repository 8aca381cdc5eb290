//! `config check | show`: what was written down, and whether it is sound.

use serde_json::json;

use crate::config::{Config, Secret, Shown};
use crate::report::{Line, Look, counted, finding, table};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::findings;
use super::mapping::{shown, sound};

/// File, secrets and tables; opens no connection.
pub(super) fn check(context: &Context) -> Result<Exit, Failure> {
    let config = &context.config;
    let screen = &context.screen;
    finding::show(screen, &findings::of_config(&config.warnings));
    let file = config.file.as_deref().map_or_else(|| "no ivohub.toml, built-in profile".to_owned(), shown);
    let good = |name: &str, text: &str| {
        screen.out(&Line::of(name).pad_to(10).look(Look::Good, "ok   ").plain(text));
    };
    good("config", &format!("{file}, profile {}, mode {}", config.profile, config.mode.word()));
    secrets_are_there(context)?;
    good("hubspot", &format!("{}, token is there", config.hubspot.base_url));
    for instance in &config.instances {
        let text = match &instance.ivoris {
            None => "no address, CSV files only".to_owned(),
            Some(ivoris) => {
                // Reads the file with certificate authorities, too.
                context.network_to(instance)?;
                let simulator = if ivoris.given { "" } else { " (simulator)" };
                format!("{}{simulator}, secrets are there", ivoris.address)
            }
        };
        good("ivoris", &format!("{}: {text}", instance.key));
    }
    if config.state_key.exists() {
        // The same refusal as when the state is opened; a key that is not there is made at the first use.
        context.sealer()?;
    }
    let mapping = sound(config, screen)?;
    good("mappings", &format!("digest {}", mapping.digests().mapping));
    good("state", &shown(&config.state));
    screen.last(&Line::new().look(Look::Good, &format!("profile {} is ready", config.profile)));
    screen.json(&json!({"type": "summary", "command": "config check", "profile": config.profile, "warnings": config.warnings.len()}));
    Ok(Exit::Done)
}

/// Tells of every secret that is missing, not only of the first.
fn secrets_are_there(context: &Context) -> Result<(), Failure> {
    let mut missing = 0_u64;
    for Secret { key, read } in context.config.secrets() {
        let Err(error) = read else { continue };
        missing += 1;
        let (exit, message) = (Exit::Refused.code(), error.to_string());
        context.screen.complain(&message);
        context.screen.json(&json!({"type": "error", "exit": exit, "key": key, "message": message, "next": null}));
    }
    if missing == 0 { Ok(()) } else { Err(Failure::told(Exit::Refused)) }
}

/// Every value that was given, and who gave it.
pub(super) fn show(context: &Context) -> Exit {
    let Config { file, profile, mode, shown: values, .. } = &context.config;
    let screen = &context.screen;
    let file = file.as_deref().map_or_else(|| "no ivohub.toml, built-in profile".to_owned(), shown);
    screen.out(
        &Line::new().look(Look::Strong, &format!("profile {profile}")).plain(&format!("   {} ({file})", mode.word())),
    );
    screen.outs(&values_shown(values, screen.width()));
    screen.last(
        &Line::new().look(
            Look::Faint,
            &format!("{} given, all else is default", counted(values.len() as u64, "value", "values")),
        ),
    );
    screen.json(&json!({"type": "config", "profile": profile, "mode": mode.word(), "values": values}));
    Exit::Done
}

/// A table where it fits; else each value with its origin below.
fn values_shown(values: &[Shown], width: usize) -> Vec<Line> {
    if values.is_empty() {
        return Vec::new();
    }
    let row = |line: &Shown| vec![line.key.clone(), line.value.clone(), line.origin.clone(), line.help.to_owned()];
    let rows: Vec<Vec<String>> = values.iter().map(row).collect();
    let lines = table(&["key", "value", "given by", ""], &rows, 4, 0);
    if lines.iter().all(|line| line.width() <= width) {
        return lines;
    }
    let both = |line: &Shown| {
        let first = Line::of(&format!("{} = {}", line.key, line.value)).wrapped(width, 4);
        let origin = format!("    {}: {}", line.origin, line.help);
        let second = Line::new().look(Look::Faint, &origin).wrapped(width, 4);
        first.into_iter().chain(second)
    };
    values.iter().flat_map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_narrow_screens() {
        let value = Shown {
            key: "guard.updates".to_owned(),
            value: "20%".to_owned(),
            origin: "ivohub.toml:12".to_owned(),
            help: "most changed contacts, and most changed deals; a share never goes below 200",
        };
        for (width, lines) in [(200, 2), (60, 3)] {
            let shown: Vec<String> =
                values_shown(std::slice::from_ref(&value), width).iter().map(|line| line.text(false)).collect();
            assert_eq!(shown.len(), lines, "{shown:#?}");
            assert!(shown.iter().all(|line| line.chars().count() <= width), "{shown:#?}");
            assert!(shown.iter().any(|line| line.contains("ivohub.toml:12")), "{shown:#?}");
        }
    }
}
