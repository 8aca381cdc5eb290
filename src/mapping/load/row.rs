//! Cells of one row as typed values; what cannot be read is a problem at its place.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::{StageKey, StageKind};
use crate::mapping::fold::fold;
use crate::mapping::problem::{MISSPELT, Problem, advice, nearest};
use crate::mapping::tables::Stage;

use super::sheet::Sheet;

/// Where problems are gathered while rows are read.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Keeps a problem, unless it follows from another.
    pub(super) fn add(&self, problem: Problem) {
        if problem.code != Problem::MOOT {
            self.0.borrow_mut().push(problem);
        }
    }

    /// How many there are by now.
    pub(super) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    pub(super) fn into_inner(self) -> Vec<Problem> {
        self.0.into_inner()
    }
}

/// Rows that were read, each with its line.
pub(super) type Placed<T> = Vec<(u32, T)>;

/// Keys of one table, for references from others.
pub(super) struct Known {
    file: &'static str,
    /// A table that is not there was complained about; what refers to it is not wrong for that.
    there: bool,
    keys: Vec<String>,
    folded: HashMap<String, usize>,
}

impl Known {
    pub(super) fn of(sheet: &Sheet, column: &str) -> Self {
        let keys: Vec<String> = sheet.column(column).into_iter().map(str::to_owned).collect();
        let folded = keys.iter().enumerate().rev().map(|(at, key)| (fold(key), at)).collect();
        Self { file: sheet.file, there: sheet.tells(column), keys, folded }
    }

    fn get(&self, text: &str) -> Option<&str> {
        self.folded.get(&fold(text)).and_then(|at| self.keys.get(*at)).map(String::as_str)
    }

    /// Whether the table is there to be referred to.
    pub(super) const fn is_there(&self) -> bool {
        self.there
    }

    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }
}

/// The keys that other tables refer to.
pub(super) struct References {
    pub(super) stages: Known,
    pub(super) categories: Known,
    pub(super) locations: Known,
    pub(super) reasons: Known,
}

/// One row being read.
#[derive(Clone, Copy)]
pub(super) struct Row<'s> {
    pub(super) sheet: &'s Sheet,
    pub(super) at: usize,
    pub(super) problems: &'s Problems,
}

impl<'s> Row<'s> {
    /// All rows of a sheet.
    pub(super) fn all(sheet: &'s Sheet, problems: &'s Problems) -> impl Iterator<Item = Self> {
        (0..sheet.len()).map(move |at| Self { sheet, at, problems })
    }

    /// Reads all rows of a sheet; those that cannot be read are left out.
    pub(super) fn each<T>(
        sheet: &'s Sheet,
        problems: &'s Problems,
        mut read: impl FnMut(Self) -> Option<T>,
    ) -> Placed<T> {
        Self::all(sheet, problems).filter_map(|row| Some((row.line(), read(row)?))).collect()
    }

    /// Its line, counted from 1.
    pub(super) fn line(&self) -> u32 {
        self.sheet.line(self.at)
    }

    pub(super) fn cell(&self, column: &str) -> &'s str {
        self.sheet.cell(self.at, column)
    }

    pub(super) fn text(&self, column: &str) -> Option<String> {
        let cell = self.cell(column);
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    pub(super) fn problem(&self, column: &str, code: &'static str, message: impl Into<String>) -> Problem {
        self.sheet.at(self.at, column, code, message)
    }

    /// A problem at a part of a cell: `part` is a piece of what [`Row::cell`] gave.
    pub(super) fn problem_at(
        &self,
        column: &str,
        part: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        let cell = self.cell(column);
        let start = part.as_ptr().addr().checked_sub(cell.as_ptr().addr());
        let inside = start.map(|start| start..start + part.len()).filter(|part| part.end <= cell.len());
        match inside {
            Some(inside) => self.sheet.within(self.at, column, &inside, code, message),
            None => self.problem(column, code, message),
        }
    }

    /// A problem at a cell, with what to do.
    pub(super) fn complain(&self, column: &str, code: &'static str, message: impl Into<String>, help: &str) {
        self.problems.add(self.problem(column, code, message).help(help));
    }

    /// A cell that must hold something.
    pub(super) fn needed(&self, column: &str) -> Option<&'s str> {
        let cell = self.cell(column);
        if cell.is_empty() {
            self.complain(column, "M018", format!("{column} is empty"), "fill the cell, or delete the row");
            return None;
        }
        Some(cell)
    }

    /// A key that must hold something and consist of letters, digits, `_` and `-`.
    pub(super) fn key(&self, column: &str) -> Option<&'s str> {
        let cell = self.needed(column)?;
        let sound = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        if !cell.chars().all(sound) {
            let problem = self.problem(column, "M019", format!("\"{cell}\" is not a key"));
            self.problems.add(problem.help("a key has letters, digits, _ and - only"));
            return None;
        }
        Some(cell)
    }

    /// `ja`, `nein`, `x`, `1`, …; an empty cell means `default`.
    pub(super) fn flag(&self, column: &str, default: bool) -> bool {
        let cell = self.cell(column);
        let flag = flag_of(&fold(cell));
        if flag.is_none() && !cell.is_empty() {
            let problem = self.problem(column, "M019", format!("\"{cell}\" is neither yes nor no"));
            self.problems.add(problem.help("write ja or nein"));
        }
        flag.unwrap_or(default)
    }

    /// A whole number; dots may group thousands.
    pub(super) fn number(&self, column: &str) -> Option<u32> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let number = parse_whole(cell);
        if number.is_none() {
            self.complain(column, "M019", format!("\"{cell}\" is not a whole number"), "write digits only");
        }
        number
    }

    /// A number with decimals, `1.234,56` or `1234.56`.
    pub(super) fn decimal(&self, column: &str) -> Option<Decimal> {
        let cell = self.needed(column)?;
        let number = parse_decimal(cell);
        if number.is_none() {
            let problem = self.problem(column, "M019", format!("\"{cell}\" is not a number"));
            self.problems.add(problem.help("write 1.234,56 or 1234.56"));
        }
        number
    }

    /// A day, `31.12.2026` or `2026-12-31`.
    pub(super) fn day(&self, column: &str) -> Option<NaiveDate> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let day = parse_day(cell);
        if day.is_none() {
            let problem = self.problem(column, "M019", format!("\"{cell}\" is not a day"));
            self.problems.add(problem.help("write 31.12.2026 or 2026-12-31"));
        }
        day
    }

    /// One of a closed set of words; an empty cell gives `default`.
    pub(super) fn word<T: Copy>(
        &self,
        column: &str,
        code: &'static str,
        default: Option<T>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            if default.is_none() {
                self.complain(column, "M018", format!("{column} is empty"), "fill the cell, or delete the row");
            }
            return default;
        }
        self.one_of(column, code, cell, words)
    }

    /// The value of a word out of a closed set; of a misspelt one, after complaining, the value of the one it is like.
    pub(super) fn one_of<T: Copy>(
        &self,
        column: &str,
        code: &'static str,
        text: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let wanted = fold(text);
        let value = |wanted: &str| words.iter().find(|(word, _)| fold(word) == wanted).map(|(_, value)| *value);
        let hit = value(&wanted);
        if hit.is_some() {
            return hit;
        }
        let mut problem = self.problem_at(column, text, code, format!("unknown {column} \"{text}\""));
        problem.help = advice(text, words.iter().map(|(word, _)| *word));
        self.problems.add(problem);
        nearest(text, MISSPELT, words.iter().map(|(word, _)| *word)).and_then(|word| value(&fold(word)))
    }

    /// A key of another table, in that table's spelling.
    pub(super) fn reference(
        &self,
        column: &str,
        text: &str,
        code: &'static str,
        what: &str,
        known: &Known,
    ) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        let hit = known.get(text);
        if hit.is_none() && known.there {
            let mut problem = self
                .problem_at(column, text, code, format!("unknown {what} \"{text}\""))
                .label(format!("not in {}", known.file));
            problem.help = advice(text, known.keys().iter().map(String::as_str));
            self.problems.add(problem);
        }
        hit.map(str::to_owned)
    }

    pub(super) fn stage(&self, column: &str, known: &References) -> Option<StageKey> {
        self.reference(column, self.cell(column), "M010", "stage", &known.stages).map(|key| StageKey::new(&key))
    }

    /// A stage that evidence supports: never a lost one.
    pub(super) fn stage_ahead(&self, column: &str, known: &References, stages: &[Stage]) -> Option<StageKey> {
        let key = self.stage(column, known)?;
        if stages.iter().any(|stage| stage.key == key && stage.kind == StageKind::Lost) {
            let problem = self.problem(column, "M024", format!("{column} names the lost stage {key}"));
            self.problems.add(problem.help("deals are lost by rules of regeln.csv, with a reason; name another stage"));
            return None;
        }
        Some(key)
    }

    pub(super) fn category(&self, column: &str, known: &References) -> Option<String> {
        self.reference(column, self.cell(column), "M011", "category", &known.categories)
    }

    /// The parts of a list, separated by `|` or line breaks.
    pub(super) fn list(&self, column: &str) -> impl Iterator<Item = &'s str> {
        self.cell(column).split(['|', '\n']).map(str::trim).filter(|part| !part.is_empty())
    }
}

/// Keys that must not come twice in one table.
#[derive(Default)]
pub(super) struct Once(HashMap<String, u32>);

impl Once {
    /// Complains when `key` was there before, naming both rows.
    pub(super) fn check(&mut self, row: &Row<'_>, column: &str, key: String, shown: &str) {
        if let Some(first) = self.0.get(&key) {
            let problem = row.problem(column, "M020", format!("\"{shown}\" stands there twice"));
            row.problems.add(problem.note(row.sheet.shown("first in", *first)).help("keep one of the two rows"));
        } else {
            self.0.insert(key, row.line());
        }
    }
}

/// Reads `ja`, `nein`, `x`, `1`, … in folded form.
pub(in crate::mapping) fn flag_of(folded: &str) -> Option<bool> {
    match folded {
        "ja" | "j" | "x" | "wahr" | "true" | "1" | "yes" => Some(true),
        "nein" | "n" | "falsch" | "false" | "0" | "no" | "-" => Some(false),
        _ => None,
    }
}

/// Reads `30` and `1.000`.
pub(in crate::mapping) fn parse_whole(text: &str) -> Option<u32> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, '.' | ' ' | '\u{a0}')).collect();
    digits.parse().ok()
}

/// Reads `31.12.2026` and `2026-12-31`.
pub(in crate::mapping) fn parse_day(text: &str) -> Option<NaiveDate> {
    ["%d.%m.%Y", "%Y-%m-%d"].into_iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// Reads `1.234,56`, `1234.56`, `5,62421`; a dot is a decimal point unless a comma follows.
pub(in crate::mapping) fn parse_decimal(text: &str) -> Option<Decimal> {
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let plain = if bare.contains(',') { bare.replace('.', "").replacen(',', ".", 1) } else { bare };
    plain.parse::<Decimal>().ok().map(|number| number.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_in_two_forms() {
        for (text, wanted) in
            [("1.234,56", "1234.56"), ("1234.56", "1234.56"), ("5,62421", "5.62421"), ("105,00", "105")]
        {
            assert_eq!(parse_decimal(text).map(|number| number.to_string()).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(parse_decimal("1,2,3"), None);
        assert_eq!(parse_decimal("viel"), None);
    }
}
