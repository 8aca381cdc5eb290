//! Nothing that a run leaves behind or shows names a patient or a secret: every patient of the samples is looked for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ivohub::mapping::SHIPPED;
use ivohub::sandbox::hubspot::{Fault, Faults, Scope};

use super::project::{PASSES, Project, TOKEN, Table};

/// What must not be found.
struct Needles {
    /// Bytes long enough not to turn up in random ones, looked for everywhere.
    anywhere: BTreeSet<Vec<u8>>,
    /// Names, looked for as whole words in text.
    words: BTreeSet<String>,
}

/// Six bytes turn up in ten megabytes of random ones once in thirty million runs, four once in 400.
const LONG: usize = 6;

impl Needles {
    fn none() -> Self {
        Self { anywhere: BTreeSet::new(), words: BTreeSet::new() }
    }

    /// Everything about the patients of the samples.
    fn of_samples() -> Self {
        let patients = Table::of_sample("patienten.csv");
        let mut all = Self::none();
        for (line, row) in &patients.rows {
            let mut own = Self::none();
            let cell = |header| patients.cell(row, header).trim();
            ["Vorname", "Nachname", "Versicherter"].iter().for_each(|header| own.name(cell(header)));
            own.birthday(cell("Geburtsdatum"));
            own.phone(cell("Tel. privat"));
            own.phone(cell("Tel. mobil"));
            own.text(cell("E-Mail"));
            own.text(cell("Straße"));
            own.text(cell("Versichertennr."));
            assert!(own.anywhere.len() > 1, "patient of line {line} is looked for everywhere");
            assert!(
                !own.words.is_empty() || cell("Nachname").is_empty(),
                "patient of line {line} is looked for in text"
            );
            all.anywhere.extend(own.anywhere);
            all.words.extend(own.words);
        }
        let appointments = Table::of_sample("termine.csv");
        appointments.rows.iter().for_each(|(_, row)| all.text(appointments.cell(row, "Bemerkung")));
        let entries = Table::of_sample("eintraege.csv");
        entries.rows.iter().for_each(|(_, row)| all.text(entries.cell(row, "Text")));
        all.anywhere.insert(TOKEN.into());
        all
    }

    /// A whole name, and its parts.
    fn name(&mut self, name: &str) {
        let parts = name.split([' ', '-', '"', ',', '.', '\'']).filter(|part| part.chars().count() >= 3);
        // "von", "der" and titles are words of the language.
        let parts = parts.filter(|part| part.chars().next().is_some_and(char::is_uppercase) && *part != "Prof");
        self.words.extend(parts.map(str::to_owned));
        if name.len() >= LONG {
            self.bytes(name);
            self.bytes(&name.to_lowercase());
        } else if name.len() >= 3 {
            // As any of our own forms would hold it.
            self.anywhere.insert(format!(":\"{name}\"").into());
        }
    }

    fn birthday(&mut self, day: &str) {
        let numbers: Vec<u32> = day.split('.').filter_map(|part| part.parse().ok()).collect();
        let [day, month, year] = numbers.as_slice() else { return };
        if *year == 0 {
            return;
        }
        for spelling in [
            format!("{day:02}.{month:02}.{year:04}"),
            format!("{day}.{month}.{year:04}"),
            format!("{year:04}-{month:02}-{day:02}"),
            format!("{year:04}{month:02}{day:02}"),
            format!("{day:02}/{month:02}/{year:04}"),
            format!("{month:02}/{day:02}/{year:04}"),
        ] {
            self.anywhere.insert(spelling.into());
        }
    }

    fn phone(&mut self, phone: &str) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < LONG {
            return;
        }
        self.bytes(phone);
        let national = digits.trim_start_matches("0049").trim_start_matches("49").trim_start_matches('0');
        self.bytes(national);
        self.bytes(&digits);
    }

    fn text(&mut self, text: &str) {
        // Short remarks are words of the trade, and what the tables say is shown as a label.
        if text.trim().len() >= 10 && !SHIPPED.iter().any(|(_, table)| table.contains(text.trim())) {
            self.bytes(text.trim());
            self.bytes(&text.trim().to_lowercase());
        }
    }

    /// In the encodings that a file could have.
    fn bytes(&mut self, text: &str) {
        self.anywhere.insert(text.into());
        self.anywhere.insert(encoding_rs::WINDOWS_1252.encode(text).0.into_owned());
        self.anywhere.insert(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }

    /// What of it is in `bytes`.
    fn found(&self, bytes: &[u8]) -> Vec<String> {
        let starts = self.by_start();
        let mut found = BTreeSet::new();
        for at in 0..bytes.len() {
            let here = &bytes[at..];
            let Some(start) = here.first_chunk::<3>() else { break };
            let Some(candidates) = starts.get(start) else { continue };
            found.extend(
                candidates
                    .iter()
                    .filter(|needle| here.starts_with(needle))
                    .map(|needle| String::from_utf8_lossy(needle).into_owned()),
            );
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            let words = text.split(|char: char| !char.is_alphanumeric());
            found.extend(words.filter(|word| self.words.contains(*word)).map(|word| format!("word {word}")));
        }
        found.into_iter().collect()
    }

    fn by_start(&self) -> std::collections::HashMap<[u8; 3], Vec<&Vec<u8>>> {
        let mut starts = std::collections::HashMap::<[u8; 3], Vec<&Vec<u8>>>::new();
        for needle in &self.anywhere {
            starts.entry(*needle.first_chunk().expect("no needle is shorter")).or_default().push(needle);
        }
        starts
    }
}

/// All files below `folder`.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_that_a_run_shows_or_leaves_behind_names_a_patient_or_a_secret() {
    let project = Project::new();
    let needles = Needles::of_samples();
    let mut shown = Vec::new();
    let mut run = |args: &[&str]| {
        let loud = [args, &["-vv"]].concat();
        let quiet_log = [args, &["-vv", "--log-file", "text.log"]].concat();
        let json = [args, &["-vv", "--json", "--log-file", "json.log", "--set", "log.format=json"]].concat();
        for args in [loud, quiet_log, json] {
            let done = project.run(&args);
            shown.push((args.join(" "), done.all()));
        }
    };
    for (command, file) in PASSES {
        let input = format!("samples/{file}");
        run(&[command, "--input", &input, "--dry-run", "--diff", "full"]);
        // Some of a batch are refused, in HubSpot's own words.
        let faults =
            Faults { scope: Scope::Records, partial_share: 0.1, next: vec![Fault::Partial], ..Faults::default() };
        project.portal.set_faults(faults);
        run(&[command, "--input", &input, "--yes", "--diff", "full", "--summary-out", "summary.json"]);
        run(&[command, "--input", &input, "--yes", "--only", "2abbf99a-ee18-4f39-adf2-4abebd7706dc"]);
    }
    // Wrong kinds of files: refusals name places, not cells.
    run(&["migrate-patients", "--input", "samples/termine.csv", "--yes"]);
    run(&["migrate-appointments", "--input", "samples/patienten.csv", "--yes"]);
    run(&["backfill-entries", "--input", "samples/patienten.csv", "--yes", "--encoding", "utf-16le"]);
    run(&["status"]);
    run(&["hubspot-schema", "plan"]);
    run(&["mappings", "check"]);
    run(&["config", "check"]);
    run(&["config", "show", "--origin"]);
    run(&["state", "rebuild", "--yes"]);
    assert!(shown.iter().any(|(_, text)| text.contains("refused by HubSpot")), "HubSpot's refusals are among it");
    let mut leaks: Vec<String> = Vec::new();
    for (command, text) in &shown {
        assert!(!text.is_empty(), "{command}");
        leaks.extend(needles.found(text.as_bytes()).into_iter().map(|hit| format!("{command}: {hit}")));
    }
    let ours = ["samples", "secrets", "mappings"].map(|name| project.path(name));
    let mut looked_at = BTreeSet::new();
    for file in files(&project.path("")).into_iter().filter(|file| !ours.iter().any(|folder| file.starts_with(folder)))
    {
        let name = file.strip_prefix(project.path("")).expect("below").display().to_string();
        let bytes = fs::read(&file).expect("read");
        leaks.extend(needles.found(&bytes).into_iter().map(|hit| format!("{name}: {hit}")));
        looked_at.insert(name);
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    for file in [".ivohub/practice/state.db", "text.log", "json.log", "summary.json"] {
        assert!(looked_at.contains(file), "{file} was looked at: {looked_at:?}");
    }
    assert!(looked_at.iter().any(|file| file.starts_with(".ivohub/practice/runs/")), "{looked_at:?}");
}

#[test]
fn the_search_finds_an_unsealed_patient() {
    let needles = Needles::of_samples();
    let noise: Vec<u8> =
        (0..4_000_u32).flat_map(|number| blake3::hash(&number.to_le_bytes()).as_bytes().to_owned()).collect();
    assert_eq!(needles.found(&noise), [""; 0], "noise is no patient");
    let patients = Table::of_sample("patienten.csv");
    for (line, row) in &patients.rows {
        for header in ["Vorname", "Nachname", "Geburtsdatum", "Tel. privat", "Tel. mobil", "E-Mail", "Straße"] {
            let cell = patients.cell(row, header).trim();
            let said = cell.chars().filter(char::is_ascii_alphanumeric).count() >= 6 && cell != "00000000";
            if !said || cell.contains("kein") || cell.contains("siehe") {
                continue;
            }
            let canary = [&noise[..1_000], cell.as_bytes(), &noise[1_000..2_000]].concat();
            assert!(!needles.found(&canary).is_empty(), "line {line} {header}");
        }
        let name = patients.cell(row, "Nachname").trim();
        if name.chars().count() >= 3 {
            assert!(!needles.found(format!("patient {name}, held").as_bytes()).is_empty(), "line {line} by name");
        }
    }
}
