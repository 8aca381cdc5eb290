//! Classification against the shipped tables, and against small ones where the shipped say nothing.

use rust_decimal::Decimal;

use crate::domain::{EntryId, InstanceKey, PatientRef, Personal};
use crate::mapping::shipped::shipped;
use crate::mapping::tables::{AmountSource, CodeRange, Tables};

use super::*;

/// An entry of 2 March 2026 without factor and amount.
pub(in crate::mapping) fn entry(kind: &str, schedule: &str, code: &str, text: &str) -> Entry {
    Entry {
        id: EntryId::new("e1"),
        instance: InstanceKey::new("nord"),
        patient: PatientRef::Nobody,
        date: "2026-03-02".parse().expect("a day"),
        practitioner: String::new(),
        kind: kind.to_owned(),
        schedule: schedule.to_owned(),
        code: Personal::new(code),
        count: Decimal::ONE,
        factor: None,
        amount: None,
        text: Personal::new(text),
        profile: None,
    }
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

/// `schedule code factor count` (`-` = no factor) → cents under the shipped tables.
fn price(line: &str) -> (Option<i64>, Provenance) {
    let cells: Vec<&str> = line.split(' ').collect();
    let mut entry = entry("Leistung", cells[0], cells[1], "");
    entry.factor = (cells[2] != "-").then(|| number(cells[2]));
    entry.count = number(cells[3]);
    let mapping = shipped();
    let found = classify(&entry, &mapping);
    (found.amount.map(|amount| amount.0), found.provenance)
}

#[test]
fn points_are_multiplied_exactly_and_rounded_once() {
    for (line, cents) in [
        ("GOZ 6030 2.3 1", 17_463),
        ("GOZ 6040 2.3 1", 27_165),
        ("GOZ 6050 2.3 1", 46_568),
        ("GOZ 6080 2.3 1", 46_568),
        ("GOZ 6060 2.3 1", 23_284),
        ("GOZ 6060 1 1", 10_124),
        ("GOZ 6060 3.5 1", 35_433),
        ("GOZ 6070 2.3 1", 33_633),
        ("GOZ 1040 2.3 1", 362),
        ("GOZ 1040 2.3 28", 10_142),
        ("GOZ 6100 2.3 -10", -21_344),
        ("goae Ä1 2.3 1", 1_072),
        ("GOÄ ae5000 2.3 1", 670),
        ("BEMA 119a - 1", 1_155),
        ("BEMA 119D - 1", 2_940),
        ("BEMA 120a - 1", 1_785),
        ("BEMA 120d - 4", 11_760),
        ("BEMA 01K - 1", 2_940),
        ("bema 126a - 2", 3_780),
    ] {
        assert_eq!(price(line), (Some(cents), Provenance::Points), "{line}");
    }
    assert_eq!(price("GOZ 6030 - 1"), (Some(17_463), Provenance::PointsAtUsualFactor));
    assert_eq!(price("GOZ 6030 2.3 79228162514264337593543950335"), (None, Provenance::Missing));
    assert_eq!(price("GOZ 6075 2.3 1"), (None, Provenance::Missing), "in the range of a row, but no points are known");
}

#[test]
fn the_written_amount_wins_over_points_and_keeps_its_sign() {
    let mapping = shipped();
    for cents in [-46_568, 0, 46_000] {
        let mut line = entry("Leistung", "GOZ", "6050", "");
        line.amount = Some(Cents(cents));
        line.factor = Some(number("2.3"));
        let found = classify(&line, &mapping);
        assert_eq!((found.amount, found.provenance), (Some(Cents(cents)), Provenance::Amount));
    }
    let mut storno = entry("Storno", "GOZ", "6050", "");
    storno.amount = Some(Cents(-5_000));
    let found = classify(&storno, &mapping);
    assert_eq!((found.amount, found.counts_revenue, found.share), (Some(Cents(-5_000)), true, Share::Private));
    let missing = classify(&entry("Labor", "BEL II", "", ""), &mapping);
    assert_eq!((missing.amount, missing.provenance, missing.share), (None, Provenance::Missing, Share::Lab));
}

/// `typ|schedule|code|text` → `handler category share stage`, `-` for none.
fn check(mapping: &Mapping, line: &str, wanted: &str) {
    let cells: Vec<&str> = line.split('|').collect();
    let entry = entry(cells[0], cells[1], cells[2], cells[3]);
    let found = classify(&entry, mapping);
    let stage = found.stage_signal.map_or("-", StageKey::as_str);
    let told = format!("{:?} {} {:?} {stage}", found.handler, found.category.unwrap_or("-"), found.share);
    assert_eq!(told, wanted, "{line}");
}

#[test]
fn the_first_row_by_priority_decides() {
    let mapping = shipped();
    for (line, wanted) in [
        ("pabg|||", "Marker - Private -"),
        ("PABG|GOZ|6100|Retainer", "Marker - Private -"),
        ("Plan|||HKP Aligner", "PlanSignal - Private plan_erstellt"),
        ("Note|GOZ|6100|", "Ignore - Private -"),
        ("Leistung|BEMA|119a|", "Revenue multiband_kasse Statutory -"),
        ("Leistung|BEMA|119a|Eigenanteil 20 %", "Revenue - OwnShare -"),
        ("Leistung|BEMA|5|", "Revenue diagnostik Statutory plan_erstellt"),
        ("Leistung|BEMA|Ä 934a|", "Revenue diagnostik Statutory -"),
        ("Leistung|BEMA|123|", "Revenue fruehbehandlung Statutory -"),
        ("Leistung|BEMA|123b|", "Revenue fruehbehandlung Statutory -"),
        ("Leistung|GOZ|6000|", "Revenue diagnostik Private -"),
        ("Leistung|GOZ|6020|", "Revenue diagnostik Private -"),
        ("Leistung|GOZ|6021|", "Revenue - Private -"),
        ("Leistung|GOZ|6030|", "Revenue - Private -"),
        ("Leistung|GOZ|6100|Retainer", "Revenue multiband_privat Private -"),
        ("Leistung|BEMA|6100|", "Revenue - Statutory -"),
        ("Leistung|GOÄ|Ä5000|", "Revenue diagnostik Private -"),
        ("Leistung|GOZ||Retainer oben", "Revenue retainer Private -"),
        ("Leistung|||RETAINER, Krone", "Revenue retainer Private -"),
        ("Leistung|||Müller-Brücke", "Revenue zahnersatz Private -"),
        ("Labor|BEB||", "Revenue - Lab -"),
        ("Leistung|BEL II||", "Revenue - Lab -"),
    ] {
        check(&mapping, line, wanted);
    }
}

#[test]
fn an_entry_without_a_row_is_not_used_and_listed_without_code_and_text() {
    let mapping = shipped();
    let found = classify(&entry("Rezept", "GOZ", "9999", "Ibuprofen"), &mapping);
    assert!(!found.is_used() && !found.counts_revenue && found.amount.is_none());
    assert_eq!(found.notice.as_ref().map(Notice::to_string).as_deref(), Some("unknown entry kind \"Rezept\" (GOZ)"));
    let known = classify(&entry("Note", "", "", ""), &mapping);
    assert!(!known.is_used() && known.notice.is_none(), "ignored on purpose");
}

#[test]
fn ranges_hold_their_ends_and_whole_numbers_only() {
    let row = |matches, source, priority| EntryKind {
        matches,
        schedule: None,
        category: None,
        handler: Handler::RevenuePrivate,
        counts_revenue: true,
        amount_source: source,
        share: None,
        stage_signal: None,
        priority,
    };
    let codes = vec![CodeRange::Span(10, 20), CodeRange::One("30a".to_owned())];
    let mapping = Mapping::new(Tables {
        entry_kinds: vec![
            row(EntryMatch::Codes(codes), AmountSource::Fixed(Cents(700)), 1),
            row(EntryMatch::Kind("text".to_owned()), AmountSource::Text, 2),
        ],
        ..Tables::default()
    });
    for (code, hit) in [
        ("10", true),
        ("20", true),
        ("020", true),
        ("9", false),
        ("21", false),
        ("15a", false),
        ("+15", false),
        ("30A", true),
    ] {
        let found = classify(&entry("", "BEMA", code, ""), &mapping);
        assert_eq!(found.amount, hit.then_some(Cents(700)), "{code}");
        assert_eq!(found.share, if hit { Share::Private } else { Share::Statutory }, "the handler says private");
    }
    let text = classify(&entry("Text", "", "", "Rate 12,50 €"), &mapping);
    assert_eq!((text.amount, text.provenance), (Some(Cents(1_250)), Provenance::Text));
}

/// Looks at every row in turn: slow, and plainly what the table says.
fn naive<'m>(entry: &Entry, mapping: &'m Mapping) -> Option<&'m EntryKind> {
    let code = fold_code(entry.code.expose());
    let whole = code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.parse::<u32>().ok()).flatten();
    mapping.entry_kinds().iter().find(|row| {
        let hit = match &row.matches {
            EntryMatch::Kind(kind) => *kind == fold(&entry.kind),
            EntryMatch::Codes(codes) => codes.iter().any(|range| match range {
                CodeRange::One(one) => *one == code,
                CodeRange::Span(first, last) => whole.is_some_and(|number| (*first..=*last).contains(&number)),
            }),
            EntryMatch::Text(pattern) => pattern.is_match(entry.text.expose()),
        };
        hit && row.schedule.as_ref().is_none_or(|schedule| *schedule == fold(&entry.schedule))
    })
}

proptest::proptest! {
    #[test]
    fn look_ups_answer_as_the_table_reads(
        kind in "(Leistung|Storno|pabg|Text|Labor|Rezept|)",
        schedule in "(GOZ|GOÄ|BEMA|BEB|)",
        code in "(60[0-9]0|11[0-9][a-d]?|12[0-9][a-d]?|13[01]|5|01k|Ä5|Ä5000|1040|)",
        text in "(Eigenanteil |Retainer |Aligner |Krone |Implantat |Kontrolle ){0,3}",
    ) {
        thread_local!(static SHIPPED: Mapping = shipped());
        SHIPPED.with(|mapping| {
            let entry = entry(&kind, &schedule, &code, &text);
            let (found, row) = (classify(&entry, mapping), naive(&entry, mapping));
            let told = (found.notice.is_none(), found.handler, found.category, found.stage_signal);
            let wanted = (
                row.is_some(),
                row.map_or(Handler::Ignore, |row| row.handler),
                row.and_then(|row| row.category.as_deref()),
                row.and_then(|row| row.stage_signal.as_ref()),
            );
            proptest::prop_assert_eq!(told, wanted);
            Ok(())
        })?;
    }
}
