//! The dialogs as a WebAssembly module.

use dioxus::prelude::*;

use super::{dialog, shortcuts_dialog};
use crate::conversations::go_to::model::Entry;

crate::lazy! { "goto", PartMeanwhile:
    dialog::GoToDialog { recent: Vec<Entry>, on_choose: EventHandler<Entry>, on_close: EventHandler<()> }
    shortcuts_dialog::ShortcutsDialog { on_close: EventHandler<()> }
}
