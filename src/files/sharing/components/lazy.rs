//! The share dialog as a WebAssembly module.

use dioxus::prelude::*;

use super::share_dialog::{self, Subject};

crate::lazy! { "sharing", PartMeanwhile:
    share_dialog::ShareDialog { shared: Subject, on_close: EventHandler<()> }
}
