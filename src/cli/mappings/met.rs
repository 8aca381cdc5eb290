//! The values of files, of the inbox and of the newest look at the installations.

use std::ops::ControlFlow;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::explore::earlier_surveys;
use crate::cli::failure::Failure;
use crate::cli::inputs;
use crate::cli::pass_args::PassArgs;
use crate::domain::{Kind, Record};
use crate::extract::Row;
use crate::extract::csv::{self, Input};
use crate::mapping::Mapping;
use crate::pass::explore::Met;
use crate::report::{Line, Look, counted, grouped};
use crate::store::Store;

/// Records opened at once.
const PAGE: usize = 5_000;

/// Files whose values are looked at.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct DataArgs {
    /// CSV exports of appointments or entries, - for stdin; repeats
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    input: Vec<String>,
    /// Installation that their rows come from, when the files do not say
    #[arg(long, value_name = "NAME", requires = "input")]
    instance: Option<String>,
}

impl DataArgs {
    /// Whether there are files.
    pub(super) fn is_given(&self) -> bool {
        !self.input.is_empty()
    }
}

/// Everything that was met: in the files, and if `seen` in the inbox and by `explore`.
pub(super) async fn met(context: &Context, args: &DataArgs, seen: bool, mapping: &Mapping) -> Result<Met, Failure> {
    let mut met = Met::default();
    for name in &args.input {
        file(context, name, args.instance.as_deref(), mapping, &mut met)?;
    }
    if seen {
        for survey in earlier_surveys(&context.config) {
            met.survey(&survey);
        }
        inbox(context, mapping, &mut met).await?;
    }
    Ok(met)
}

/// One export; what kind it is, its header says.
fn file(
    context: &Context,
    name: &str,
    instance: Option<&str>,
    mapping: &Mapping,
    met: &mut Met,
) -> Result<(), Failure> {
    let args = PassArgs { instance: instance.map(str::to_owned), number_keys: true, ..PassArgs::default() };
    // The key makes ids of lines without one; nothing keeps them here.
    let settings = inputs::settings(context, &args, mapping, [0; 32])?;
    let mut input = Input::open(name)?;
    let mut refused = None;
    for kind in [Kind::Appointment, Kind::Entry, Kind::Patient] {
        match csv::check(kind, &mut input, &settings) {
            Ok(()) => {
                let mut rejected = 0_u64;
                csv::read(kind, &mut input, &settings, &mut |rows| {
                    for row in rows {
                        match row {
                            Row::Record(record, _) => look(&record, mapping, met),
                            Row::Rejected(_) => rejected += 1,
                        }
                    }
                    ControlFlow::Continue(())
                })?;
                if rejected > 0 {
                    let text =
                        format!("{name}: {} rejected and not looked at", counted(rejected, "row is", "rows are"));
                    context.screen.note(&Line::new().look(Look::Faint, &text));
                }
                return Ok(());
            }
            Err(error) => drop(refused.get_or_insert(error)),
        }
    }
    let reason = refused.map_or_else(String::new, |error| format!(": {error}"));
    Err(Failure::new(Exit::Usage, format!("{name} is no export of appointments, entries or patients{reason}")))
}

fn look(record: &Record, mapping: &Mapping, met: &mut Met) {
    match record {
        Record::Appointment(appointment) => met.appointment(appointment, mapping),
        Record::Entry(entry) => met.entry(entry, mapping),
        Record::Patient(_) => {}
    }
}

/// What was read before.
async fn inbox(context: &Context, mapping: &Mapping, met: &mut Met) -> Result<(), Failure> {
    if !context.config.state.is_file() {
        return Ok(());
    }
    let store = context.store(context.sealer()?)?;
    let mut place = None;
    loop {
        let page = store.records_after(place, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        place = Some(*last);
        page.iter().for_each(|(_, record)| look(record, mapping, met));
        if context.stop.token.is_cancelled() {
            return Err(Failure::told(Exit::Interrupted));
        }
    }
    let (appointments, entries) = met.records();
    let text = format!("looked at {} appointments, {} entries", grouped(appointments), grouped(entries));
    context.screen.note(&Line::new().look(Look::Faint, &text));
    Ok(())
}
