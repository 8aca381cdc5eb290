//! Several installations are read side by side and share one progress line.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::InstanceKey;
use crate::pass::observe::Observer;

/// What each installation said last, said together.
#[derive(Clone)]
pub(super) struct Voices {
    observer: Arc<dyn Observer>,
    last: Arc<Mutex<BTreeMap<InstanceKey, String>>>,
}

impl Voices {
    pub(super) fn new(observer: Arc<dyn Observer>) -> Self {
        Self { observer, last: Arc::default() }
    }

    /// Where an installation's reading is; nothing = it has ended.
    pub(super) fn say(&self, instance: &InstanceKey, text: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if text.is_empty() {
            last.remove(instance);
        } else {
            last.insert(instance.clone(), text.to_owned());
        }
        let all: Vec<String> = last.iter().map(|(instance, text)| format!("{instance} {text}")).collect();
        drop(last);
        self.observer.says(&all.join("   "));
    }
}
