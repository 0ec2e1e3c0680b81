//! The panel beside a conversation.

use dioxus::prelude::*;

/// Whether the panel is shown, where there is room for it.
#[derive(Clone, Copy)]
pub struct PanelOpen(pub Signal<bool>);
