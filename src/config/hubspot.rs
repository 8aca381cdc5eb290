//! `[hubspot]`: which portal, where it answers, and what may be asked of it.

use super::resolve::{Reader, SANDBOX};
use super::tree::{SecretFrom, Value};
use super::{Hubspot, KeyNames, Mode};
use crate::domain::PropertyName;
use crate::http::{BaseUrl, NetworkSettings};
use crate::hubspot::{ApiVersion, Settings as ClientSettings};

/// Where HubSpot answers (`hubspot-api.md` section 1).
const LIVE: &str = "https://api.hubapi.com";

impl Reader<'_, '_> {
    pub(super) fn hubspot(&mut self, mode: Mode) -> Hubspot {
        let default = if mode == Mode::Live { LIVE } else { SANDBOX };
        let base_url = match BaseUrl::parse(self.text("hubspot.base_url").map_or(default, |(text, _)| text)) {
            Ok(url) => {
                if mode == Mode::Sandbox && !url.is_loopback() {
                    self.too_far("hubspot.base_url", "a real portal");
                }
                url
            }
            Err(error) => {
                self.wrong("hubspot.base_url", error.to_string());
                BaseUrl::parse(default).expect("the default is an address")
            }
        };
        if mode == Mode::Live && self.number("hubspot.portal").is_none() {
            let message = "hubspot.portal is not set: the first portal that answers to the token is taken";
            self.warn(
                message.to_owned(),
                "set portal to the number of the portal that is meant; any other is refused then",
            );
        }
        let mut client = ClientSettings::default();
        if let Some((text, _)) = self.text("hubspot.api_version") {
            match ApiVersion::parse(text) {
                Ok(version) => client.api_version = version,
                Err(error) => drop(self.wrong("hubspot.api_version", error.to_string())),
            }
        }
        let token = self.secret("hubspot.token");
        let named = |key: &str| self.text(key).map(|(text, _)| PropertyName::new(text));
        let keys = KeyNames {
            contact: named("hubspot.key_properties.contact"),
            appointment: named("hubspot.key_properties.appointment"),
            deal: named("hubspot.key_properties.deal"),
        };
        let appointment_objects =
            !matches!(self.values.get("hubspot.appointment_objects"), Some((Value::Flag(false), _)));
        Hubspot {
            // Any token is good enough for the simulator; a configured one is used as it is.
            token: token.or((mode == Mode::Sandbox).then_some(SecretFrom::Builtin)),
            network: NetworkSettings { extra_ca: self.path("hubspot.ca_file"), ..NetworkSettings::default() },
            portal: self.number("hubspot.portal"),
            base_url,
            client,
            keys,
            appointment_objects,
        }
    }
}
