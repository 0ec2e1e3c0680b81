//! The dialog for a new channel as a WebAssembly module.

use dioxus::prelude::*;

use super::new_channel_dialog;

crate::lazy! { "channels", PartMeanwhile:
    new_channel_dialog::NewChannelDialog { on_close: EventHandler<()> }
}
