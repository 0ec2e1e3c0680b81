//! Pictures that changed while the page was open: they replace those from the page load.

use std::collections::HashMap;

use dioxus::prelude::*;
use uuid::Uuid;

/// By owner; `None`: the picture was removed.
#[derive(Clone, Copy, PartialEq)]
pub struct ChangedPictures(Signal<HashMap<Uuid, Option<String>>>);

impl ChangedPictures {
    /// Provides changes to all components below.
    pub fn provide() -> Self {
        let changed = use_signal(HashMap::new);
        use_context_provider(|| Self(changed))
    }

    pub fn set(mut self, id: Uuid, url: Option<String>) {
        self.0.write().insert(id, url);
    }
}

/// Returns the current picture of somebody, whose picture was `loaded` at page load.
pub fn use_picture(id: Uuid, loaded: Option<String>) -> Option<String> {
    let changed = use_hook(try_consume_context::<ChangedPictures>);
    match changed.and_then(|changed| changed.0.read().get(&id).cloned()) {
        Some(now) => now,
        None => loaded,
    }
}
