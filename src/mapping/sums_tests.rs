//! Sums of small sets by hand, and the laws that hold for all.

use proptest::prelude::*;

use crate::domain::EntryId;
use crate::mapping::amount::Provenance;
use crate::mapping::entry::classify;
use crate::mapping::entry::tests::entry;
use crate::mapping::shipped::shipped;

use super::*;

/// `id day typ schedule code amount`, `-` for an empty cell; amounts in cents.
fn line(row: &str) -> Entry {
    let cells: Vec<&str> = row.split(' ').map(|cell| if cell == "-" { "" } else { cell }).collect();
    let mut entry = entry(cells[2], cells[3], cells[4], "");
    entry.id = EntryId::new(cells[0]);
    entry.date = cells[1].parse().expect("a day");
    entry.amount = cells[5].parse().ok().map(Cents);
    entry
}

#[test]
fn revenue_is_parted_by_payer_and_markers_stand_apart() {
    let mapping = shipped();
    let lines: Vec<Entry> = [
        "e1 2026-03-31 Leistung BEMA 119a -",
        "e2 2026-06-30 Leistung BEMA 119a -",
        "e3 2026-06-30 Leistung BEMA 120a -",
        "e4 2026-02-01 Leistung GOZ 6100 50000",
        "e5 2026-02-02 Storno GOZ - -20000",
        "e6 2026-02-02 Labor BEB - 8000",
        "e7 2026-02-03 Leistung GOZ 9999 -",
        "e8 2026-02-03 Leistung GOZ 9998 0",
        "p1 2026-04-01 pabg - - 30000",
        "p2 2026-01-01 pabg - - -",
        "n1 2026-01-01 Note - - 99999",
        "v1 2026-01-02 Plan - - 320000",
        "v2 2026-01-05 Plan - - 350000",
        "v3 2026-01-05 Plan - - 360000",
        "v4 2026-01-09 Plan - - -",
    ]
    .map(line)
    .into();
    let classified: Vec<_> = lines.iter().map(|line| classify(line, &mapping)).collect();
    let sums = Sums::of(lines.iter().zip(&classified));
    let instalments = 1_155 + 1_155 + 1_785;
    assert_eq!(sums.statutory, Cents(instalments), "quarterly instalments of 119 and 120");
    assert_eq!((sums.private, sums.lab, sums.own_share), (Cents(30_000), Cents(8_000), Cents(0)));
    assert_eq!(sums.revenue, Cents(instalments + 38_000));
    assert_eq!((sums.priced, sums.unpriced), (7, 1), "0.00 is a price, nothing is none");
    assert_eq!(sums.plan_value, Some(Cents(360_000)), "the newest that names an amount, the greater key of two");
    let day = |text: &str| Some(text.parse().expect("a day"));
    let markers = Markers { count: 2, amount: Some(Cents(30_000)), first: day("2026-01-01"), last: day("2026-04-01") };
    assert_eq!(sums.markers, markers);
    let categories = BTreeMap::from([("multiband_kasse", Cents(instalments)), ("multiband_privat", Cents(50_000))]);
    assert_eq!(sums.categories, categories);
    assert_eq!(Sums::of([]), Sums::default());
}

fn classified() -> impl Strategy<Value = Classified<'static>> {
    let handlers = prop::sample::select(vec![
        Handler::Revenue,
        Handler::RevenuePrivate,
        Handler::PlanSignal,
        Handler::StartSignal,
        Handler::Marker,
        Handler::Ignore,
    ]);
    let shares = prop::sample::select(vec![Share::Statutory, Share::Private, Share::Lab, Share::OwnShare]);
    let amounts = prop::option::of(prop_oneof![-90_000_i64..90_000, Just(i64::MAX), Just(i64::MIN)]);
    let categories = prop::option::of(prop::sample::select(vec!["kontrolle", "retainer"]));
    (handlers, shares, amounts, categories).prop_map(|(handler, share, amount, category)| Classified {
        handler,
        category,
        counts_revenue: matches!(handler, Handler::Revenue | Handler::RevenuePrivate),
        share,
        stage_signal: None,
        amount: amount.map(Cents),
        provenance: Provenance::Amount,
        is_pabg: handler == Handler::Marker,
        row: None,
        notice: None,
    })
}

proptest! {
    #[test]
    fn the_order_of_entries_does_not_matter(
        lines in prop::collection::vec((classified(), 0_u64..4), 0..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let entries: Vec<Entry> = lines
            .iter()
            .enumerate()
            .map(|(at, (_, day))| {
                let mut entry = entry("", "", "", "");
                entry.id = EntryId::new(&format!("e{at}"));
                entry.date = entry.date + chrono::Days::new(*day);
                entry
            })
            .collect();
        let mut pairs: Vec<_> = entries.iter().zip(lines.iter().map(|(classified, _)| classified)).collect();
        let sums = Sums::of(pairs.iter().copied());
        let middle = if pairs.is_empty() { 0 } else { seed.index(pairs.len()) };
        pairs.rotate_left(middle);
        prop_assert_eq!(&Sums::of(pairs.iter().copied()), &sums);
        pairs.reverse();
        prop_assert_eq!(&Sums::of(pairs.iter().copied()), &sums);
    }

    #[test]
    fn the_shares_add_up_to_the_revenue(cents in prop::collection::vec((classified(), -90_000_i64..90_000), 0..12)) {
        let entry = entry("", "", "", "");
        let lines: Vec<Classified<'_>> =
            cents.into_iter().map(|(line, cents)| Classified { amount: line.amount.map(|_| Cents(cents)), ..line }).collect();
        let sums = Sums::of(lines.iter().map(|line| (&entry, line)));
        prop_assert_eq!(sums.revenue, [sums.statutory, sums.private, sums.lab, sums.own_share].into_iter().sum());
        let lines = lines.iter().filter(|line| line.counts_revenue).count();
        prop_assert_eq!(usize::try_from(sums.priced + sums.unpriced), Ok(lines));
    }
}
