//! Why a pass cannot go on.

use crate::domain::Object;

/// Why a pass cannot go on. Nothing that was not accepted is kept; what was accepted is carried on by the same command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// HubSpot, or a request to stop.
    #[error(transparent)]
    Hubspot(#[from] crate::hubspot::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    /// Ivoris.
    #[error(transparent)]
    Ivoris(#[from] crate::ivoris::Error),
    /// An installation refuses the credentials.
    #[error("{instance} does not accept the credentials (status {status})")]
    Credentials {
        /// Which.
        instance: crate::domain::InstanceKey,
        /// 401: user or password; 403: the application's key.
        status: u16,
    },
    /// An installation's address answers, and not as Ivoris does.
    #[error("what answers at the address of {instance} is no Ivoris web service (status {status})")]
    Address {
        /// Which.
        instance: crate::domain::InstanceKey,
        /// Of the answer.
        status: u16,
    },
    /// `--max-duration` is over.
    #[error("the time that --max-duration allows is over; what was read is kept")]
    TimeOver,
    /// Sending.
    #[error(transparent)]
    Apply(#[from] crate::apply::Error),
    /// The configuration names another portal.
    #[error(
        "the token belongs to portal {found}, the configuration says {wanted}; put the right token or portal there"
    )]
    WrongPortal {
        /// Portal in `ivohub.toml`.
        wanted: u64,
        /// Portal of the token.
        found: u64,
    },
    /// The state belongs to another portal.
    #[error(
        "the state belongs to portal {pinned}, the token to portal {found}; either keep what was read and look \
         everything up in the new portal: ivohub state rebuild, or begin with an empty state: repeat the command with --fresh"
    )]
    OtherPortal {
        /// Portal the state is pinned to.
        pinned: u64,
        /// Portal of the token.
        found: u64,
    },
    /// Key prefixes are frozen with the first write.
    #[error("the key prefix of instance {0} is not the one that was written with; a written key never changes")]
    PrefixChanged(String),
    /// The portal lacks what mapping writes to.
    #[error("the portal does not fit the mapping: {}", .0.join("; "))]
    Schema(Vec<String>),
    /// The portal holds deals of an earlier tool.
    #[error(
        "the portal holds deals that look like ours and have no {key} ({count} on the first page); writing now would double \
         them. They have to be adopted first (command adopt, which this version does not have yet), or remove their Ivoris ids if they are none of ours"
    )]
    Adopt {
        /// How many on the first page.
        count: usize,
        /// Name of the key property.
        key: String,
    },
    /// A bug: deciding did not come to an end.
    #[error("deciding about {0} patients keeps asking for more; report this")]
    Undecided(usize),
    /// The mapping lacks the unique property of an object.
    #[error("mappings/eigenschaften.csv has no key property for {0}")]
    NoKey(Object),
}
