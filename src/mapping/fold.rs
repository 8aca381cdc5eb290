//! The one spelling for look-ups, as the tables use it.

pub use crate::domain::{fold, fold_tight};
