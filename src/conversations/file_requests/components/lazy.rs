//! The dialog that requests files, as a WebAssembly module of its own.

use dioxus::prelude::*;

use super::request_dialog;
use crate::channels::model::Channel;

crate::lazy! { "requests", PartMeanwhile:
    request_dialog::RequestFilesDialog { channel: Channel, on_close: EventHandler<()> }
}
