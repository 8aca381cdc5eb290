//! A pass from the command line: check everything, begin, read, plan, show, ask, accept, send, account.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, Utc};

use crate::config::Instance;
use crate::config::limit::GUARD;
use crate::domain::{Kind, LocationKey, RunId};
use crate::mapping::Mapping;
use crate::pass::{self, Filter, Pass, Reach, Requeue, Run, Session};
use crate::plan::Limits;
use crate::report::{Line, Look, Progress, pass_of};
use crate::store::{SqliteStore, Store};

use super::api_args::Reads;
use super::ask;
use super::closing::{self, Closed, End};
use super::context::Context;
use super::decide::{Answer, answer};
use super::exit::Exit;
use super::failure::Failure;
use super::from_api::FromIvoris;
use super::inputs::Inputs;
use super::lock::Lock;
use super::mapping::sound;
use super::only::Only;
use super::pass_args::PassArgs;
use super::show;
use super::sources::Chosen;

/// Where the rows of a run come from.
enum Rows {
    Files(Inputs),
    Ivoris(FromIvoris),
}

/// Runs one pass.
pub(super) async fn run(context: &Context, kind: Kind, args: &PassArgs) -> Result<Exit, Failure> {
    carry_out(context, kind, args).await.map(|closed| closed.exit)
}

/// Runs one pass and tells what became of it.
pub(super) async fn carry_out(context: &Context, kind: Kind, args: &PassArgs) -> Result<Closed, Failure> {
    let command = pass_of(kind);
    let today = context.today();
    let reads = args.reads(command, context.config.has_address(), today)?;
    if kind == Kind::Patient && (args.since.is_some() || args.until.is_some()) {
        let text = "--since and --until change nothing here: a patient has no day";
        context.screen.note(&Line::new().look(Look::Warn, text));
    }
    if !args.dry_run && !args.fetch_only && args.approve.is_none() && !args.yes {
        context.asking.or_flag("--yes (within the guard), --approve DIGEST, or --dry-run")?;
    }
    let mapping = Arc::new(sound(&context.config, &context.screen)?);
    let only = Only::read(context, kind, &args.only, &asked(context, args, reads, &mapping)).await?;
    let filter = filter(args, reads, only.as_ref(), &mapping, today)?;
    let sealer = context.sealer()?;
    let rows = match reads {
        Reads::Ivoris => Rows::Ivoris(FromIvoris::of(context, kind, args, &mapping, only, sealer.line_key())?),
        Reads::Files | Reads::Nothing => {
            Rows::Files(Inputs::open(context, kind, args, &mapping, only, sealer.line_key())?)
        }
    };
    let _lock = Lock::take(&context.config.state, command, context.lock_wait, context.config.zone)?;
    let client = if args.fetch_only { offline_client(context)? } else { context.client()? };
    let mut store = context.store(sealer)?;
    let progress = Arc::new(Progress::new(&context.screen));
    let reach = match (args.fetch_only, args.dry_run, args.fresh) {
        (true, _, _) => Reach::Fetch,
        (_, true, _) => Reach::Plan,
        (_, _, true) => Reach::WriteFresh,
        _ => Reach::Write,
    };
    let limits = limits(&context.config.limits, args);
    let id = RunId(uuid::Uuid::now_v7());
    context.run.set(&closing::short(id));
    let only_run = args.narrows(reads);
    let requeue = args.requeue.map_or(Requeue::No, Into::into);
    // Over the API appointments bring the patients they name and nobody knows.
    let kinds = match (reads, kind) {
        (Reads::Ivoris, Kind::Appointment) => vec![Kind::Patient, Kind::Appointment],
        (Reads::Ivoris | Reads::Files | Reads::Nothing, _) => vec![kind],
    };
    let pass = Pass { command, kinds, filter, only_run, requeue };
    let mut retried = false;
    loop {
        let session = context.session(store.clone(), client.clone(), Arc::clone(&mapping), limits, progress.clone());
        match session.begin(id, pass.clone(), reach).await {
            Ok(run) => {
                audit(context, command, &run);
                let outcome = stops(context, &session, run, rows, args, &progress).await;
                progress.clear();
                return outcome;
            }
            Err(pass::Error::OtherPortal { pinned, found }) if args.fresh && !args.dry_run && !retried => {
                progress.clear();
                drop(session);
                drop(store);
                store = begin_anew(context, args, pinned, found).await?;
                retried = true;
            }
            Err(error) => {
                progress.clear();
                return Err(closing::ended_at_begin(context, command, id, args, error.into()));
            }
        }
    }
}

/// `--fetch-only` asks nobody, so nobody needs to answer.
fn offline_client(context: &Context) -> Result<crate::hubspot::Client, Failure> {
    let token = secrecy::SecretString::from("");
    let network = crate::http::Network::new(context.config.hubspot.base_url.clone(), &context.config.hubspot.network)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let effects = crate::hubspot::Effects {
        transport: Arc::new(network),
        clock: Arc::new(crate::http::SystemClock),
        random: Arc::new(crate::http::SystemRandom::default()),
        cancel: context.stop.token.clone(),
    };
    Ok(crate::hubspot::Client::new(&context.config.hubspot.client, &token, effects))
}

/// The stops of a run, in order.
async fn stops(
    context: &Context,
    session: &Session<SqliteStore>,
    mut run: Run<'_, SqliteStore>,
    rows: Rows,
    args: &PassArgs,
    progress: &Progress,
) -> Result<Closed, Failure> {
    let end = match proposed(context, &session.store, &mut run, rows, args, progress).await {
        Ok(Answer::Accepted) => accepted(context, session, &run).await,
        Ok(Answer::Fetched) => match run.accept().await {
            Ok(()) => End::Finished,
            Err(error) => End::Failed(error.into()),
        },
        Ok(Answer::Refused(why)) => End::Refused(why),
        Err(failure) => End::Failed(failure),
    };
    progress.clear();
    closing::close(context, run, end, args).await
}

/// Reads, plans, shows, asks.
async fn proposed(
    context: &Context,
    store: &SqliteStore,
    run: &mut Run<'_, SqliteStore>,
    rows: Rows,
    args: &PassArgs,
    progress: &Progress,
) -> Result<Answer, Failure> {
    match rows {
        Rows::Files(inputs) => inputs.read(run, &context.screen).await?,
        Rows::Ivoris(from) => from.read(context, store, run, progress).await?,
    }
    if args.fetch_only {
        return Ok(Answer::Fetched);
    }
    run.plan().await?;
    progress.clear();
    show::plan(context, run, args).await?;
    answer(context, run, args)
}

/// Accepts and sends. From here on the run is in the outbox, and an error leaves it there for the next one.
async fn accepted(context: &Context, session: &Session<SqliteStore>, run: &Run<'_, SqliteStore>) -> End {
    if let Err(error) = run.accept().await {
        return End::Failed(error.into());
    }
    if run.planned().is_some_and(|planned| planned.totals.changes() == 0) && nothing_open(session).await {
        return End::Finished;
    }
    if context.stop.token.is_cancelled() {
        return End::Interrupted(Failure::from(crate::hubspot::Error::Cancelled));
    }
    match run.send().await {
        Ok(()) => End::Finished,
        Err(error) => End::Interrupted(error.into()),
    }
}

async fn nothing_open(session: &Session<SqliteStore>) -> bool {
    session
        .store
        .status()
        .await
        .is_ok_and(|status| status.outbox.planned + status.outbox.in_doubt + status.outbox.links_open == 0)
}

fn filter(
    args: &PassArgs,
    reads: Reads,
    only: Option<&Only>,
    mapping: &Mapping,
    today: NaiveDate,
) -> Result<Filter, Failure> {
    let known: Vec<&str> = mapping.tables().locations.iter().map(|row| row.key.as_str()).collect();
    if let Some(stranger) = args.practice.iter().find(|key| !known.contains(&key.as_str())) {
        return Err(Failure::new(Exit::Usage, format!("there is no location \"{stranger}\" in standorte.csv"))
            .next(format!("known are: {}", known.join(", "))));
    }
    let practices = args.practice.iter().map(|key| LocationKey::new(key)).collect();
    let practices = (!args.practice.is_empty()).then_some(practices);
    // Over the API days and ids say what is asked for; what comes beside that (a patient, an appointment that has moved to
    // another day) belongs to it.
    Ok(match reads {
        Reads::Ivoris => Filter { practices, ..Filter::default() },
        Reads::Files | Reads::Nothing => Filter { practices, only: only.map(Only::keys), days: args.days(today) },
    })
}

/// The installations whose ids `--only` may mean: over the API those that are asked, and a file may name any.
fn asked<'a>(context: &'a Context, args: &PassArgs, reads: Reads, mapping: &Mapping) -> Vec<&'a Instance> {
    let all = context.config.instances.iter();
    match reads {
        Reads::Ivoris => {
            let chosen = Chosen::of(&args.practice, args.instance.as_deref(), mapping);
            let taken: Vec<_> = all.clone().filter(|instance| chosen.takes(&instance.key)).collect();
            // None: that is told where they are called.
            if taken.is_empty() { all.collect() } else { taken }
        }
        Reads::Files | Reads::Nothing => all.collect(),
    }
}

/// The limits of this run: flags before configuration.
fn limits(standing: &Limits, args: &PassArgs) -> Limits {
    Limits {
        creates: args.max_creates.map_or(standing.creates, |limit| Some(limit.limit(GUARD.creates))),
        updates: args.max_updates.map_or(standing.updates, |limit| Some(limit.limit(GUARD.updates))),
        closes: args.max_closes.map_or(standing.closes, |limit| Some(limit.limit(GUARD.closes))),
    }
}

/// One line per run that says under whose responsibility it happens.
fn audit(context: &Context, command: &str, run: &Run<'_, SqliteStore>) {
    let or_missing = |value: &Option<String>| value.clone().unwrap_or_else(|| "missing".to_owned());
    let compliance = &context.config.compliance;
    tracing::info!(
        target: "ivohub::audit",
        command,
        profile = context.config.profile,
        mode = context.config.mode.word(),
        portal = run.portal().map(|portal| portal.account.portal_id),
        version = env!("CARGO_PKG_VERSION"),
        controller = or_missing(&compliance.controller),
        basis = or_missing(&compliance.basis),
        contract = or_missing(&compliance.contract_date),
        hosting = or_missing(&compliance.hosting),
        "run begins"
    );
}

/// Puts the state of another portal aside and opens an empty one.
async fn begin_anew(context: &Context, args: &PassArgs, pinned: u64, found: u64) -> Result<SqliteStore, Failure> {
    let state = &context.config.state;
    let stamp = Utc::now().format("%Y%m%d-%H%M%S");
    let aside = |suffix: &str| {
        let name = |stem: &str| format!("{stem}{suffix}");
        let file = state.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        (state.with_file_name(name(&file)), state.with_file_name(name(&format!("{file}.portal-{pinned}-{stamp}"))))
    };
    if !args.yes {
        context.asking.or_flag("--yes")?;
        let kept = aside("").1;
        let question = format!(
            "The state belongs to portal {pinned}, this is portal {found}. Begin with an empty state (the old one is kept as {})?",
            super::mapping::shown(&kept)
        );
        if !ask::yes(&question)? {
            return Err(Failure::new(Exit::Refused, "nothing was changed"));
        }
    }
    // The writer thread closes the database once its last handle is gone.
    tokio::time::sleep(Duration::from_millis(50)).await;
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = aside(suffix);
        if from.exists() {
            std::fs::rename(&from, &to)
                .map_err(|error| Failure::new(Exit::Storage, format!("cannot move {}: {error}", from.display())))?;
        }
    }
    context.screen.note(&Line::new().look(Look::Warn, &format!("the state of portal {pinned} was put aside")));
    context.store(context.sealer()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::limit::parse;
    use crate::plan::guard::Limit;

    #[test]
    fn flags_set_the_limits_of_one_run() {
        let standing = Limits { creates: Some(Limit { at_least: 200, percent: 5 }), ..Limits::default() };
        let args = PassArgs { max_closes: parse("3").ok(), max_updates: parse("10%").ok(), ..PassArgs::default() };
        let wanted = Limits {
            creates: standing.creates,
            updates: Some(Limit { at_least: 200, percent: 10 }),
            closes: Some(Limit { at_least: 3, percent: 0 }),
        };
        assert_eq!(limits(&standing, &args), wanted);
    }
}
