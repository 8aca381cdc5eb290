//! The peer: a good batch script on the official Node client, measured in the same way.

use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::measure::{self, Cost};
use crate::portal::Served;
use crate::set::Set;

const SCRIPT: &str = include_str!("peer.mjs");
const CLIENT: &str = "@hubspot/api-client@14.0.1";

/// A folder with the script and the client, gone when dropped.
pub(crate) struct Peer(tempfile::TempDir);

/// What one run of it did.
pub(crate) struct Loaded {
    pub(crate) cost: Cost,
    pub(crate) records: u64,
    pub(crate) links: u64,
}

impl Peer {
    /// Installs the client into a temporary folder; `None`, and a word about it, on a machine without Node.
    pub(crate) fn install() -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("peer.mjs"), SCRIPT)?;
        std::fs::write(folder.path().join("package.json"), r#"{"private":true,"type":"module"}"#)?;
        let mut install = Command::new("npm");
        install.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--silent", CLIENT]);
        match measure::run(install, &[0]) {
            Ok(_) => Ok(Some(Self(folder))),
            Err(error) => {
                eprintln!("  without the peer: {error:#}");
                Ok(None)
            }
        }
    }

    /// Writes a set.
    pub(crate) fn load(&self, portal: &Served, set: &Set) -> Result<Loaded> {
        let out = self.0.path().join("done.json");
        let mut node = Command::new("node");
        node.current_dir(&self.0).arg("peer.mjs").arg(&portal.url).arg(&set.folder).arg(&out);
        let cost = measure::run(node, &[0])?;
        let done: Value = serde_json::from_slice(&std::fs::read(&out)?)?;
        let number = |name: &str| done[name].as_u64().with_context(|| format!("the peer does not tell its {name}"));
        Ok(Loaded { cost, records: number("records")?, links: number("links")? })
    }
}
