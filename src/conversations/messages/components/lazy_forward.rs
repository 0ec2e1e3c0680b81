//! The dialog that forwards messages and files, as a WebAssembly module.

use dioxus::prelude::*;

use super::forward_dialog;
use crate::conversations::messages::forward::Forwarded;

crate::lazy! { "forwarding", PartMeanwhile:
    forward_dialog::ForwardDialog { forwarded: Forwarded, on_close: EventHandler<()> }
}
