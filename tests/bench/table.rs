//! The table that is printed.

use std::fmt::Write as _;

/// Rows of what was measured beside what is to be reached.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 3]>);

impl Table {
    /// Adds a row; it is shown on stderr at once, because a whole bench takes minutes.
    pub(crate) fn row(&mut self, what: &str, measured: &str, wanted: &str) {
        eprintln!("  {what}: {measured}");
        self.0.push([what.to_owned(), measured.to_owned(), wanted.to_owned()]);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = "| What | Measured | Figure |\n|---|---|---|\n".to_owned();
        for [what, measured, wanted] in &self.0 {
            writeln!(text, "| {what} | {measured} | {wanted} |").expect("a string takes all");
        }
        text
    }
}

/// `1234567` → `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate in whole units per second.
pub(crate) fn rate(count: u64, seconds: f64) -> String {
    grouped(per_second(count, seconds))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "rates are positive and far below 2^52"
)]
fn per_second(count: u64, seconds: f64) -> u64 {
    (count as f64 / seconds.max(1e-9)).round() as u64
}

/// A count as a factor.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
