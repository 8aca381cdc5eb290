//! What holds for any file: no row is lost, no byte makes it panic, the order of columns does not matter.

use proptest::prelude::*;

use super::*;

/// Hands out one byte at a time.
struct Drip<'b>(&'b [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let take = self.0.len().min(1);
        self.0.read(&mut buffer[..take])
    }
}

/// Lines, flaws and fields of a text that is read in pieces as `source` has them.
fn pieces(source: impl Read, width: usize) -> Vec<String> {
    let mut rows = Rows::new(encoding::Text::new(source, Encoding::Utf8));
    rows.separate_by(b';');
    rows.expect(rows::Shape { width, unnamed: Vec::new() });
    let mut found = Vec::new();
    while let Ok(Some(raw)) = rows.next() {
        let fields: Vec<_> = (0..rows.fields().len()).map(|field| rows.fields().get(field)).collect();
        found.push(format!("{} {:?} {} {fields:?}", raw.line, raw.flaw, raw.unterminated));
    }
    found.push(format!("end {}", rows.line()));
    found
}

#[test]
fn a_file_cut_anywhere_loses_no_row_silently() {
    let body = "t1;5;p1;23.11.2026;08:30;09:00;30;\"Kon\ntrolle\";fertig;22.11.2026 10:15\r\n".repeat(3);
    let text = format!("{VISITS}{body}");
    for cut in VISITS.len()..text.len() {
        let part = &text.as_bytes()[..cut];
        let found = rows(Kind::Appointment, part);
        let begun = (cut - VISITS.len()).div_ceil(body.len() / 3);
        assert_eq!(found.len(), begun, "{cut}: {:?}", found.iter().map(short).collect::<Vec<_>>());
        let whole = (cut - VISITS.len()) / (body.len() / 3);
        assert!(found[..whole].iter().all(|row| short(row).ends_with("ok")), "{cut}");
    }
    for cut in 0..VISITS.len() {
        let outcome = run(Kind::Appointment, &text.as_bytes()[..cut], &settings());
        assert!(outcome.is_err() || cut > VISITS.len() - 16, "{cut}: {outcome:?}");
    }
}

proptest! {
    #[test]
    fn the_order_of_columns_does_not_matter(
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        table in prop::collection::vec(prop::collection::vec("[a-zÄß\";\n0-9,. ]{0,8}", 9), 1..5),
    ) {
        let header: Vec<_> = ENTRIES.trim_end().split(';').map(str::to_owned).collect();
        let write = |order: &[usize]| {
            let mut writer = ::csv::WriterBuilder::new().delimiter(b';').quote_style(::csv::QuoteStyle::Always).from_writer(Vec::new());
            for (at, row) in std::iter::once(&header).chain(&table).enumerate() {
                let mut row = row.clone();
                if at > 0 {
                    row[1] = format!("p{at}");
                    row[3] = "23.11.2026".to_owned();
                    row[6] = "2".to_owned();
                    row[7] = "1,5".to_owned();
                }
                writer.write_record(order.iter().map(|column| row[*column].as_str())).expect("writes");
            }
            writer.into_inner().expect("a buffer")
        };
        let show = |bytes: &[u8]| -> Vec<String> {
            let show = |row: &Row| match row {
                Row::Record(record, origin) => format!("{origin} {}", serde_json::to_string(record).expect("json")),
                Row::Rejected(rejected) => format!("{} {:?} {}", rejected.origin, rejected.header, rejected.reason),
            };
            rows(Kind::Entry, bytes).iter().map(show).collect()
        };
        let plain: Vec<_> = (0..9).collect();
        prop_assert_eq!(show(&write(&order)), show(&write(&plain)));
    }

    #[test]
    fn it_does_not_matter_in_which_pieces_a_file_arrives(
        text in "([a-z]{0,3}|[;\"\n\rä]|\r\n|\"\"){0,60}",
        width in 1..4_usize,
    ) {
        prop_assert_eq!(pieces(Drip(text.as_bytes()), width), pieces(text.as_bytes(), width));
    }

    #[test]
    fn any_bytes_are_rows_or_an_error(tail in prop::collection::vec(any::<u8>(), 0..300), kind in 0..3_usize) {
        let kind = Kind::ALL[kind];
        // `run` asserts that the counts add up.
        drop(run(kind, &tail, &settings()));
        let header = match kind { Kind::Patient => PATIENTS, Kind::Appointment => VISITS, Kind::Entry => ENTRIES };
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(&tail);
        // Bytes that are no UTF-8 may take the umlaut of a header with them; a plain header stays one.
        prop_assert!(run(kind, &bytes, &settings()).is_ok() || !header.is_ascii());
    }

    #[test]
    fn mutilated_rows_are_all_accounted_for(
        body in "([a-z0-9.:]{0,6}|[;\"\n\r]|;;|\"\"){0,120}",
        good in 1..4_usize,
    ) {
        // Whatever stands in front, rows behind an empty line with marks of their own are still found, unless a mark is open.
        let text = format!("{PATIENTS}{}\n{body}", "1;p1;Blau;Ann;;;\n".repeat(good));
        let found = rows(Kind::Patient, text.as_bytes());
        prop_assert!(found.len() >= good);
        prop_assert!(found[..good].iter().all(|row| short(row).ends_with("ok")));
        let lines: Vec<_> = found.iter().map(|row| match row {
            Row::Record(_, origin) => origin.line,
            Row::Rejected(rejected) => rejected.origin.line,
        }).collect();
        prop_assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", lines);
    }
}
