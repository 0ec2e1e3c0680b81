//! The emoji picker as a WebAssembly module.

use dioxus::prelude::*;

use super::picker;

crate::lazy! { "emoji", PartMeanwhile:
    picker::EmojiPicker { label: &'static str, on_choose: EventHandler<String>, on_close: EventHandler<()> }
}
