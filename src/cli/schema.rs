//! `hubspot-schema plan | apply`: property groups, properties, pipeline and stages of the portal.

use serde_json::json;

use crate::apply::KeyProperties;
use crate::domain::Object;
use crate::hubspot::Client;
use crate::mapping::Mapping;
use crate::pass::schema::{Applied, AppointmentsOff, Definitions, Desired, SchemaPlan, SchemaProblem, apply, diff};
use crate::report::{Line, Look, counted};

use super::ask;
use super::context::{Context, key_names};
use super::exit::Exit;
use super::failure::Failure;
use super::mapping::sound;

/// A portal's schema as it is and as it should be.
struct Site {
    portal: u64,
    client: Client,
    desired: Desired,
    plan: SchemaPlan,
}

async fn site(context: &Context) -> Result<Site, Failure> {
    let mapping = sound(&context.config, &context.screen)?;
    let client = context.client()?;
    let reader = client.reader();
    let portal = reader.account().await?.portal_id;
    if let Some(wanted) = context.config.hubspot.portal.filter(|wanted| *wanted != portal) {
        return Err(crate::pass::Error::WrongPortal { wanted, found: portal }.into());
    }
    let desired = desired(context, &mapping)?;
    let plan = diff(&desired, &Definitions::read(&reader, &desired).await?);
    Ok(Site { portal, client, desired, plan })
}

fn desired(context: &Context, mapping: &Mapping) -> Result<Desired, Failure> {
    let names = key_names(&context.config.hubspot.keys);
    let key = |object: Object| {
        let own = || mapping.key_property(object).map(|row| row.name.clone());
        names.get(&object).cloned().or_else(own).ok_or(crate::pass::Error::NoKey(object))
    };
    let keys = KeyProperties {
        contact: key(Object::Contact)?,
        appointment: key(Object::Appointment)?,
        deal: key(Object::Deal)?,
    };
    let desired = Desired::of(mapping, &keys);
    Ok(if context.config.hubspot.appointment_objects { desired } else { desired.without_appointments() })
}

/// What the portal lacks for the tables; reads only.
pub(super) async fn portal_plan(context: &Context) -> Result<SchemaPlan, Failure> {
    Ok(site(context).await?.plan)
}

/// Shows what would be created.
pub(super) async fn plan(context: &Context, detailed_exitcode: bool) -> Result<Exit, Failure> {
    let site = site(context).await?;
    show_plan(context, &site);
    show_problems(context, &site.plan.problems, site.plan.appointments_off.as_ref());
    let left = site.plan.steps.len() as u64;
    let line = if left == 0 {
        Line::new().look(Look::Good, &format!("portal {} needs nothing", site.portal))
    } else {
        let text = format!("{} to create in portal {}", counted(left, "definition", "definitions"), site.portal);
        Line::of(&text).plain("   → ").look(Look::Command, "ivohub hubspot-schema apply")
    };
    context.screen.last(&line);
    context.screen.json(&json!({
        "type": "summary",
        "command": "hubspot-schema plan",
        "portal": site.portal,
        "steps": texts(&site.plan.steps),
        "problems": texts(&site.plan.problems),
        "appointments_off": site.plan.appointments_off.as_ref().map(ToString::to_string),
    }));
    let blocked = (!site.plan.problems.is_empty()).then_some(Exit::Refused);
    let pending = (left > 0 && detailed_exitcode).then_some(Exit::Pending);
    Ok(Exit::most_urgent(blocked.into_iter().chain(pending)))
}

/// Creates everything without a word; for the demo.
#[cfg(feature = "sandbox")]
pub(super) async fn create(context: &Context) -> Result<Applied, Failure> {
    let site = site(context).await?;
    Ok(apply(&site.plan, &site.desired, &site.client.reader(), &site.client.schema_writer()).await?)
}

/// Creates it.
pub(super) async fn apply_plan(context: &Context, yes: bool) -> Result<Exit, Failure> {
    if !yes {
        context.asking.or_flag("--yes")?;
    }
    let site = site(context).await?;
    show_plan(context, &site);
    let number = site.plan.steps.len() as u64;
    if number > 0 && !yes {
        let question = format!(
            "Create {} in portal {} ({})?",
            counted(number, "definition", "definitions"),
            site.portal,
            context.config.mode.word()
        );
        if !ask::yes(&question)? {
            context.screen.last(&Line::of("nothing was written"));
            return Ok(Exit::Done);
        }
    }
    let applied = apply(&site.plan, &site.desired, &site.client.reader(), &site.client.schema_writer()).await?;
    show_problems(context, &applied.problems, applied.appointments_off.as_ref());
    let Applied { done, left, problems, appointments_off } = &applied;
    let line = Line::of(&format!(
        "portal {}: {} created, {} left, {}",
        site.portal,
        done.len(),
        left.len(),
        counted(problems.len() as u64, "problem", "problems")
    ));
    let ready = left.is_empty() && problems.is_empty();
    let next = if ready { "ivohub migrate-patients --input FILE" } else { "ivohub hubspot-schema apply" };
    context.screen.last(&line.plain("   → ").look(Look::Command, next));
    context.screen.json(&json!({
        "type": "summary",
        "command": "hubspot-schema apply",
        "portal": site.portal,
        "created": texts(done),
        "left": texts(left),
        "problems": texts(problems),
        "appointments_off": appointments_off.as_ref().map(ToString::to_string),
    }));
    let blocked = (!problems.is_empty()).then_some(Exit::Refused);
    let open = (!left.is_empty()).then_some(Exit::Unfinished);
    Ok(Exit::most_urgent(blocked.into_iter().chain(open)))
}

fn show_plan(context: &Context, site: &Site) {
    for step in &site.plan.steps {
        context.screen.out(&Line::of("  ").look(Look::Good, "+ ").plain(&step.to_string()));
    }
}

fn show_problems(context: &Context, problems: &[SchemaProblem], off: Option<&AppointmentsOff>) {
    for problem in problems {
        context.screen.complain(&problem.to_string());
    }
    if let Some(off) = off {
        context.screen.note(&Line::new().look(Look::Warn, "note: ").plain(&off.to_string()));
    }
}

fn texts<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}
