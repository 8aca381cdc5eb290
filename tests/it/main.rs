//! Tests over the whole: the house rules, and the tool against its own simulators.

mod layout;
mod supply;
