//! The dialogs of team channels as a WebAssembly module.

use dioxus::prelude::*;

use super::{new_channel_dialog, rename_channel_dialog};
use crate::channels::model::Channel;

crate::lazy! { "channels", PartMeanwhile:
    new_channel_dialog::NewChannelDialog { on_close: EventHandler<()> }
    rename_channel_dialog::RenameChannelDialog { channel: Channel, on_close: EventHandler<()> }
}
