//! Amounts to the cent: the vectors of `domain.md` 2.1 and more of their kind, recomputed with exact decimals elsewhere.

use rust_decimal::Decimal;

use crate::domain::{Cents, EntryId};
use crate::mapping::shipped::shipped;
use crate::mapping::sums::Sums;
use crate::mapping::tables::{PointValue, Tables};

use super::tests::entry;
use super::*;

fn line(schedule: &str, code: &str, factor: &str, count: &str) -> Entry {
    let number = |text: &str| -> Decimal { text.parse().expect("a number") };
    let mut line = entry("Leistung", schedule, code, "");
    line.factor = (factor != "-").then(|| number(factor));
    line.count = number(count);
    line
}

fn cents(mapping: &Mapping, line: &Entry) -> Option<i64> {
    classify(line, mapping).amount.map(|amount| amount.0)
}

#[test]
fn private_fees_at_once_the_average_and_the_highest_factor() {
    let mapping = shipped();
    let goz = [
        ("6000", [450, 1_035, 1_575]),
        ("6010", [1_012, 2_328, 3_543]),
        ("6020", [2_025, 4_657, 7_087]),
        ("6030", [7_593, 17_463, 26_574]),
        ("6040", [11_811, 27_165, 41_338]),
        ("6050", [20_247, 46_568, 70_865]),
        ("6060", [10_124, 23_284, 35_433]),
        ("6070", [14_623, 33_633, 51_180]),
        ("6080", [20_247, 46_568, 70_865]),
        ("6100", [928, 2_134, 3_248]),
        ("6120", [1_294, 2_975, 4_527]),
        ("6150", [2_812, 6_468, 9_842]),
        ("6190", [675, 1_552, 2_362]),
        ("6210", [478, 1_100, 1_673]),
        ("1040", [157, 362, 551]),
    ];
    let goae = [
        ("Ä1", [466, 1_072, 1_632]),
        ("Ä5", [466, 1_072, 1_632]),
        ("Ä5000", [291, 670, 1_020]),
        ("Ä5004", [2_331, 5_362, 8_160]),
    ];
    for (schedule, rows) in [("GOZ", &goz[..]), ("GOÄ", &goae[..])] {
        for (code, wanted) in rows {
            for (factor, wanted) in ["1.0", "2.3", "3.5"].into_iter().zip(wanted) {
                let line = line(schedule, code, factor, "1");
                assert_eq!(cents(&mapping, &line), Some(*wanted), "{schedule} {code} × {factor}");
            }
        }
    }
}

#[test]
fn bema_has_no_factor_whatever_a_line_says() {
    let mapping = shipped();
    for (code, wanted) in [("116", 1_575), ("119a", 1_155), ("Ä934a", 1_995)] {
        for factor in ["-", "1", "2.3", "3.5", "0"] {
            assert_eq!(cents(&mapping, &line("BEMA", code, factor, "1")), Some(wanted), "{code} × {factor}");
        }
    }
    assert_eq!(cents(&mapping, &line("bema", "116", "2.3", "-2")), Some(-3_150), "the count stays");
    assert_eq!(classify(&line("BEMA", "116", "2.3", "1"), &mapping).provenance.word(), "points");
}

#[test]
fn a_tie_goes_away_from_zero_whatever_the_sign() {
    let mapping = shipped();
    for (code, count, wanted) in [
        ("119a", "0.5", 578),
        ("119a", "-0.5", -578),
        ("119b", "0.1", 179),
        ("120b", "0.5", 998),
        ("122a", "0.5", 1_103),
        ("116", "1.5", 2_363),
        ("Ä934a", "2", 3_990),
        ("119a", "0", 0),
    ] {
        assert_eq!(cents(&mapping, &line("BEMA", code, "-", count)), Some(wanted), "{code} × {count}");
    }
    assert_eq!(cents(&mapping, &line("GOZ", "6100", "2.3", "-1")), Some(-2_134), "a reversal is its line with a minus");
    assert_eq!(cents(&mapping, &line("GOZ", "1040", "2.3", "0.5")), Some(181));
}

#[test]
fn a_line_is_worth_what_a_point_was_worth_on_its_day() {
    let mut tables: Tables = shipped().tables().clone();
    let value = |from: Option<&str>, cents: &str| PointValue {
        schedule: "BEMA".to_owned(),
        area: Some("KFO".to_owned()),
        kassenart: None,
        valid_from: from.map(|day| day.parse().expect("a day")),
        cents: cents.parse().expect("a number"),
    };
    tables.point_values =
        vec![value(Some("2012-01-01"), "73"), value(Some("2025-01-01"), "105"), value(Some("2026-07-01"), "108.34")];
    let mapping = Mapping::new(tables);
    for (day, wanted) in [
        ("2011-12-31", [None, None, None, None]),
        ("2012-01-01", [Some(803), Some(1_241), Some(1_679), Some(2_044)]),
        ("2024-12-31", [Some(803), Some(1_241), Some(1_679), Some(2_044)]),
        ("2026-06-30", [Some(1_155), Some(1_785), Some(2_415), Some(2_940)]),
        ("2026-07-01", [Some(1_192), Some(1_842), Some(2_492), Some(3_034)]),
    ] {
        for (code, wanted) in ["119a", "119b", "119c", "119d"].into_iter().zip(wanted) {
            let mut line = line("BEMA", code, "-", "1");
            line.date = day.parse().expect("a day");
            assert_eq!(cents(&mapping, &line), wanted, "{code} on {day}");
        }
    }
}

#[test]
fn what_a_line_is_known_by_is_told_and_a_missing_amount_is_not_zero() {
    let mapping = shipped();
    let priced = |mut line: Entry, amount: Option<i64>| {
        line.amount = amount.map(Cents);
        line
    };
    let lines = [
        priced(line("GOZ", "6100", "2.3", "1"), Some(5_000)),
        priced(line("GOZ", "6100", "2.3", "1"), Some(-5_000)),
        priced(line("GOZ", "6100", "2.3", "1"), None),
        priced(line("GOZ", "6100", "-", "1"), None),
        priced(line("GOZ", "9999", "2.3", "1"), None),
        priced(line("GOZ", "9998", "2.3", "1"), Some(0)),
        priced(entry("pabg", "", "", ""), Some(30_000)),
        priced(entry("pabg", "", "", ""), None),
    ];
    let lines: Vec<Entry> =
        (0..).zip(lines).map(|(at, line)| Entry { id: EntryId::new(&format!("e{at}")), ..line }).collect();
    let classified: Vec<_> = lines.iter().map(|line| classify(line, &mapping)).collect();
    let sums = Sums::of(lines.iter().zip(&classified));
    let some = |lines: crate::domain::Lines| (lines.count, lines.sum.0);
    assert_eq!(sums.revenue, Cents(2 * 2_134));
    assert_eq!(some(sums.pricing.amount), (3, 0), "a line and its reversal, and a line that costs nothing");
    assert_eq!(some(sums.pricing.points), (1, 2_134));
    assert_eq!(some(sums.pricing.usual_factor), (1, 2_134));
    assert_eq!((sums.pricing.priced(), sums.pricing.missing), (5, 1));
    assert_eq!((some(sums.pabg.apart), some(sums.pabg.counted)), ((1, 30_000), (0, 0)));
}

proptest::proptest! {
    /// The sum of what a deal's lines are worth one by one is the deal's revenue, and so is what the ways add up to.
    #[test]
    fn a_deal_is_worth_what_its_lines_are(
        lines in proptest::collection::vec(
            (
                proptest::sample::select(vec!["Leistung", "Storno", "Labor", "pabg", "Note", "Plan"]),
                proptest::sample::select(vec![("GOZ", "6100"), ("GOZ", "6030"), ("BEMA", "119a"), ("GOZ", "9999"), ("", "")]),
                proptest::option::of(-90_000_i64..90_000),
                proptest::option::of(1_i64..35),
            ),
            0..12,
        ),
    ) {
        thread_local!(static SHIPPED: Mapping = shipped());
        SHIPPED.with(|mapping| {
            let entries: Vec<Entry> = (0..).zip(lines).map(|(at, (kind, (schedule, code), amount, tenths))| {
                let mut line = entry(kind, schedule, code, "");
                line.id = EntryId::new(&format!("e{at}"));
                line.amount = amount.map(Cents);
                line.factor = tenths.map(|tenths| Decimal::new(tenths, 1));
                line
            }).collect();
            let classified: Vec<_> = entries.iter().map(|one| classify(one, mapping)).collect();
            let sums = Sums::of(entries.iter().zip(&classified));
            let counted = classified.iter().filter(|one| one.counts_revenue);
            let one_by_one: i64 = counted.clone().filter_map(|one| one.amount).map(|amount| amount.0).sum();
            proptest::prop_assert_eq!(sums.revenue.0, one_by_one);
            let ways = &sums.pricing;
            let all = [ways.amount, ways.points, ways.usual_factor, ways.text, ways.fixed];
            proptest::prop_assert_eq!(all.iter().map(|lines| lines.sum.0).sum::<i64>(), one_by_one);
            proptest::prop_assert_eq!(usize::try_from(ways.all()).ok(), Some(counted.count()));
            let pabg: i64 = classified.iter().filter(|one| one.is_pabg).filter_map(|one| one.amount).map(|one| one.0).sum();
            proptest::prop_assert_eq!(sums.pabg.apart.sum.0 + sums.pabg.counted.sum.0, pabg);
            Ok(())
        })?;
    }
}
