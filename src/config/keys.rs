//! Every key of `ivohub.toml`: what it takes, where it may stand, what it is for. One table checks, shows and explains.

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Any text.
    Text,
    /// A whole number, not negative.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A day.
    Day,
    /// A whole number or a share ("20%").
    Limit,
    /// `{ file = … }` or `{ env = … }`.
    Secret,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Where a key may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// In a profile only: it says which systems are meant.
    InProfile,
    /// In a profile, or at the top for all profiles.
    Anywhere,
}

/// One key, named below its profile; `*` stands for a name.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) path: &'static str,
    pub(super) takes: Takes,
    pub(super) stands: Stands,
    pub(super) help: &'static str,
}

macro_rules! keys {
    ($($path:literal $takes:expr, $stands:ident, $help:literal;)*) => {
        /// All keys of a profile, in the order in which they are shown.
        pub(super) static KEYS: &[Key] = &[$(Key { path: $path, takes: $takes, stands: Stands::$stands, help: $help },)*];
    };
}

keys! {
    "mode" Takes::Word(&["sandbox", "live"]), InProfile, "sandbox: loopback addresses only; live: a real portal";
    "state" Takes::Text, InProfile, "the state database";
    "mappings" Takes::Text, Anywhere, "the folder with the mapping tables";
    "timezone" Takes::Text, Anywhere, "zone of the practices' clocks";
    "hubspot.base_url" Takes::Text, InProfile, "where HubSpot answers";
    "hubspot.token" Takes::Secret, InProfile, "service key or private app token";
    "hubspot.portal" Takes::Number, InProfile, "the portal that is meant; any other is refused";
    "hubspot.api_version" Takes::Text, InProfile, "dated API version";
    "hubspot.ca_file" Takes::Text, InProfile, "further certificate authorities (PEM)";
    "hubspot.appointment_objects" Takes::Flag, InProfile, "whether HubSpot appointments are written";
    "hubspot.key_properties.contact" Takes::Text, InProfile, "unique property with the patient's key";
    "hubspot.key_properties.appointment" Takes::Text, InProfile, "unique property with the appointment's key";
    "hubspot.key_properties.deal" Takes::Text, InProfile, "unique property with the deal's key";
    "ivoris.*.prefix" Takes::Text, InProfile, "stands before every id of this installation; empty for at most one";
    "select.minors" Takes::Word(&["include", "skip"]), Anywhere, "patients under eighteen";
    "select.locations" Takes::Texts, Anywhere, "only these locations";
    "select.appointments.from" Takes::Day, Anywhere, "only appointments from this day on";
    "guard.creates" Takes::Limit, Anywhere, "most new contacts and deals in one plan; a share never goes below 200";
    "guard.updates" Takes::Limit, Anywhere, "most changed contacts, and most changed deals; a share never goes below 200";
    "guard.closes" Takes::Limit, Anywhere, "most deals closed in one plan; a share never goes below 20";
    "deals.grain" Takes::Word(&["case", "appointment"]), Anywhere, "one deal per treatment case or per appointment";
    "deals.case_key" Takes::Word(&["patient", "patient_location"]), Anywhere, "what makes two appointments one case";
    "deals.rebook_days" Takes::Number, Anywhere, "a new date within so many days saves a cancelled case";
    "deals.case_idle_days" Takes::Number, Anywhere, "a case ends after so many days without appointment; 0 = never";
    "deals.link_days" Takes::Number, Anywhere, "days between an entry and the visit it belongs to";
    "deals.push_back" Takes::Word(&["tool", "portal"]), Anywhere, "who moves a deal back";
    "compliance.controller" Takes::Text, Anywhere, "who is responsible for the data";
    "compliance.basis" Takes::Text, Anywhere, "legal basis of the transfer";
    "compliance.contract_date" Takes::Day, Anywhere, "date of the processing contract";
    "compliance.hosting" Takes::Text, Anywhere, "where the portal's data lies";
    "log.file" Takes::Text, Anywhere, "write the log to this file instead of stderr";
    "log.format" Takes::Word(&["text", "json"]), Anywhere, "form of log lines";
}

/// Keys above all profiles.
pub(super) const TOP: [&str; 3] = ["version", "default_profile", "profile"];

/// What a path below a profile is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A key.
    Key(usize),
    /// A table with keys below.
    Table,
    /// Nothing; the names that would be known at this place.
    Unknown(Vec<&'static str>),
}

/// What the path is.
pub(super) fn meaning(path: &[&str]) -> Meaning {
    let fits = |key: &Key, count: usize| key.path.split('.').zip(path).take(count).all(|(a, b)| a == "*" || a == *b);
    let depth = |key: &Key| key.path.split('.').count();
    if let Some(at) = KEYS.iter().position(|key| depth(key) == path.len() && fits(key, path.len())) {
        return Meaning::Key(at);
    }
    if KEYS.iter().any(|key| depth(key) > path.len() && fits(key, path.len())) {
        return Meaning::Table;
    }
    let last = path.len().saturating_sub(1);
    let mut known: Vec<&'static str> =
        KEYS.iter().filter(|key| fits(key, last)).filter_map(|key| key.path.split('.').nth(last)).collect();
    known.dedup();
    Meaning::Unknown(known)
}

/// The nearest of `known`, or all if they are few.
pub(super) fn advice(word: &str, known: &[&str]) -> Option<String> {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&word.to_lowercase(), candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, candidate)) => Some(format!("did you mean \"{candidate}\"?")),
        None if known.is_empty() => None,
        None => Some(format!("known here: {}", known.join(", "))),
    }
}

/// The environment variable that sets a key: `hubspot.base_url` → `IVOHUB_HUBSPOT_BASE_URL`.
pub(super) fn variable(path: &str) -> String {
    format!("IVOHUB_{}", path.replace('.', "_").to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_meanings() {
        assert!(matches!(meaning(&["mode"]), Meaning::Key(0)));
        assert_eq!(meaning(&["hubspot"]), Meaning::Table);
        assert_eq!(meaning(&["ivoris", "nord"]), Meaning::Table);
        assert!(matches!(meaning(&["ivoris", "nord", "prefix"]), Meaning::Key(_)));
        assert_eq!(meaning(&["guard", "create"]), Meaning::Unknown(vec!["creates", "updates", "closes"]));
        assert_eq!(advice("create", &["creates", "updates"]).as_deref(), Some("did you mean \"creates\"?"));
    }
}
