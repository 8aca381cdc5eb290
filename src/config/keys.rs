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
    /// A stretch of time ("200ms", "48h").
    Duration,
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
    "ivoris.*.base_url" Takes::Text, InProfile, "where its API answers; may hold {linkname}; without it CSV is the only source";
    "ivoris.*.linkname" Takes::Secret, InProfile, "names the installation at the vendor's relay";
    "ivoris.*.user" Takes::Text, InProfile, "web-service user";
    "ivoris.*.password" Takes::Secret, InProfile, "that user's password";
    "ivoris.*.app.name" Takes::Text, InProfile, "name of the registered application";
    "ivoris.*.app.version" Takes::Text, InProfile, "version that is sent with it";
    "ivoris.*.app.key" Takes::Secret, InProfile, "the application's key";
    "ivoris.*.ca_file" Takes::Text, InProfile, "further certificate authorities (PEM)";
    "ivoris.*.route_profile" Takes::Text, InProfile, "file (TOML) with routes and field names that differ from the usual ones";
    "ivoris.*.timezone" Takes::Text, InProfile, "zone of this installation's clock";
    "ivoris.*.parallel" Takes::Number, InProfile, "most requests at once: 1 or 2";
    "ivoris.*.pause" Takes::Duration, InProfile, "least time between the starts of two requests";
    "ivoris.*.connect" Takes::Duration, InProfile, "time to reach the server";
    "ivoris.*.request" Takes::Duration, InProfile, "time for one answer";
    "ivoris.*.window_request" Takes::Duration, InProfile, "time for the answer to a stretch of appointments";
    "ivoris.*.attempts" Takes::Number, InProfile, "how often a request is sent before it counts as unreadable; at least 3";
    "ivoris.*.retry_base" Takes::Duration, InProfile, "first wait before a request is sent again, at most";
    "ivoris.*.retry_cap" Takes::Duration, InProfile, "longest wait before a request is sent again";
    "ivoris.*.retry_percent" Takes::Number, InProfile, "most repeated requests, in hundredths of all";
    "ivoris.*.breaker_after" Takes::Number, InProfile, "failures in a row after which the server counts as away";
    "ivoris.*.probe_first" Takes::Duration, InProfile, "first wait before a server that is away is asked again";
    "ivoris.*.probe_cap" Takes::Duration, InProfile, "longest wait before it is asked again";
    "ivoris.*.quiet_hours" Takes::Texts, InProfile, "hours without requests (\"20:00-06:00\"), on the installation's clock";
    "ivoris.*.slice_days" Takes::Number, InProfile, "days of appointments in one request, to begin with";
    "ivoris.*.slice_max_days" Takes::Number, InProfile, "most days of appointments in one request";
    "ivoris.*.entries_overlap" Takes::Duration, InProfile, "how far before --since entries are read: late and back-dated lines are normal";
    "ivoris.*.mandants" Takes::Texts, InProfile, "only these numbers of legal units (mandantIndex)";
    "ivoris.*.profiles" Takes::Texts, InProfile, "only these Ivoris profiles (ids)";
    "ivoris.*.entries" Takes::Word(&["entries", "document_entries", "both"]), InProfile, "which route chart entries are read from";
    "ivoris.*.cross_check" Takes::Number, InProfile, "patients of a run whose own list is compared with the windows; 0 = none";
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
    "deals.entries_wait_days" Takes::Number, Anywhere, "days after which a completed visit without entries is flagged";
    "deals.push_back" Takes::Word(&["tool", "portal"]), Anywhere, "who moves a deal back";
    "deals.previous_stage" Takes::Word(&["held", "order"]), Anywhere, "where it goes back to: the stage held before, or the one before in the pipeline";
    "deals.infer_completed_from_entries" Takes::Flag, Anywhere, "an appointment with entries of its day counts as completed";
    "deals.advance_without_entries" Takes::Flag, Anywhere, "a completed appointment moves its deal without entries, too";
    "deals.unlinked_signals" Takes::Flag, Anywhere, "entries without appointment move the deal to the stage they name";
    "deals.no_show_lose_after_days" Takes::Number, Anywhere, "a missed appointment loses its case after so many days; 0 = never";
    "deals.start_date" Takes::Word(&["completed", "booked"]), Anywhere, "which appointments set behandlungsstartdate";
    "deals.create_lost_deals" Takes::Flag, Anywhere, "an appointment cancelled before it was first read makes a lost deal";
    "deals.won_at" Takes::Word(&["treatment_end", "treatment_start"]), Anywhere, "what wins a deal";
    "deals.close_date" Takes::Word(&["earlier", "appointment", "read"]), Anywhere, "close date of a lost deal: start of the appointment, or the day its status was read";
    "deals.count_open_deals_of_others" Takes::Flag, Anywhere, "num_open_deal counts deals of others in the pipeline";
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

/// The environment variable that sets a key: `ivoris.kfo-nord.base_url` → `IVOHUB_IVORIS_KFO_NORD_BASE_URL`.
pub(super) fn variable(path: &str) -> String {
    format!("IVOHUB_{}", path.replace(['.', '-'], "_").to_ascii_uppercase())
}

/// Every key with its path, `*` replaced by each of these installations.
pub(super) fn paths(instances: &[&str]) -> Vec<(String, &'static Key)> {
    let of = |key: &'static Key| -> Vec<(String, &'static Key)> {
        if key.path.contains('*') {
            instances.iter().map(|name| (key.path.replace('*', name), key)).collect()
        } else {
            vec![(key.path.to_owned(), key)]
        }
    };
    KEYS.iter().flat_map(of).collect()
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
        assert_eq!(meaning(&["ivoris", "nord", "app"]), Meaning::Table);
        assert!(matches!(meaning(&["ivoris", "nord", "app", "key"]), Meaning::Key(_)));
        assert_eq!(meaning(&["guard", "create"]), Meaning::Unknown(vec!["creates", "updates", "closes"]));
        let pauses = paths(&["nord", "kfo-sued"]).into_iter().filter(|(_, key)| key.path == "ivoris.*.pause");
        let pauses: Vec<String> = pauses.map(|(path, _)| path).collect();
        assert_eq!(pauses, ["ivoris.nord.pause", "ivoris.kfo-sued.pause"]);
        assert_eq!(variable("ivoris.kfo-sued.app.key"), "IVOHUB_IVORIS_KFO_SUED_APP_KEY");
        assert_eq!(advice("create", &["creates", "updates"]).as_deref(), Some("did you mean \"creates\"?"));
    }
}
