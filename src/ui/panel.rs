//! The panel beside a conversation.

use dioxus::prelude::*;

/// Whether the panel is shown, if there is space for it.
#[derive(Clone, Copy)]
pub struct PanelOpen(pub Signal<bool>);
