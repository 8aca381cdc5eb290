//! `[ivoris.*]`: the installations, and the prefixes of their keys.

use chrono_tz::Tz;

use super::resolve::Reader;
use super::tree::Tree;
use super::{Instance, Mode};
use crate::domain::InstanceKey;

impl Reader<'_, '_> {
    pub(super) fn instances(&mut self, tree: &Tree, mode: Mode, zone: Tz) -> Vec<Instance> {
        let profile: &str = &self.ground.profile;
        let instance = |name: &str| {
            let key = InstanceKey::new(name);
            let prefix = self.text(&format!("ivoris.{name}.prefix")).map_or("", |(text, _)| text);
            let ivoris = self.ivoris(&key, prefix, mode, zone);
            Instance { key, prefix: prefix.to_owned(), ivoris }
        };
        let instances: Vec<Instance> = tree.instances_of(profile).into_iter().map(instance).collect();
        self.check_prefixes(&instances);
        instances
    }

    /// A prefix is part of every key: two installations must never make the same key out of two records.
    fn check_prefixes(&mut self, instances: &[Instance]) {
        let path = |instance: &Instance| format!("ivoris.{}.prefix", instance.key);
        if instances.is_empty() {
            let message = format!("profile {} names no Ivoris installation", self.ground.profile);
            let help = format!("add a table: [profile.{}.ivoris.nord]", self.ground.profile);
            self.lacking(message, &help);
        }
        for (at, instance) in instances.iter().enumerate() {
            let shape = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if instance.prefix.len() > 16 || !instance.prefix.bytes().all(shape) {
                self.wrong(&path(instance), "a prefix has at most 16 letters, digits, - and _");
            }
            // "a" and "ab" could meet: a + "b1" = ab + "1".
            let clash = instances.iter().take(at).find(|other| {
                other.prefix == instance.prefix
                    || (!other.prefix.is_empty()
                        && !instance.prefix.is_empty()
                        && (other.prefix.starts_with(&instance.prefix) || instance.prefix.starts_with(&other.prefix)))
            });
            match clash {
                Some(other) if other.prefix.is_empty() && instance.prefix.is_empty() => {
                    let message = format!("{} and {} both have no prefix", other.key, instance.key);
                    let help = format!("set ivoris.{}.prefix = \"{}-\"", instance.key, instance.key);
                    self.wrong(&path(instance), message).help = Some(help);
                }
                Some(other) => {
                    let message = format!("the prefixes of {} and {} cannot be told apart", other.key, instance.key);
                    self.wrong(&path(instance), message);
                }
                None => {}
            }
        }
    }
}
