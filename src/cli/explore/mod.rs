//! `explore`: asks the installations, shows what was found, writes it down. Needs no HubSpot and no state.

mod args;
mod files;
mod routes;
mod steps;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use serde_json::{Value, json};

use crate::config::{Instance, Mode};
use crate::http::{Redactor, SystemClock, SystemRandom};
use crate::ivoris::{Client, Effects, Learned, RouteProfile, Settings, Told};
use crate::mapping::Mapping;
use crate::pass::explore::{Connect, End, Explored, Survey, Wanted, Witness, calls, changes, explore, look_at};
use crate::pass::{Observer, Phase};
use crate::report::explore::{Finding, Need, findings};
use crate::report::{Line, Look, Progress, Screen, counted};

use super::ask;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::mapping::sound;

pub(super) use args::ExploreArgs;
use files::{Folder, Written};
pub(super) use files::{earlier_surveys, header};

/// Most repeats, in hundredths of the calls.
const RETRIES: u32 = 50;
/// How long a server that is away is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Looks at the installations, one after the other.
pub(super) async fn run(context: &Context, args: &ExploreArgs) -> Result<Exit, Failure> {
    let instances = chosen(context, &args.instances, args.asks())?;
    if args.routes {
        routes::show(context, &instances);
        return Ok(Exit::Done);
    }
    let mapping = if args.check_mappings { Some(sound(&context.config, &context.screen)?) } else { None };
    if args.probe_load && !args.yes {
        context.asking.or_flag("--yes")?;
        let question = "Probe the load? Up to 29 questions of growing weight, until the first one fails";
        if !ask::yes(question)? {
            return Err(Failure::new(Exit::Done, "nothing was asked").next("without it: leave --probe-load away"));
        }
    }
    let document = args.openapi.as_deref().map(files::read_json).transpose()?;
    let mut ends = Vec::new();
    let mut documents = Vec::new();
    let several = instances.len() > 1;
    for instance in instances {
        match look(context, args, instance, mapping.as_ref(), document.as_ref()).await {
            Ok(looked) => {
                documents.push(looked.document);
                ends.push(looked.exit);
            }
            // What keeps one from being asked need not keep the others.
            Err(failure) if several => {
                context.screen.complain(&format!("{}: {}", instance.key, failure.message));
                if let Some(next) = &failure.next {
                    context.screen.error(&Line::of("→ ").look(Look::Command, next));
                }
                ends.push(failure.exit);
            }
            Err(failure) => return Err(failure),
        }
        if context.stop.token.is_cancelled() {
            return Err(Failure::told(Exit::Interrupted));
        }
    }
    if let Some(out) = args.out.as_ref().filter(|_| !documents.is_empty()) {
        files::write(out, &documents.join("\n"))?;
    }
    Ok(Exit::most_urgent(ends))
}

/// The installations that are meant: those named, or all that have an address.
fn chosen<'c>(context: &'c Context, names: &[String], asks: bool) -> Result<Vec<&'c Instance>, Failure> {
    let all = &context.config.instances;
    let usage = |message: String, next: String| Err(Failure::new(Exit::Usage, message).next(next));
    if let Some(name) = names.iter().find(|name| all.iter().all(|one| one.key.as_str() != name.as_str())) {
        let known: Vec<&str> = all.iter().map(|one| one.key.as_str()).collect();
        return usage(format!("no installation is called \"{name}\""), format!("known are: {}", known.join(", ")));
    }
    let wanted = |one: &&Instance| names.is_empty() || names.iter().any(|name| name == one.key.as_str());
    let with = all.iter().filter(wanted).filter(|one| one.ivoris.is_some()).collect::<Vec<_>>();
    if !with.is_empty() || (!asks && !all.is_empty()) {
        return Ok(if asks { with } else { all.iter().filter(wanted).collect() });
    }
    let table = format!("[profile.{}.ivoris.…]", context.config.profile);
    usage(
        "no installation has an address: ivoris.….base_url is not set".to_owned(),
        format!("set base_url, user, password and app below {table}"),
    )
}

struct Looked {
    exit: Exit,
    document: String,
}

/// One installation: asked, shown, written down.
async fn look(
    context: &Context,
    args: &ExploreArgs,
    instance: &Instance,
    mapping: Option<&Mapping>,
    document: Option<&Value>,
) -> Result<Looked, Failure> {
    let profile =
        instance.ivoris.as_ref().map_or_else(|| Arc::new(RouteProfile::builtin()), |one| Arc::clone(&one.profile));
    let begun = Instant::now();
    let explored = match document {
        Some(document) => look_at(document, instance.key.clone(), Utc::now(), &profile).ok_or_else(|| {
            let file = args.openapi.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
            Failure::new(Exit::Usage, format!("{file} is neither an OpenAPI 3 nor a Swagger 2 document"))
        })?,
        None => ask_it(context, args, instance, mapping, profile).await?,
    };
    let redactor = {
        use secrecy::ExposeSecret;
        Redactor::new(context.config.masked().iter().map(ExposeSecret::expose_secret))
    };
    let folder = Folder::of(&context.config, &instance.key);
    // What was cut short has not looked at everything: what it lacks is no news.
    let earlier = folder.earlier().filter(|_| explored.survey.end == End::Complete);
    let news = earlier.as_ref().map(|earlier| (changes(earlier, &explored.survey), when(context, earlier)));
    let found = findings(&explored.survey);
    let written = folder.write(context, args, &explored, &redactor)?;
    let steps = steps::steps(context, &explored, &found, &written);
    let text = crate::report::explore::document(
        &explored.survey,
        &steps,
        news.as_ref().map(|(changes, since)| (changes.as_slice(), since.as_str())),
        &written.files,
    );
    let text = redactor_lines(&redactor, &text);
    let place = args.out.clone().unwrap_or_else(|| folder.document(explored.survey.end));
    if args.out.is_none() {
        files::write(&place, &text)?;
    }
    let seconds = begun.elapsed().as_secs();
    show(&context.screen, &explored, &found, news.as_ref(), seconds);
    let exit = Exit::most_urgent(found.iter().map(exit_of));
    close(context, &explored, &found, &steps, &place, &written, exit);
    Ok(Looked { exit, document: text })
}

/// No secret can have got here; if one did, it stops here.
fn redactor_lines(redactor: &Redactor, text: &str) -> String {
    text.lines().map(|line| redactor.clean(line) + "\n").collect()
}

async fn ask_it(
    context: &Context,
    args: &ExploreArgs,
    instance: &Instance,
    mapping: Option<&Mapping>,
    profile: Arc<RouteProfile>,
) -> Result<Explored, Failure> {
    let gone = || Failure::new(Exit::Usage, format!("{} has no address", instance.key));
    let Some(ivoris) = &instance.ivoris else { return Err(gone()) };
    let (base, network, credentials) = context.network_to(instance)?.ok_or_else(gone)?;
    if context.config.mode == Mode::Sandbox {
        Context::knock(&base, Exit::Ivoris)?;
    }
    let witness = Witness::new(Arc::new(network), args.record.is_some());
    let shipped;
    let words = match mapping {
        Some(mapping) => mapping.state_words(),
        None => {
            shipped = crate::mapping::shipped();
            shipped.state_words()
        }
    };
    let wanted =
        Wanted { sample: args.sample, mapping, words: &words, probe: args.probe_load, record: args.record.is_some() };
    let (about, most) = calls(&wanted);
    let text = format!("{}: about {about} calls, {most} at most, one at a time", instance.key);
    context.screen.note(&Line::new().look(Look::Faint, &text));
    let progress = Progress::new(&context.screen);
    progress.begin(Phase::Exploring, Some(u64::from(about)));
    let screen = context.screen.clone();
    let name = instance.key.clone();
    let connect = |profile: Arc<RouteProfile>, care: &dyn Fn(&mut Settings)| {
        let mut settings = ivoris.settings.clone();
        // A survey is short: a route that fails by chance is worth a repeat, at the same pace.
        settings.retry_percent = settings.retry_percent.max(RETRIES);
        care(&mut settings);
        let effects = Effects {
            transport: Arc::clone(&witness) as Arc<dyn crate::http::Transport>,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
            cancel: context.stop.token.clone(),
        };
        let client = Client::new(settings, profile, credentials.clone(), effects, Learned::default());
        // Looking is no migration: a server that stays away is told, not waited for.
        client.patience(Some(PATIENCE));
        let (screen, name, zone) = (screen.clone(), name.clone(), context.config.zone);
        client.watcher(Arc::new(move |told| {
            let text = match told {
                Told::Waiting { until, why } => {
                    format!("{name} is away ({why}): asked again at {}", until.with_timezone(&zone).format("%H:%M:%S"))
                }
                Told::Quiet { until } => {
                    format!("{name}: quiet hours until {}", until.with_timezone(&zone).format("%H:%M"))
                }
                Told::Slow | Told::Back | Told::Parallel(_) => return,
            };
            screen.note(&Line::new().look(Look::Warn, &text));
        }));
        client
    };
    let connect: &Connect<'_> = &connect;
    let advance = |count| progress.advance(count);
    let explored = explore(instance.key.clone(), Utc::now(), profile, wanted, connect, &witness, &advance).await;
    progress.clear();
    Ok(explored)
}

fn when(context: &Context, earlier: &Survey) -> String {
    earlier.at.with_timezone(&context.config.zone).format("%Y-%m-%d %H:%M").to_string()
}

fn exit_of(finding: &Finding) -> Exit {
    match finding.need {
        Need::Nobody => Exit::Done,
        Need::Operator => Exit::Unfinished,
        Need::Credentials => Exit::Refused,
        Need::Server => Exit::Ivoris,
    }
}

fn show(
    screen: &Screen,
    explored: &Explored,
    found: &[Finding],
    news: Option<&(Vec<crate::pass::explore::Change>, String)>,
    seconds: u64,
) {
    let survey = &explored.survey;
    screen.outs(&crate::report::explore::lines(survey, found, seconds, screen.width()));
    if let Some((changes, since)) = news {
        screen.outs(&crate::report::explore::changes(changes, since, screen.width()));
    }
    for finding in found {
        screen.json(&crate::report::explore::json(survey, finding));
    }
    for change in news.iter().flat_map(|(changes, _)| changes) {
        screen.json(&json!({"type": "change", "instance": survey.instance.as_str(), "change": change}));
    }
}

/// What to do next, where everything stands, and the last line.
fn close(
    context: &Context,
    explored: &Explored,
    found: &[Finding],
    steps: &[String],
    place: &Path,
    written: &Written,
    exit: Exit,
) {
    let screen = &context.screen;
    let survey = &explored.survey;
    screen.outs(&crate::report::explore::next_steps(steps, screen.width()));
    screen.out(&Line::new());
    if !written.kept.is_empty() {
        let text = format!("in {}: {}", super::mapping::shown(&written.folder), written.kept.join(", "));
        screen.out(&Line::new().look(Look::Faint, &text));
    }
    if let Some(folder) = &written.files.fixtures {
        screen.out(&Line::new().look(Look::Faint, &format!("in {folder}: masked answers")));
    }
    let count = |level| found.iter().filter(|finding| finding.level == level).count() as u64;
    let (warnings, failures) = (count(crate::report::explore::Level::Warn), count(crate::report::explore::Level::Fail));
    let look = match (failures, warnings) {
        (0, 0) => Look::Good,
        (0, _) => Look::Warn,
        (_, _) => Look::Bad,
    };
    let text = format!(
        "{}: {}, {}",
        survey.instance,
        counted(failures, "failure", "failures"),
        counted(warnings, "warning", "warnings")
    );
    let line = Line::new().look(look, &text).plain("   document ").look(Look::Command, &super::mapping::shown(place));
    screen.last(&line);
    screen.json(&json!({
        "type": "summary",
        "command": "explore",
        "instance": survey.instance.as_str(),
        "end": survey.end,
        "calls": survey.calls,
        "failures": failures,
        "warnings": warnings,
        "next": steps,
        "document": super::mapping::shown(place),
        "route_profile": written.profile.as_deref().map(super::mapping::shown),
        "survey": survey,
        "exit": exit.code(),
    }));
}
