//! `mappings affected`: what the present tables would change in HubSpot, before anything runs. Asks nobody, writes nothing.

use clap::Args;
use serde_json::json;

use crate::cli::context::{Context, key_names};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::mapping::sound;
use crate::mapping::Rulings;
use crate::pass::{self, Again, Decider, Presence};
use crate::report::{Line, Look, again, effect};
use crate::store::{SqliteStore, Store};

use super::versions;

/// Ways to the state that are read at the same time.
const READERS: usize = 2;

/// What `mappings affected` takes.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct AffectedArgs {
    /// Lists deals and appointments that would change, by pseudonym
    #[arg(long)]
    list: bool,
}

/// Shows what would become of the records that the tables concern.
pub(super) async fn run(context: &Context, args: &AffectedArgs) -> Result<Exit, Failure> {
    let config = &context.config;
    let screen = &context.screen;
    let mapping = sound(config, screen)?;
    let store = versions::state(context)?.ok_or_else(|| versions::nothing_yet(context))?;
    let before = store.basis().await?.ok_or_else(|| versions::nothing_yet(context))?;
    let stages = pass::stages_of(Some(&before));
    let there = mapping.for_portal(&stages, &key_names(&config.hubspot.keys));
    let rulings = Rulings::new(&there);
    let settings = context.settings(config.limits);
    let basis = pass::basis(&settings, &there, &stages);
    let words = store.words().await?;
    let question = pass::question(&store, basis, &words, &there, &rulings, Vec::new(), true).await?;
    let concerned = store.concerned(question).await?;
    let again = Again::of(&concerned, &there, true);
    if let Some(again) = &again {
        screen.out(&again::line(again));
    }
    let decider = Decider {
        mapping: &there,
        rulings: &rulings,
        deals: &config.deals,
        selection: &settings.selection,
        presence: Presence::default(),
        appointment_objects: config.hubspot.appointment_objects,
        zone: config.zone,
    };
    let old = versions::kept(&store, &before.mapping).await?;
    let mut stores: Vec<SqliteStore> = vec![store];
    while stores.len() < READERS && concerned.patients.len() > 1 {
        stores.push(context.store(context.sealer()?)?);
    }
    let found = pass::effect(stores, &concerned.patients, &decider, old.as_ref()).await?;
    let next = if concerned.patients.is_empty() {
        Line::of("no record looked at anything that has changed")
    } else {
        screen.outs(&effect::lines(&found, args.list));
        Line::of("nothing was written   → ")
            .look(Look::Command, "ivohub migrate-appointments --requeue=affected --dry-run")
    };
    screen.last(&next);
    screen.json(&json!({
        "type": "summary", "command": "mappings affected", "mapping": there.digests().mapping.hex(),
        "before": before.mapping, "again": again, "effect": effect::json(&found, args.list),
    }));
    Ok(Exit::Done)
}
