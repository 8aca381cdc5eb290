//! Secrets of a profile: read when they are needed, looked for by `config check`, masked in every log line.

use secrecy::{ExposeSecret, SecretString};

use super::secret::{self, Wanted};
use super::{Config, Instance, Ivoris, SecretError, SecretFrom, Surroundings};
use crate::http::BaseUrl;
use crate::ivoris::Credentials;

/// What the simulated Ivoris takes (design.md section 6); no secret.
const SANDBOX_PASSWORD: &str = "sandbox-password";
const SANDBOX_KEY: &str = "sandbox-key";

/// Users that are words of every log line: masking them would hide what is told.
const WORDS: [&str; 5] = ["ivohub", "hubspot", "ivoris", "webservice", "patient"];

/// An address, and what is told to it.
#[derive(Debug)]
pub struct Access {
    /// The address, the linkname in its place.
    pub base: BaseUrl,
    /// User, password, application and key.
    pub credentials: Credentials,
}

/// One secret of a profile, read or not.
#[derive(Debug)]
pub struct Secret {
    /// Its key in the profile.
    pub key: String,
    /// What was found.
    pub read: Result<SecretString, SecretError>,
}

impl Config {
    /// Reads the HubSpot token.
    ///
    /// # Errors
    /// [`SecretError`] when there is none, or others can read it.
    pub fn token(&self) -> Result<SecretString, SecretError> {
        let wanted = Wanted { name: "hubspot-token", key: "hubspot.token", builtin: "pat-sandbox-built-in" };
        self.read(wanted, self.hubspot.token.as_ref())
    }

    /// Reads what is needed to talk to an installation; `None` = it has no address.
    ///
    /// # Errors
    /// [`SecretError`] for the first secret that is not there.
    pub fn access(&self, instance: &Instance) -> Result<Option<Access>, SecretError> {
        let Some(ivoris) = &instance.ivoris else { return Ok(None) };
        let linkname = self.linkname(instance, ivoris).transpose()?;
        let base = ivoris
            .address
            .base(linkname.as_ref().map_or("", ExposeSecret::expose_secret))
            .map_err(|problem| SecretError::Address { key: format!("ivoris.{}.linkname", instance.key), problem })?;
        let credentials = Credentials {
            user: ivoris.user.clone(),
            password: self.password(instance, ivoris)?,
            app: ivoris.app.clone(),
            app_version: ivoris.app_version.clone(),
            key: self.app_key(instance, ivoris)?,
        };
        Ok(Some(Access { base, credentials }))
    }

    /// Whether any installation has an address of its own.
    #[must_use]
    pub fn has_address(&self) -> bool {
        self.instances.iter().any(|instance| instance.ivoris.as_ref().is_some_and(|ivoris| ivoris.given))
    }

    /// Every secret this profile needs, HubSpot's first.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let mut all = vec![Secret { key: "hubspot.token".to_owned(), read: self.token() }];
        all.extend(self.instances.iter().flat_map(|instance| self.secrets_of(instance)));
        all
    }

    /// Every secret that an installation needs.
    #[must_use]
    pub fn secrets_of(&self, instance: &Instance) -> Vec<Secret> {
        let Some(ivoris) = &instance.ivoris else { return Vec::new() };
        let secret = |name: &str, read| Secret { key: format!("ivoris.{}.{name}", instance.key), read };
        let linkname = self.linkname(instance, ivoris).map(|read| secret("linkname", read));
        let others =
            [secret("password", self.password(instance, ivoris)), secret("app.key", self.app_key(instance, ivoris))];
        linkname.into_iter().chain(others).collect()
    }

    /// Every text that no log line may hold: secrets, users, and what may be secret in an address. A secret that is
    /// missing is told by the command that needs it.
    #[must_use]
    pub fn masked(&self) -> Vec<SecretString> {
        let mut all: Vec<SecretString> = self.secrets().into_iter().filter_map(|secret| secret.read.ok()).collect();
        for (instance, ivoris) in
            self.instances.iter().filter_map(|instance| Some((instance, instance.ivoris.as_ref()?)))
        {
            if let Ok(password) = self.password(instance, ivoris) {
                // As the header of each request holds the two, in base64.
                all.push(SecretString::from(format!("{}:{}", ivoris.user, password.expose_secret())));
            }
            if !WORDS.contains(&ivoris.user.to_lowercase().as_str()) {
                all.push(SecretString::from(ivoris.user.as_str()));
            }
            let unusual = ivoris.address.unusual().filter(|part| *part != instance.key.as_str());
            all.extend(unusual.map(SecretString::from));
        }
        all
    }

    /// `None` = the address has no place for one.
    fn linkname(&self, instance: &Instance, ivoris: &Ivoris) -> Option<Result<SecretString, SecretError>> {
        let takes = ivoris.address.takes_linkname();
        takes.then(|| self.secret_of(instance, "linkname", "linkname", ivoris.linkname.as_ref(), ""))
    }

    fn password(&self, instance: &Instance, ivoris: &Ivoris) -> Result<SecretString, SecretError> {
        self.secret_of(instance, "password", "password", ivoris.password.as_ref(), SANDBOX_PASSWORD)
    }

    fn app_key(&self, instance: &Instance, ivoris: &Ivoris) -> Result<SecretString, SecretError> {
        self.secret_of(instance, "api-key", "app.key", ivoris.app_key.as_ref(), SANDBOX_KEY)
    }

    /// A secret of one installation: `file` is the end of its usual name (`nord-api-key`).
    fn secret_of(
        &self,
        instance: &Instance,
        file: &str,
        key: &str,
        from: Option<&SecretFrom>,
        builtin: &'static str,
    ) -> Result<SecretString, SecretError> {
        let name = file_name(instance.key.as_str(), file);
        let key = format!("ivoris.{}.{key}", instance.key);
        self.read(Wanted { name: &name, key: &key, builtin }, from)
    }

    fn read(&self, wanted: Wanted<'_>, from: Option<&SecretFrom>) -> Result<SecretString, SecretError> {
        let nothing = Surroundings::of(&[]);
        secret::read(wanted, from, self.around.as_ref().unwrap_or(&nothing))
    }
}

/// The usual name of a secret's file: `nord-password`.
pub(super) fn file_name(instance: &str, what: &str) -> String {
    format!("{instance}-{what}")
}
