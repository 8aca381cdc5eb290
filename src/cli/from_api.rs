//! Reading a pass's records from Ivoris itself: which days, which installations, and what becomes of it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::domain::Kind;
use crate::extract::api::Span;
use crate::ivoris::{Client, Learned};
use crate::mapping::Mapping;
use crate::pass::{Fetched, Means, Run, Want};
use crate::report::{Progress, Screen, fetched, pass_of};
use crate::store::{SqliteStore, Store};

use super::api_args::Api;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::only::Only;
use super::pass_args::PassArgs;
use super::sources::Chosen;
use super::when::Since;

/// Years that a first reading of appointments looks back, unless something says otherwise.
const BACK: u64 = 5 * 365 + 1;
/// Days that it looks ahead.
const AHEAD: u64 = 365;
/// A day before any appointment: a practice system of those years is not read over an API.
const BEGINNING: (i32, u32, u32) = (1990, 1, 1);

/// What is to be read from Ivoris.
pub(super) struct FromIvoris {
    want: Want,
    means: Means,
    api: Api,
    chosen: Chosen,
    only: Option<Only>,
}

impl FromIvoris {
    pub(super) fn of(
        context: &Context,
        kind: Kind,
        args: &PassArgs,
        mapping: &Mapping,
        only: Option<Only>,
        line_key: [u8; 32],
    ) -> Result<Self, Failure> {
        let command = pass_of(kind);
        let today = context.today();
        let api = args.api(today);
        if kind == Kind::Entry && only.is_some() {
            return Err(Failure::new(Exit::Usage, "single entries cannot be asked for over the API")
                .next(format!("ivohub {command} --source api, or --only with a CSV file")));
        }
        let from = match (api.since, context.config.select.as_ref().and_then(|select| select.appointments_from)) {
            (Some(Since::Day(day)), _) | (None | Some(Since::Beginning), Some(day)) => Some(day),
            (Some(Since::Beginning), None) => NaiveDate::from_ymd_opt(BEGINNING.0, BEGINNING.1, BEGINNING.2),
            (None, None) => today.checked_sub_days(Days::new(BACK)),
        };
        let to = api.until.or_else(|| today.checked_add_days(Days::new(AHEAD)));
        let days = from.zip(to).and_then(|(from, to)| Span::new(from, to));
        let days = days.ok_or_else(|| Failure::new(Exit::Usage, "--since and --until leave no day"))?;
        let entries_from = match api.since {
            Some(Since::Day(day)) => Some(day),
            Some(Since::Beginning) | None => None,
        };
        let want = Want {
            kind,
            days,
            entries_from,
            all_patients: api.all_patients,
            cross_check: api.cross_check.map(super::api_args::CrossCheck::patients),
            only: only.as_ref().map(Only::by_instance),
            limit: args.limit,
            fresh: args.fresh,
            within: api.max_duration,
        };
        let means = Means { command, today, line_key };
        let chosen = Chosen::of(&args.practice, args.instance.as_deref(), mapping);
        Ok(Self { want, means, api, chosen, only })
    }

    /// Reads everything into the inbox of `run`.
    pub(super) async fn read(
        self,
        context: &Context,
        store: &SqliteStore,
        run: &mut Run<'_, SqliteStore>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let Self { want, means, api, chosen, only } = self;
        let clients = clients(context, store, &chosen, &api).await?;
        let read = run.fetch(&clients, &want, &means).await;
        progress.clear();
        let came = read?;
        told(&context.screen, came, context.config.zone);
        if !came.is_something() {
            return Err(nothing(came));
        }
        run.read_spool().await?;
        if let Some(only) = &only {
            only.look_at(&run.only_found().await?);
            only.tell_missing(&context.screen);
        }
        progress.clear();
        Ok(())
    }
}

async fn clients(context: &Context, store: &SqliteStore, chosen: &Chosen, api: &Api) -> Result<Vec<Client>, Failure> {
    let mut learned = BTreeMap::new();
    for instance in &context.config.instances {
        if let Some(json) = store.source_state(instance.key.clone()).await? {
            learned.insert(instance.key.clone(), Learned::from_json(&json));
        }
    }
    Ok(context.sources(chosen, api, learned)?.into_iter().map(|source| source.client).collect())
}

fn told(screen: &Screen, came: &Fetched, zone: chrono_tz::Tz) {
    for line in fetched::lines(came, zone) {
        screen.note(&line);
    }
}

/// No installation was read to its end: nothing is planned, what was read waits for the next run.
fn nothing(came: &Fetched) -> Failure {
    if came.is_unavailable() {
        return Failure::new(Exit::Ivoris, "Ivoris does not answer; what was read until then is kept for 72 hours");
    }
    Failure::new(Exit::Unfinished, "the time that --max-duration allows is over; what was read is kept for 72 hours")
}
