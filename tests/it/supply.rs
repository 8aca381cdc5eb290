//! What is built in from elsewhere: bans, licences, sources.

use std::process::Command;

use serde_json::Value;

/// Never in the tree, each with the reason.
const BANNED: [(&str, &str); 5] = [
    ("openssl-sys", "TLS is rustls with ring"),
    ("native-tls", "TLS is rustls with ring"),
    ("aws-lc-rs", "TLS is rustls with ring"),
    ("aws-lc-sys", "TLS is rustls with ring"),
    ("sqlx", "one SQLite, through rusqlite"),
];

/// Features that must stay off, each with the reason.
const BANNED_FEATURES: [(&str, &str, &str); 1] = [("chrono", "oldtime", "brings back the old time crate")];

/// Licences that each dependency must offer a choice of.
const LICENCES: [&str; 10] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "0BSD",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
];

/// The only place that packages come from.
const SOURCES: [&str; 2] = ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().expect("packages")
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn dependencies_are_allowed_licensed_and_from_crates_io() {
    let metadata = metadata();
    let packages = packages(&metadata);
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let mut found = Vec::new();
    for package in packages {
        let name = text(package, "name");
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            found.push(format!("{name} is banned: {why}"));
        }
        let licence = text(package, "license");
        if !is_allowed(licence) {
            found.push(format!("{name} has the licence \"{licence}\""));
        }
        let source = text(package, "source");
        if !SOURCES.contains(&source) && name != env!("CARGO_PKG_NAME") {
            found.push(format!("{name} comes from \"{source}\""));
        }
    }
    for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
        let id = text(node, "id");
        for (name, feature, why) in BANNED_FEATURES {
            let is_it = packages.iter().any(|package| text(package, "id") == id && text(package, "name") == name);
            let is_on = node["features"].as_array().is_some_and(|features| features.iter().any(|one| one == feature));
            if is_it && is_on {
                found.push(format!("feature {feature} of {name} is banned: {why}"));
            }
        }
    }
    assert_eq!(found, [""; 0]);
}

/// Whether an SPDX expression leaves a choice of allowed licences; the old `A/B` means `A OR B`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let allowed = any(&mut words);
    allowed && words.next().is_none()
}

type Words<'w> = std::iter::Peekable<std::str::SplitWhitespace<'w>>;

/// `a OR b`
fn any(words: &mut Words<'_>) -> bool {
    let mut allowed = all(words);
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all(words);
    }
    allowed
}

/// `a AND b`, which binds closer.
fn all(words: &mut Words<'_>) -> bool {
    let mut allowed = one(words);
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words);
    }
    allowed
}

/// A licence, one `WITH` an exception (which only allows more), or a group.
fn one(words: &mut Words<'_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let allowed = any(words);
        return words.next_if_eq(&")").is_some() && allowed;
    }
    let allowed = words.next().is_some_and(|licence| LICENCES.contains(&licence));
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    allowed
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    for (expression, allowed) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND LGPL-2.1", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("(MIT OR ISC", false),
        ("MIT ISC", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}
