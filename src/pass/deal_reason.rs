//! Why a deal is written, for people.

use super::deal::DealCase;
use crate::domain::{Properties, StageKey};
use crate::plan::Op;

impl DealCase<'_> {
    /// One line; stages by their labels, properties by their names.
    pub(super) fn reason(
        &self,
        op: Op,
        before: Option<&StageKey>,
        after: Option<&StageKey>,
        set: &Properties,
    ) -> String {
        let label = |stage: &StageKey| {
            self.mapping().stage(stage).map_or_else(|| stage.as_str().to_owned(), |row| row.label.clone())
        };
        match (op, before, after) {
            (Op::Create, _, Some(stage)) => format!("new deal at {}", label(stage)),
            (Op::TakeOver, _, Some(stage)) => format!("lead taken over, {}", label(stage)),
            (Op::LinkOnly, ..) => "link to the contact".to_owned(),
            (_, Some(from), Some(to)) if from != to => format!("{} → {}", label(from), label(to)),
            _ => {
                let names: Vec<&str> = set.keys().map(crate::domain::PropertyName::as_str).collect();
                format!("values changed: {}", names.join(", "))
            }
        }
    }
}
