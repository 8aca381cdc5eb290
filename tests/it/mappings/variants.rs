//! The same tables in other spellings: no problem, the same digest.

use ivohub::mapping::{Digest, SHIPPED, load};

/// Loads the shipped tables, each changed by `change`.
#[track_caller]
fn digest(what: &str, change: impl Fn(&str, &str) -> Vec<u8>) -> Digest {
    let files = |name: &str| {
        let (name, text) = SHIPPED.iter().find(|(have, _)| *have == name)?;
        Some(if name.strip_suffix(".csv").is_some() { change(name, text) } else { text.as_bytes().to_vec() })
    };
    let (mapping, problems) = load(&files);
    assert_eq!(problems, [], "{what}");
    mapping.expect("sound").digests().mapping
}

#[test]
fn no_spelling_of_sound_tables_is_a_problem() {
    let plain = digest("as shipped", |_, text| text.as_bytes().to_vec());
    let check = |what: &str, change: &dyn Fn(&str, &str) -> Vec<u8>| assert_eq!(digest(what, change), plain, "{what}");
    check("CRLF, BOM, comments and blank rows", &|_, text| {
        let text = text.replacen('\n', "\n# Anmerkung; mit Semikolon\n\n;;;\n", 1);
        format!("\u{feff}# oben\n{text}\n;;\n").replace('\n', "\r\n").into_bytes()
    });
    check("Windows-1252", &|_, text| encoding_rs::WINDOWS_1252.encode(text).0.into_owned());
    check("tabs", &|_, text| if text.contains('"') { text.into() } else { text.replace(';', "\t").into() });
    check("headers as people write them", &|_, text| {
        let (header, rows) = text.split_once('\n').expect("a header");
        format!("{}\n{rows}", header.to_uppercase().replace('_', " ")).into_bytes()
    });
    check("rows the other way round", &|name, text| {
        if name == "regeln.csv" {
            return text.into();
        }
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        (lines.join("\n") + "\n").into_bytes()
    });
    check("columns the other way round", &|_, text| {
        if text.contains('"') {
            return text.into();
        }
        let turned = |line: &str| line.split(';').rev().collect::<Vec<_>>().join(";");
        text.lines().map(turned).collect::<Vec<_>>().join("\n").into_bytes()
    });
    check("every cell in quotation marks", &|_, text| {
        let quoted = |line: &str| {
            let cells = line.split(';').map(|cell| format!("\" {} \"", cell.replace('"', "\"\"")));
            cells.collect::<Vec<_>>().join(";")
        };
        text.lines().map(quoted).collect::<Vec<_>>().join("\n").into_bytes()
    });
    check("yes and no in other words", &|name, text| {
        if ["terminarten.csv", "standorte.csv", "eigenschaften.csv"].contains(&name) {
            let text = text.replace(";ja", ";X").replace(";nein", ";falsch");
            return text.into_bytes();
        }
        text.into()
    });
    check("without trailing empty cells", &|_, text| {
        text.lines().map(|line| line.trim_end_matches(';')).collect::<Vec<_>>().join("\n").into_bytes()
    });
}
