//! `why KEY`: the chain from the source record to what was written, for one patient, appointment, entry or deal.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;

use clap::Args;
use serde_json::json;

use crate::config::Instance;
use crate::domain::{Patient, RunId};
use crate::mapping::Rulings;
use crate::pass::{self, Decider, Presence};
use crate::report::{Line, Look, why};
use crate::store::{Sought, Store, Trace};

use super::context::{Context, key_names};
use super::exit::Exit;
use super::failure::Failure;
use super::key::Key;
use super::lexicon;
use super::mapping::sound;

/// What to explain.
#[derive(Args, Debug)]
pub(super) struct WhyArgs {
    /// A pseudonym (A:c2f41e88), an Ivoris id, a Pat.-Nr. or a HubSpot id
    #[arg(value_name = "KEY")]
    key: String,
    /// Shows names and addresses too; on a terminal only, and the log says so
    #[arg(long)]
    reveal: bool,
}

pub(super) async fn run(context: &Context, args: &WhyArgs) -> Result<Exit, Failure> {
    let config = &context.config;
    if args.reveal && !std::io::stdout().is_terminal() {
        return Err(Failure::new(Exit::Usage, "--reveal shows names and needs a terminal").next("ivohub why KEY"));
    }
    if !config.state.is_file() {
        let message = format!("nothing is known yet: profile {} has no state", config.profile);
        return Err(Failure::new(Exit::Usage, message).next("ivohub migrate-patients --input FILE"));
    }
    let mapping = sound(config, &context.screen)?;
    let store = context.store(context.sealer()?)?;
    let key = Key::read(&args.key).map_err(|error| {
        Failure::new(Exit::Usage, format!("\"{}\" {error}", args.key.trim())).next("ivohub why A:c2f41e88")
    })?;
    let instances: Vec<&Instance> = config.instances.iter().collect();
    let names = key.names(&instances).into_iter().map(|(_, name)| Sought::Key(name));
    let found = key.chosen(store.find(names.chain(key.besides(&instances)).collect()).await?);
    let fit = match found.as_slice() {
        [] => {
            let message = format!("no record fits \"{}\"", args.key);
            let next = "give a pseudonym from a screen or log, an Ivoris id, a Pat.-Nr. or a HubSpot id of a record that was read";
            return Err(Failure::new(Exit::Usage, message).next(next));
        }
        [fit] => *fit,
        several => {
            context.screen.complain(&format!("{} records fit \"{}\"", several.len(), args.key));
            context.screen.outs(&why::fits(several));
            for fit in several {
                let pseudonym = why::pseudonym(*fit);
                context.screen.json(&json!({"type": "fit", "key": pseudonym, "patient": format!("P:{}", fit.patient)}));
            }
            return Err(Failure::told(Exit::Usage).next(format!("ivohub why {}", why::pseudonym(several[0]))));
        }
    };
    let file = store.file_of(fit.patient).await?;
    let traces = store.traces(fit.patient).await?;
    // Stages are written by the ids that the portal gave them.
    let stages = pass::stages_of(store.basis().await?.as_ref());
    let mapping = mapping.for_portal(&stages, &key_names(&config.hubspot.keys));
    let mut decided_with: BTreeMap<RunId, String> = BTreeMap::new();
    for run in traces.iter().map(|trace| trace.run).collect::<BTreeSet<_>>() {
        let digest = store.mapping_of(run).await?;
        decided_with.extend(digest.map(|digest| (run, digest.chars().take(8).collect())));
    }
    let rulings = Rulings::new(&mapping);
    let settings = context.settings(config.limits);
    let decider = Decider {
        mapping: &mapping,
        rulings: &rulings,
        deals: &config.deals,
        selection: &settings.selection,
        presence: Presence::default(),
        appointment_objects: config.hubspot.appointment_objects,
        zone: config.zone,
    };
    let chain = decider.explain(&file);
    let digest = mapping.digests().mapping.to_string();
    let lexicon = lexicon::of(&mapping, config.zone);
    let (zone, width) = (config.zone, context.screen.width());
    let screen = why::Why {
        asked: fit,
        chain: &chain,
        traces: &traces,
        decided_with: &decided_with,
        lexicon: &lexicon,
        mapping: &digest,
        zone,
        width,
    };
    if let Some(patient) = file.patient.as_ref().filter(|_| args.reveal) {
        tracing::warn!(target: "ivohub::audit", record = why::pseudonym(fit), "names were shown (--reveal)");
        context.screen.outs(&person(&patient.record));
    }
    context.screen.outs(&screen.lines());
    context.screen.json(&json!({
        "type": "why",
        "key": why::pseudonym(fit),
        "patient": format!("P:{}", fit.patient),
        "mapping": digest,
        "chain": chain,
        "cases": chain.cases.iter().map(|case| case.deal.map(|key| format!("D:{key}"))).collect::<Vec<_>>(),
        "appointments": chain.visits.iter().map(|visit| format!("A:{}", visit.source.key)).collect::<Vec<_>>(),
        "entries": chain.entries.iter().map(|entry| format!("E:{}", entry.source.key)).collect::<Vec<_>>(),
        "writes": traces.iter().map(|trace| write(trace, decided_with.get(&trace.run))).collect::<Vec<_>>(),
        "due": chain.due.len(),
    }));
    Ok(Exit::Done)
}

/// One write without values: which run, which rule, which properties.
fn write(trace: &Trace, tables: Option<&String>) -> serde_json::Value {
    let Trace { step, run, command, started, fate, problem, hubspot } = trace;
    json!({
        "record": format!("{}:{}", crate::report::change::letter(step.object), step.key),
        "run": run.to_string(), "mapping": tables, "command": command, "started": started, "state": fate, "problem": problem,
        "hubspot": hubspot, "rule": step.rule, "reason": step.reason,
        "properties": step.set.keys().map(crate::domain::PropertyName::as_str).collect::<Vec<_>>(),
    })
}

fn person(patient: &Patient) -> Vec<Line> {
    let Patient { first_name, last_name, birthday, email, phone, mobile, .. } = patient;
    let born = birthday.map_or_else(String::new, |day| day.to_string());
    let fields = [
        ("name", format!("{} {}", first_name.expose(), last_name.expose())),
        ("born", born),
        ("e-mail", email.expose().to_owned()),
        ("phone", format!("{}  {}", phone.expose(), mobile.expose())),
    ];
    let shown = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    shown.map(|(name, value)| Line::of("  ").look(Look::Faint, name).pad_to(13).plain(value.trim())).collect()
}
