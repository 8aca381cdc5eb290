//! The end of a run: the last lines on the screen, and `summary.json` for machines. Neither holds a personal value.

use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::RunId;
use crate::pass::{Again, Fetched, Money};
use crate::plan::Totals;
use crate::store::{Account, Carried, KindAccount, OutcomeNote};

use super::account::{self, Came};
use super::line::{Line, Look, counted, grouped, span};
use super::money;
use super::next::{for_held, for_rejected};

/// Version of the file's form.
const SCHEMA: u32 = 1;

/// Calls that were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Reading.
    pub read: u64,
    /// Writing records.
    pub write: u64,
    /// Writing links.
    pub link: u64,
    /// Of all, those that repeated one.
    pub retries: u64,
    /// Answers 429.
    pub rate_limited: u64,
    /// Calls that HubSpot's limits make necessary (`hubspot-api.md` section 14), if it was counted.
    pub bound: Option<u64>,
}

/// Something an operator should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What.
    pub what: String,
    /// How often.
    pub count: u64,
    /// Some pseudonyms.
    pub examples: Vec<String>,
}

/// Everything that is told at the end of a run.
#[derive(Clone, Debug)]
pub struct Closing<'a> {
    /// The command.
    pub command: &'static str,
    /// Its run.
    pub run: RunId,
    /// Profile and mode.
    pub profile: (&'a str, &'static str),
    /// The portal.
    pub portal: Option<u64>,
    /// Digest of the mapping.
    pub mapping: String,
    /// Digest of the plan, if there was one.
    pub digest: Option<&'a str>,
    /// The plan in numbers.
    pub totals: Option<Totals>,
    /// What its deals come to.
    pub money: Option<Money>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// What became of everything.
    pub account: &'a Account,
    /// What reading over the API came to.
    pub source: Option<&'a Fetched>,
    /// What older runs had left.
    pub carried: Carried,
    /// Who was looked at again because the tables have changed.
    pub again: Option<&'a Again>,
    /// Things to know.
    pub listed: Vec<Notice>,
    /// Calls.
    pub calls: Calls,
    /// Exit code, and what it means.
    pub exit: (u8, &'static str),
    /// Whether anything was written, in words, where nothing was.
    pub nothing_written: Option<&'static str>,
    /// `[compliance]`.
    pub compliance: Value,
}

/// The first characters of a run's id: enough to find it.
#[must_use]
pub fn short(run: RunId) -> String {
    run.to_string().chars().take(12).collect()
}

impl Closing<'_> {
    /// The account and the last lines but one.
    #[must_use]
    pub fn lines(&self, width: usize) -> Vec<Line> {
        let came = if self.nothing_written.is_some() { Came::ToNothing } else { Came::True };
        let mut lines = Vec::new();
        if let Some(why) = self.nothing_written.filter(|_| !self.account.kinds.is_empty()) {
            lines.push(Line::new().look(Look::Warn, &format!("as planned: {why}")));
        }
        lines.extend(account::lines(self.account, came, width));
        for notice in &self.listed {
            let example = notice.examples.first().map_or_else(String::new, |first| format!("   first {first}"));
            let text = format!("noted:    {} {}", grouped(notice.count), notice.what);
            lines.push(Line::new().look(Look::Faint, &format!("{text}{example}")));
        }
        let Carried { kept, dropped } = self.carried;
        if kept + dropped > 0 {
            let kept = counted(kept, "step sent", "steps sent");
            lines.push(Line::of(&format!(
                "carried over: {kept} from an earlier run, {} planned again",
                grouped(dropped)
            )));
        }
        lines
    }

    /// `run 0195c7a1b2c3   41 s   calls 14 (bound 14)   exit 3: …`
    #[must_use]
    pub fn last(&self) -> Line {
        let seconds = u64::try_from((self.ended - self.started).num_seconds()).unwrap_or(0);
        let Calls { read, write, link, retries, rate_limited, bound } = self.calls;
        let bound = bound.map_or_else(String::new, |bound| format!(" (bound {})", grouped(bound)));
        let trouble = [("retries", retries), ("429", rate_limited)];
        let trouble: Vec<String> =
            trouble.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("   {name} {}", grouped(*n))).collect();
        let trouble = trouble.concat();
        let (code, meaning) = self.exit;
        let look = if code == 0 { Look::Good } else { Look::Warn };
        let line = Line::of(&format!(
            "run {}   {}   calls {}{bound}{trouble}   ",
            short(self.run),
            span(seconds),
            grouped(read + write + link),
        ));
        let line = line.look(look, &format!("exit {code}: {meaning}"));
        self.nothing_written.map_or(line.clone(), |why| line.plain(&format!("   {why}")))
    }

    /// The whole as one JSON object, for the file and for `--json`.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "schema": SCHEMA,
            "type": "summary",
            "ivohub": env!("CARGO_PKG_VERSION"),
            "command": self.command,
            "run": self.run.to_string(),
            "profile": self.profile.0,
            "mode": self.profile.1,
            "portal": self.portal,
            "mapping": self.mapping,
            "plan": self.digest.map(|digest| json!({"digest": digest, "totals": self.totals, "money": self.money.as_ref().map(money::json)})),
            "started": self.started.to_rfc3339(),
            "ended": self.ended.to_rfc3339(),
            "exit": self.exit.0,
            "meaning": self.exit.1,
            "carried_out": self.nothing_written.is_none(),
            "account": account_json(self.account),
            "carried": self.carried,
            "again": self.again,
            "listed": self.listed,
            "source": self.source,
            "calls": self.calls,
            "compliance": self.compliance,
        })
    }
}

/// The account for machines: kinds and objects by name, records by pseudonym.
#[must_use]
pub fn account_json(account: &Account) -> Value {
    let kinds: serde_json::Map<String, Value> = account
        .kinds
        .iter()
        .map(|(kind, numbers): &(_, KindAccount)| (kind.plural().to_owned(), json!(numbers)))
        .collect();
    let written: serde_json::Map<String, Value> = account
        .written
        .iter()
        .map(|(object, created, updated, refused)| {
            (object.word().to_owned(), json!({"created": created, "updated": updated, "refused": refused}))
        })
        .collect();
    let left: serde_json::Map<String, Value> = account
        .left
        .iter()
        .map(|(kind, queued, held)| (kind.plural().to_owned(), json!({"queued": queued, "held": held})))
        .collect();
    let notes = |notes: &[OutcomeNote], next: fn(&OutcomeNote) -> Option<String>| -> Vec<Value> {
        notes.iter().map(|note| note_json(note, next(note).as_deref())).collect()
    };
    json!({
        "kinds": kinds,
        "written": written,
        "closed": account.closed,
        "steps": account.steps,
        "left": left,
        "held": notes(&account.held, |note| Some(for_held(note.kind, &note.reason))),
        "rejected": notes(&account.rejected, |note| Some(for_rejected(note.kind))),
        "skipped": notes(&account.skipped, |_| None),
    })
}

fn note_json(note: &OutcomeNote, next: Option<&str>) -> Value {
    json!({
        "kind": note.kind.plural(),
        "reason": note.reason,
        "count": note.count,
        "file": note.first.as_ref().map(|origin| origin.file.to_string()),
        "line": note.first.as_ref().map(|origin| origin.line),
        "column": note.column,
        "example": note.example.map(|key| format!("{}:{key}", note.kind.letter())),
        "next": next,
    })
}

/// Writes a summary file whole or not at all, readable by its owner only.
///
/// # Errors
/// What the file system says.
pub fn write(file: &Path, summary: &Value) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    crate::store::seal::private_folder(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut new, summary)?;
    new.write_all(b"\n")?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::account::tests::account;
    use super::*;

    fn closing(account: &Account) -> Closing<'_> {
        Closing {
            command: "migrate-appointments",
            run: RunId(uuid::Uuid::from_u128(0x0195_c7a1_b2c3_7000_8000_0000_0000_0001)),
            profile: ("live", "live"),
            portal: Some(4711),
            mapping: "7f3a91c2".to_owned(),
            digest: Some("0123456789abcdef"),
            totals: Some(Totals::default()),
            money: None,
            started: DateTime::UNIX_EPOCH,
            ended: DateTime::UNIX_EPOCH + chrono::Duration::seconds(41),
            account,
            source: None,
            carried: Carried { kept: 2, dropped: 1 },
            again: None,
            listed: vec![Notice {
                what: "shared e-mail".to_owned(),
                count: 2,
                examples: vec!["P:01020304".to_owned()],
            }],
            calls: Calls { read: 4, write: 9, link: 1, retries: 1, rate_limited: 0, bound: Some(14) },
            exit: (3, "finished with held or rejected records"),
            nothing_written: None,
            compliance: Value::Null,
        }
    }

    #[test]
    fn the_last_line_says_how_it_ended() {
        let account = account();
        assert_eq!(
            closing(&account).last().text(false),
            "run 0195c7a1b2c3   41 s   calls 14 (bound 14)   retries 1   exit 3: finished with held or rejected records"
        );
        let lines: Vec<String> = closing(&account).lines(200).iter().map(|line| line.text(false)).collect();
        assert_eq!(
            lines.iter().rev().take(2).rev().collect::<Vec<_>>(),
            [
                "noted:    2 shared e-mail   first P:01020304",
                "carried over: 2 steps sent from an earlier run, 1 planned again",
            ]
        );
    }

    #[test]
    fn a_plan_that_came_to_nothing_says_so_above_its_numbers() {
        let account = account();
        let refused = Closing { nothing_written: Some("nothing was written"), ..closing(&account) };
        let first = |closing: &Closing<'_>| closing.lines(200).first().map(|line| line.text(false));
        assert_eq!(first(&refused).as_deref(), Some("as planned: nothing was written"));
        assert_eq!(refused.json()["carried_out"], false);
        assert!(first(&closing(&account)).is_some_and(|line| line.starts_with("appointments")));
        assert_eq!(closing(&account).json()["carried_out"], true);
    }

    #[test]
    fn the_file_is_whole_private_and_has_places() {
        let account = account();
        let json = closing(&account).json();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["account"]["kinds"]["appointments"]["created"], 37);
        assert_eq!(json["account"]["written"]["deal"]["refused"], 1);
        assert_eq!(json["account"]["rejected"][0]["line"], 118);
        assert_eq!(json["account"]["held"][0]["example"], "A:e1e1e1e1");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("runs/one/summary.json");
        write(&file, &json).expect("written");
        let back: Value = serde_json::from_slice(&std::fs::read(&file).expect("read")).expect("JSON");
        assert_eq!(back, json);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));
        }
    }
}
