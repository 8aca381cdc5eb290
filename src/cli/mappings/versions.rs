//! Versions of the tables: those of now, those that accepted decisions were made with, and the ones an operator names.

use std::path::Path;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::mapping::{folder, shown};
use crate::mapping::{self, Mapping};
use crate::store::{SqliteStore, Store};

/// Fewest characters of a digest.
const SHORTEST: usize = 4;

/// Opens the state, if there is one.
pub(super) fn state(context: &Context) -> Result<Option<SqliteStore>, Failure> {
    if !context.config.state.is_file() {
        return Ok(None);
    }
    Ok(Some(context.store(context.sealer()?)?))
}

/// What is said where nothing was decided yet.
pub(super) fn nothing_yet(context: &Context) -> Failure {
    let message = format!("nothing was decided with any tables yet in profile {}", context.config.profile);
    Failure::new(Exit::Usage, message).next("ivohub migrate-patients --input FILE")
}

/// A kept mapping by its whole digest; `None` when it is not kept, or no longer read by this version.
pub(super) async fn kept(store: &SqliteStore, digest: &str) -> Result<Option<Mapping>, Failure> {
    let Some(kept) = store.kept_mapping(digest.to_owned()).await? else { return Ok(None) };
    let files = |name: &str| kept.files.iter().find(|(have, _)| have == name).map(|(_, bytes)| bytes.clone());
    Ok(mapping::load(&files).0)
}

/// The tables that an operator names: a folder, or the beginning of a digest.
pub(super) async fn named(store: Option<&SqliteStore>, name: &str) -> Result<Mapping, Failure> {
    if Path::new(name).is_dir() {
        let (mapping, problems) = folder(Path::new(name));
        let errors = problems.len();
        return mapping.ok_or_else(|| {
            let message = format!("the tables in {} have {errors} problems", shown(Path::new(name)));
            Failure::new(Exit::Usage, message).next("ivohub mappings check, with that folder configured")
        });
    }
    let digests = match store {
        Some(store) => store.kept_mappings().await?,
        None => Vec::new(),
    };
    let wanted = name.to_ascii_lowercase();
    let fits: Vec<&String> =
        digests.iter().filter(|digest| wanted.len() >= SHORTEST && digest.starts_with(&wanted)).collect();
    let short = |digest: &String| digest.chars().take(8).collect::<String>();
    let known: Vec<String> = digests.iter().map(short).collect();
    let known = if known.is_empty() { "none is kept yet".to_owned() } else { format!("kept are {}", known.join(", ")) };
    let usage = |message: String| Failure::new(Exit::Usage, message).next(known.clone());
    match (store, fits.as_slice()) {
        (Some(store), [digest]) => kept(store, digest)
            .await?
            .ok_or_else(|| usage(format!("mapping {} is not read by this version", short(digest)))),
        (_, []) => Err(usage(format!("\"{name}\" is neither a folder nor the digest of a kept mapping"))),
        (_, [..]) => Err(usage(format!("\"{name}\" fits several kept mappings"))),
    }
}
