//! Who is looked at again because the tables have changed.

use crate::pass::Again;

use super::line::{Line, Look, counted};

/// `mapping 7f3a91c2 → 91d0be55: 1 418 records of 312 patients are looked at again`
#[must_use]
pub fn line(again: &Again) -> Line {
    let Again { before, mapping, all, patients, records, waits } = again;
    let change = match before {
        Some(before) if before != mapping => format!("mapping {before} → {mapping}: "),
        Some(_) => format!("mapping {mapping}: "),
        None => format!("mapping {mapping}, before unknown: "),
    };
    let who = format!("{} of {}", counted(*records, "record", "records"), counted(*patients, "patient", "patients"));
    let text = match (patients, waits) {
        (0, _) => "no record looked at what has changed".to_owned(),
        (_, true) => format!("{who} wait for a whole pass, without --only, --practice, --limit and days"),
        (_, false) => format!("{who} are looked at again"),
    };
    let why =
        if *all && *patients > 0 { ": options or tables have changed that every decision depends on" } else { "" };
    Line::new().look(Look::Faint, &format!("{change}{text}{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_and_whether_now() {
        let again = Again {
            before: Some("7f3a91c2".to_owned()),
            mapping: "91d0be55".to_owned(),
            all: false,
            patients: 312,
            records: 1418,
            waits: false,
        };
        let check = |again: Again, wanted: &str| assert_eq!(line(&again).text(false), wanted);
        check(again.clone(), "mapping 7f3a91c2 → 91d0be55: 1 418 records of 312 patients are looked at again");
        check(
            Again { patients: 0, records: 0, ..again.clone() },
            "mapping 7f3a91c2 → 91d0be55: no record looked at what has changed",
        );
        check(
            Again { waits: true, ..again.clone() },
            "mapping 7f3a91c2 → 91d0be55: 1 418 records of 312 patients wait for a whole pass, without --only, --practice, \
             --limit and days",
        );
        check(
            Again { before: Some("91d0be55".to_owned()), all: true, ..again.clone() },
            "mapping 91d0be55: 1 418 records of 312 patients are looked at again: options or tables have changed that every \
             decision depends on",
        );
    }
}
