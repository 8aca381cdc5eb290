//! Sealing: XChaCha20-Poly1305 over every column that is not in the readable list, and keyed hashes for look-ups.

use std::io::Write;
use std::path::Path;

use chacha20poly1305::aead::{Aead, Generate, Key, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Error;
use crate::domain::{AppointmentId, EntryId, KeyHash, Kind, PatientId, PatientNumber};

const NONCE: usize = 24;
const KEY: usize = 32;

/// The keys derived from `secrets/state.key`, and the way to hash and seal with them.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    names: Zeroizing<[u8; KEY]>,
    digests: Zeroizing<[u8; KEY]>,
    lines: Zeroizing<[u8; KEY]>,
    nonces: blake3::OutputReader,
    check: [u8; 16],
}

impl Sealer {
    /// Derives all keys from the 32 bytes of the state key.
    #[must_use]
    pub fn new(state_key: &[u8; KEY]) -> Self {
        let derive = |purpose| Zeroizing::new(blake3::derive_key(purpose, state_key));
        let mut check = [0; 16];
        check.copy_from_slice(&derive("ivohub state key check 1")[..16]);
        Self {
            cipher: XChaCha20Poly1305::new((&*derive("ivohub seal 1")).into()),
            names: derive("ivohub names 1"),
            digests: derive("ivohub digests 1"),
            lines: derive("ivohub entry lines 1"),
            // A fresh random stream per process: nonces are 192 random bits without a system call each.
            nonces: blake3::Hasher::new_keyed(&Key::<XChaCha20Poly1305>::generate().into()).finalize_xof(),
            check,
        }
    }

    /// A value that tells two keys apart and gives neither away.
    #[must_use]
    pub const fn check(&self) -> [u8; 16] {
        self.check
    }

    /// Key for ids of entries that come without one.
    #[must_use]
    pub fn line_key(&self) -> [u8; KEY] {
        *self.lines
    }

    fn name(&self, space: u8, text: &str) -> KeyHash {
        let mut hasher = blake3::Hasher::new_keyed(&self.names);
        hasher.update(&[space]).update(text.as_bytes());
        let mut hash = [0; 16];
        hasher.finalize_xof().fill(&mut hash);
        KeyHash(hash)
    }

    /// Hash of a patient's key.
    #[must_use]
    pub fn patient(&self, id: &PatientId) -> KeyHash {
        self.key(Kind::Patient, id.as_str())
    }

    /// Hash of an appointment's key; a deal's key is one too.
    #[must_use]
    pub fn appointment(&self, id: &AppointmentId) -> KeyHash {
        self.key(Kind::Appointment, id.as_str())
    }

    /// Hash of an entry's key.
    #[must_use]
    pub fn entry(&self, id: &EntryId) -> KeyHash {
        self.key(Kind::Entry, id.as_str())
    }

    /// Hash of a `Pat.-Nr.` of one instance: where records wait that know nothing else of their patient.
    #[must_use]
    pub fn number(&self, number: &PatientNumber) -> KeyHash {
        self.name(b'N', number.as_str())
    }

    /// Hash of a cleaned e-mail address.
    #[must_use]
    pub fn mail(&self, address: &str) -> KeyHash {
        self.name(b'M', address)
    }

    /// Hash of a key of any kind of record.
    #[must_use]
    pub fn key(&self, kind: Kind, key: &str) -> KeyHash {
        match kind {
            Kind::Patient => self.name(b'P', key),
            Kind::Appointment => self.name(b'A', key),
            Kind::Entry => self.name(b'E', key),
        }
    }

    /// Hash of a patient's chart under one billing profile.
    #[must_use]
    pub fn chart(&self, patient: &str, profile: &str) -> KeyHash {
        self.name(b'C', &format!("{patient}\u{1f}{profile}"))
    }

    /// Hash of a word that decisions look up.
    #[must_use]
    pub fn word(&self, text: &str) -> KeyHash {
        self.name(b'W', text)
    }

    /// Keyed digest of a record's content.
    #[must_use]
    pub fn digest(&self, content: &[u8]) -> [u8; 16] {
        let mut digest = [0; 16];
        digest.copy_from_slice(&blake3::keyed_hash(&self.digests, content).as_bytes()[..16]);
        digest
    }

    /// Seals bytes to a place (table and row key), so that a row cannot be moved.
    ///
    /// # Panics
    /// Never: payloads are far below the cipher's limit of 256 GiB.
    pub fn seal(&mut self, place: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        self.nonces.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + 16);
        sealed.extend_from_slice(&nonce);
        let body = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
            .expect("a payload is far below the cipher's limit");
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Opens what [`Sealer::seal`] sealed at the same place.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the bytes were changed, moved, or sealed with another key.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(Error::Corrupt("sealed value is too short"))?;
        self.cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: place })
            .map_err(|_| Error::Corrupt("sealed value does not open"))
    }

    /// Seals a value as JSON.
    ///
    /// # Panics
    /// Never for our own types, which always serialise.
    pub fn seal_json<T: Serialize>(&mut self, place: &[u8], value: &T) -> Vec<u8> {
        let plain = Zeroizing::new(serde_json::to_vec(value).expect("our own types serialise"));
        self.seal(place, &plain)
    }

    /// Opens a value sealed as JSON.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it does not open or has another shape.
    pub fn open_json<T: DeserializeOwned>(&self, place: &[u8], sealed: &[u8]) -> Result<T, Error> {
        let plain = Zeroizing::new(self.open(place, sealed)?);
        serde_json::from_slice(&plain).map_err(|_| Error::Corrupt("sealed value has another shape"))
    }
}

/// Reads the state key, or makes it when there is none.
///
/// # Errors
/// [`Error::Key`] when the file cannot be read or written, has another length, or others may read it.
pub fn state_key(file: &Path) -> Result<Zeroizing<[u8; KEY]>, Error> {
    let fail = |what: &str| Error::Key(format!("{}: {what}", file.display()));
    match std::fs::read(file) {
        Ok(bytes) => {
            refuse_loose_mode(file)?;
            let bytes = Zeroizing::new(bytes);
            let key: [u8; KEY] = bytes.as_slice().try_into().map_err(|_| fail("a state key has 32 bytes"))?;
            Ok(Zeroizing::new(key))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key: [u8; KEY] = Key::<XChaCha20Poly1305>::generate().into();
            write_key(file, &key).map_err(|error| fail(&format!("cannot be made: {error}")))?;
            Ok(Zeroizing::new(key))
        }
        Err(error) => Err(fail(&format!("cannot be read: {error}"))),
    }
}

/// Writes beside and renames: a crash leaves either no key or a whole one.
fn write_key(file: &Path, key: &[u8; KEY]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?; // 0600 on unix
    new.write_all(key)?;
    new.as_file().sync_all()?;
    new.persist_noclobber(file).map_err(|error| error.error)?;
    Ok(())
}

/// Makes a folder and its parents that only the owner can enter.
///
/// # Errors
/// What the file system says.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn refuse_loose_mode(file: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;
    let mode = std::fs::metadata(file).map_or(0, |meta| meta.mode());
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    Err(Error::Key(format!("{}: others may read it; run chmod 600 on it", file.display())))
}

#[cfg(not(unix))]
fn refuse_loose_mode(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_at_its_place_and_with_its_key() {
        let mut sealer = Sealer::new(&[7; KEY]);
        let sealed = sealer.seal(b"here", b"secret");
        assert_eq!(sealer.open(b"here", &sealed).expect("opens"), b"secret");
        assert!(sealer.open(b"there", &sealed).is_err());
        assert!(Sealer::new(&[8; KEY]).open(b"here", &sealed).is_err());
        assert_ne!(sealed, sealer.seal(b"here", b"secret"), "every nonce is new");
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert!(sealer.open(b"here", &broken).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_key_is_made_once_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secrets/state.key");
        let first = state_key(&file).expect("made");
        assert_eq!(*first, *state_key(&file).expect("read"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("chmod");
            assert!(state_key(&file).is_err(), "a key that others may read is refused");
        }
    }
}
