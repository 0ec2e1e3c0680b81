//! Being built.

use dioxus::prelude::*;

#[component]
pub fn SettingsPage() -> Element {
    rsx! {}
}
