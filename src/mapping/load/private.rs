//! What must not stand in a table, or leave by one: insurance numbers, free text, health data (M070).

use super::row::Problems;
use super::sheet::Sheet;

/// Complains about cells that hold an insurance number: a letter and nine digits (M070). The number is not repeated.
pub(super) fn numbers(sheet: &Sheet, problems: &Problems) {
    for row in 0..sheet.len() {
        // Ids of Ivoris may look like anything.
        let columns = sheet.columns().filter(|column| !column.ends_with("_id"));
        for column in columns.filter(|column| holds_number(sheet.cell(row, column))) {
            let mut problem =
                sheet.at(row, column, "M070", "the cell holds what looks like an insurance number").warn();
            problem.line_text.clear();
            problems.add(problem.help("tables go into version control: delete it"));
        }
    }
}

fn holds_number(cell: &str) -> bool {
    let words = cell.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.into_iter().any(|word| {
        let mut letters = word.bytes();
        word.len() == 10
            && letters.next().is_some_and(|first| first.is_ascii_uppercase())
            && letters.all(|byte| byte.is_ascii_digit())
    })
}

/// Pieces of words for free text and health data.
const KEPT: [&str; 10] =
    ["insurance", "versicher", "tooth", "zahn", "diagnos", "befund", "comment", "bemerkung", "anamnes", "medikament"];

/// Whether an unknown source word asks for something that never leaves the host; of single entries nothing does.
pub(super) fn is_kept(word: &str) -> bool {
    let folded = crate::mapping::fold::fold(word);
    folded.starts_with("entry.") || KEPT.iter().any(|kept| folded.contains(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insurance_numbers_are_seen_and_other_numbers_are_not() {
        for cell in ["A123456789", "siehe H381788505.", "(Z000000000)"] {
            assert!(holds_number(cell), "{cell}");
        }
        for cell in ["", "A12345678", "A1234567890", "a0000000-0000-4000-8000-000000000003", "6030-6080", "1234567890"]
        {
            assert!(!holds_number(cell), "{cell}");
        }
    }

    #[test]
    fn free_text_stays_in_the_house() {
        assert!(["entry.text", "patient.insurance_number", "appointment.Bemerkung"].into_iter().all(is_kept));
        assert!(!["patient.fistname", "derived.amont"].into_iter().any(is_kept));
    }
}
