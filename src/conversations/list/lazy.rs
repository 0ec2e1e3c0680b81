//! The dialog that makes a channel, as a WebAssembly module of its own.

use dioxus::prelude::*;

use super::new_channel_dialog;

crate::lazy! { "channels", PartMeanwhile:
    new_channel_dialog::NewChannelDialog { on_close: EventHandler<()> }
}
