//! Whether a plan is carried out: the guard, the digest, the question.

use crate::pass::{Planned, Run};
use crate::report::{counted, grouped};
use crate::store::SqliteStore;

use super::ask;
use super::ask::Asking;
use super::closing::Why;
use super::context::Context;
use super::failure::Failure;
use super::pass_args::PassArgs;

/// What is done with what was proposed.
pub(super) enum Answer {
    /// It is carried out.
    Accepted,
    /// It is taken into the inbox.
    Fetched,
    /// It is thrown away.
    Refused(Why),
}

/// Asks the guard, the flags and, where somebody sits there, the operator.
pub(super) fn answer(context: &Context, run: &Run<'_, SqliteStore>, args: &PassArgs) -> Result<Answer, Failure> {
    let Some(planned) = run.planned() else { return Ok(Answer::Refused(Why::No)) };
    if args.dry_run {
        return Ok(Answer::Refused(Why::DryRun));
    }
    match by_flag(planned, args) {
        Some(answer) => Ok(answer),
        None if context.asking == Asking::Impossible => Ok(Answer::Refused(Why::Guard)),
        None => by_operator(context, run, planned),
    }
}

/// The answer that flags give; `None` = somebody has to be asked.
fn by_flag(planned: &Planned, args: &PassArgs) -> Option<Answer> {
    let within = planned.guard.tripped.is_empty();
    if planned.totals.changes() == 0 {
        return Some(Answer::Accepted); // nothing leaves this host
    }
    match &args.approve {
        Some(digest) if digest.eq_ignore_ascii_case(&planned.digest) => Some(Answer::Accepted),
        Some(_) => Some(Answer::Refused(Why::OtherPlan)),
        None if args.yes && within => Some(Answer::Accepted),
        None if args.yes => Some(Answer::Refused(Why::Guard)),
        None => None,
    }
}

fn by_operator(context: &Context, run: &Run<'_, SqliteStore>, planned: &Planned) -> Result<Answer, Failure> {
    let changes = planned.totals.changes();
    let portal = run.portal().map_or_else(String::new, |portal| {
        format!("portal {} ({})", portal.account.portal_id, context.config.mode.word())
    });
    if planned.guard.tripped.is_empty() {
        let question = format!("Apply {} to {portal}?", counted(changes, "change", "changes"));
        return Ok(if ask::yes(&question)? { Answer::Accepted } else { Answer::Refused(Why::No) });
    }
    let question = format!("Type the number of changes ({}) to apply them to {portal} all the same", grouped(changes));
    Ok(if ask::types(&question, changes)? { Answer::Accepted } else { Answer::Refused(Why::Guard) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::pass::{self, Bound};
    use crate::plan::{Guard, Totals, Tripped};

    fn planned(changes: u64, tripped: bool) -> Planned {
        let over = Tripped { what: "creates", planned: changes, allowed: 1, flag: "--max-creates" };
        Planned {
            digest: "7f3a91c27f3a91c2".to_owned(),
            totals: Totals { links: changes, ..Totals::default() },
            guard: Guard { tripped: if tripped { vec![over] } else { Vec::new() } },
            patients: 1,
            listed: BTreeMap::new(),
            bound: Bound::default(),
            again: None,
            money: pass::Money::default(),
        }
    }

    fn check(changes: u64, tripped: bool, yes: bool, approve: Option<&str>, wanted: &str) {
        let args = PassArgs { yes, approve: approve.map(str::to_owned), ..PassArgs::default() };
        let found = match by_flag(&planned(changes, tripped), &args) {
            Some(Answer::Accepted) => "accepted",
            Some(Answer::Fetched) => "fetched",
            Some(Answer::Refused(Why::Guard)) => "guard",
            Some(Answer::Refused(Why::OtherPlan)) => "other plan",
            Some(Answer::Refused(Why::DryRun | Why::No)) => "refused",
            None => "asked",
        };
        assert_eq!(found, wanted, "{changes} changes, tripped {tripped}, yes {yes}, approve {approve:?}");
    }

    #[test]
    fn yes_never_lifts_the_guard_and_a_digest_fits_one_plan() {
        let digest = Some("7F3A91C27f3a91c2");
        check(0, false, false, None, "accepted");
        check(5, false, false, None, "asked");
        check(5, false, true, None, "accepted");
        check(5, true, false, None, "asked");
        check(5, true, true, None, "guard");
        check(5, true, false, digest, "accepted");
        check(5, true, true, digest, "accepted");
        check(5, false, true, Some("0000000000000000"), "other plan");
    }
}
