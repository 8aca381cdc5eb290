//! The house: which room may look into which, how long a file may be, what stands at the top.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room → rooms it may import. Everything else is forbidden; `cli` may import all.
const IMPORTS: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("mapping", &["domain"]),
    ("plan", &["domain"]),
    ("kpi", &["domain"]),
    ("http", &[]),
    ("ivoris", &["http", "domain"]),
    ("hubspot", &["http", "domain"]),
    ("extract", &["ivoris", "domain"]),
    ("store", &["plan", "domain"]),
    ("sandbox", &["http", "domain"]),
    ("apply", &["hubspot", "http", "store", "plan", "domain"]),
    ("pass", &["extract", "ivoris", "http", "mapping", "plan", "kpi", "store", "apply", "hubspot", "domain"]),
    // A profile becomes the settings of rooms; it opens nothing.
    ("config", &["mapping", "domain", "http", "ivoris", "hubspot", "store", "plan", "pass"]),
    ("report", &["pass", "plan", "store", "domain"]),
];

/// Rooms that decide: no clock, no disk, no network, no environment, no chance.
const PURE: [&str; 4] = ["domain", "mapping", "plan", "kpi"];

/// What a pure room cannot need.
const EFFECTS: [&str; 12] = [
    "async fn",
    "tokio::",
    "reqwest::",
    "rusqlite::",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
];

/// Longest file in `src/`, in lines.
const MAX_LINES: usize = 400;

/// What may stand at the top beside dot-files (design.md section 8).
const TOP: [&str; 9] =
    ["Cargo.toml", "Cargo.lock", "src", "mappings", "samples", "tests", "README.md", "CHANGELOG.md", "LICENSE"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `src/`, with its path from there.
fn sources() -> Vec<(PathBuf, String)> {
    let src = root().join("src");
    let mut folders = vec![src.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                files.push((path.strip_prefix(&src).expect("below src").to_owned(), text));
            }
        }
    }
    files.sort();
    assert!(files.len() > 100, "only {} files found", files.len());
    files
}

/// The room of a file: its folder below `src/`, or its own name.
fn room(path: &Path) -> String {
    let first = path.components().next().expect("a component");
    Path::new(first.as_os_str()).with_extension("").display().to_string()
}

/// A file without its tests and comments; `None` if all of it is tests.
fn product(path: &Path, text: &str) -> Option<String> {
    let name = path.file_stem()?.to_str()?;
    let tests = ["tests", "fake", "conformance", "testing"];
    let in_tests = path.components().any(|part| part.as_os_str() == "tests");
    if tests.contains(&name) || name.ends_with("_tests") || in_tests {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        let mods = ["mod tests", "pub(super) mod tests", "pub(crate) mod tests"];
        pair[0] == "#[cfg(test)]" && mods.iter().any(|start| pair[1].starts_with(start) && pair[1].ends_with('{'))
    });
    let code = lines.iter().take(tests.unwrap_or(lines.len()));
    let code: Vec<&str> = code.filter(|line| !line.trim_start().starts_with("//")).copied().collect();
    Some(code.join("\n"))
}

/// The rooms that `crate::…` names in a text, in paths and in lists.
fn imports(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
    };
    let mut rooms = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = text.get(at + "crate::".len()..).unwrap_or_default();
        let Some(list) = rest.strip_prefix('{') else {
            rooms.insert(word(rest));
            continue;
        };
        let mut depth = 0_u32;
        let mut part = String::new();
        for letter in list.chars() {
            match letter {
                '}' if depth == 0 => break,
                ',' if depth == 0 => rooms.insert(word(&std::mem::take(&mut part))),
                '{' => {
                    depth += 1;
                    false
                }
                '}' => {
                    depth -= 1;
                    false
                }
                _ => {
                    part.push(letter);
                    false
                }
            };
        }
        rooms.insert(word(&part));
    }
    rooms.remove("");
    rooms
}

/// Every import that `allowed` does not list, as `file: room`.
fn breaches(files: &[(PathBuf, String)]) -> Vec<String> {
    let mut breaches = Vec::new();
    for (path, text) in files {
        let room = room(path);
        if ["cli", "main", "lib"].contains(&room.as_str()) {
            continue;
        }
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == room) else {
            breaches.push(format!("{}: no such room", path.display()));
            continue;
        };
        let Some(text) = product(path, text) else { continue };
        for import in imports(&text) {
            let known = IMPORTS.iter().any(|(name, _)| *name == import) || import == "cli";
            if known && import != room && !allowed.contains(&import.as_str()) {
                breaches.push(format!("{}: {import}", path.display()));
            }
        }
    }
    breaches
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    assert_eq!(breaches(&sources()), [""; 0]);
}

#[test]
fn a_forbidden_import_is_found_however_it_is_written() {
    for text in [
        "use crate::store::Store;",
        "use crate::{domain::{Cents, Object}, store};",
        "use crate::{\n    domain::Cents,\n    store::{Store, Key},\n};",
        "fn f(store: &crate::store::Store) {}\n#[cfg(test)]\nmod tests {\n}\n",
    ] {
        let file = |room: &str| (PathBuf::from(room).join("a.rs"), text.to_owned());
        assert_eq!(breaches(&[file("mapping")]), ["mapping/a.rs: store"], "{text}");
        assert_eq!(breaches(&[file("pass"), file("store"), file("cli")]), [""; 0], "{text}");
    }
    let test = "#[cfg(test)]\nmod tests {\n    use crate::store::Store;\n}\n".to_owned();
    assert_eq!(
        breaches(&[("mapping/a.rs".into(), test), ("helpers/a.rs".into(), String::new())]),
        ["helpers/a.rs: no such room"]
    );
}

#[test]
fn what_decides_has_no_clock_no_disk_and_no_network() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        if !PURE.contains(&room(&path).as_str()) {
            continue;
        }
        let Some(text) = product(&path, &text) else { continue };
        let effects = EFFECTS.iter().filter(|effect| text.contains(**effect));
        found.extend(effects.map(|effect| format!("{}: {effect}", path.display())));
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn no_source_file_is_longer_than_400_lines() {
    let lines = |text: &str| text.lines().count();
    let long = sources().into_iter().filter(|(_, text)| lines(text) > MAX_LINES);
    let long: Vec<String> = long.map(|(path, text)| format!("{}: {}", path.display(), lines(&text))).collect();
    assert_eq!(long, [""; 0]);
}

#[test]
fn only_known_things_stand_at_the_top() {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let names: BTreeSet<String> = match git {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let paths = String::from_utf8(output.stdout).expect("UTF-8");
            paths.split_terminator('\0').filter_map(|path| path.split('/').next()).map(str::to_owned).collect()
        }
        // Unpacked from an archive: what is built and kept here beside the sources is named in .gitignore.
        Ok(_) | Err(_) => {
            let entries = fs::read_dir(root()).expect("a folder");
            let names = entries.map(|entry| entry.expect("an entry").file_name().display().to_string());
            names.filter(|name| !["target", "secrets", "reports"].contains(&name.as_str())).collect()
        }
    };
    let strange: Vec<&String> =
        names.iter().filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str())).collect();
    assert_eq!(strange, [""; 0]);
    for needed in ["Cargo.toml", "Cargo.lock", "LICENSE", "src"] {
        assert!(root().join(needed).exists(), "{needed}");
    }
}
