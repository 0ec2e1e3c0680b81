//! What a page does beside what it shows: dialogs that keys open, and notifications. A WebAssembly module that is loaded when the
//! page is idle, or when a dialog is opened.

use dioxus::prelude::*;

use super::go_to::components as going;
use super::notifications as notifying;

crate::lazy! { "desk", PartMeanwhile:
    going::GoToHost {}
    notifying::NotificationSource {}
}
