//! `why KEY`: the chain from the source record to what was written, for one patient, appointment, entry or deal.

use std::io::IsTerminal as _;

use clap::Args;
use serde_json::json;

use crate::domain::{HubspotId, Kind, Patient, PatientNumber, normalise_id};
use crate::mapping::Rulings;
use crate::pass::{Decider, Presence};
use crate::report::{Line, Look, why};
use crate::store::{Fit, Sought, Store, Trace};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
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
    let (letter, sought) = meanings(&args.key, context)?;
    let found = chosen(store.find(sought).await?, letter);
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
    let screen =
        why::Why { asked: fit, chain: &chain, traces: &traces, lexicon: &lexicon, mapping: &digest, zone, width };
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
        "writes": traces.iter().map(write).collect::<Vec<_>>(),
        "due": chain.due.len(),
    }));
    Ok(Exit::Done)
}

/// One write without values: which run, which rule, which properties.
fn write(trace: &Trace) -> serde_json::Value {
    let Trace { step, run, command, started, fate, problem, hubspot } = trace;
    json!({
        "record": format!("{}:{}", crate::report::change::letter(step.object), step.key),
        "run": run.to_string(), "command": command, "started": started, "state": fate, "problem": problem,
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

/// Every way in which the word can be meant, and the letter before a pseudonym.
fn meanings(word: &str, context: &Context) -> Result<(Option<char>, Vec<Sought>), Failure> {
    let word = word.trim();
    let letters = ['P', 'A', 'E', 'D'];
    let (letter, rest) = match word.split_once(':') {
        Some((letter, rest)) if letter.len() == 1 => (letter.chars().next().map(|one| one.to_ascii_uppercase()), rest),
        Some(_) | None => (None, word),
    };
    if letter.is_some_and(|letter| !letters.contains(&letter)) {
        return Err(Failure::new(Exit::Usage, format!("\"{word}\" is no pseudonym: they begin with P:, A:, E: or D:")));
    }
    let mut sought: Vec<Sought> = first_bytes(rest).map(Sought::Pseudonym).into_iter().collect();
    if letter.is_none() {
        if let Ok(id) = normalise_id(rest) {
            let instances = &context.config.instances;
            sought.extend(instances.iter().map(|instance| Sought::Key(format!("{}{id}", instance.prefix))));
            sought.extend(instances.iter().map(|instance| Sought::Key(format!("{}nr-{id}", instance.prefix))));
            sought.push(Sought::Key(id.clone()));
            let number = |instance: &crate::config::Instance| PatientNumber::new(&format!("{}:{id}", instance.key));
            sought.extend(instances.iter().map(|instance| Sought::Number(number(instance))));
        }
        sought.extend(rest.parse().ok().map(|id| Sought::Hubspot(HubspotId(id))));
    }
    if sought.is_empty() {
        let message = format!("\"{word}\" is neither a pseudonym nor an id");
        return Err(Failure::new(Exit::Usage, message).next("ivohub why A:c2f41e88"));
    }
    Ok((letter, sought))
}

/// Four to sixteen bytes in hex.
fn first_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() < 8 || digits.len() > 32 || digits.len() % 2 == 1 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect()
}

/// What the letter leaves; without one an appointment stands for the deal it is the key of.
fn chosen(fits: Vec<Fit>, letter: Option<char>) -> Vec<Fit> {
    let wanted = |fit: &Fit| letter.is_none_or(|letter| letter == fit.kind.map_or('D', Kind::letter));
    let fits: Vec<Fit> = fits.into_iter().filter(wanted).collect();
    let is_there = |key| fits.iter().any(|fit| fit.kind == Some(Kind::Appointment) && fit.key == key);
    fits.iter().filter(|fit| fit.kind.is_some() || !is_there(fit.key)).copied().collect()
}
