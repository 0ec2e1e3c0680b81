//! Being built.

use dioxus::prelude::*;

#[component]
pub fn MembersPage() -> Element {
    rsx! {}
}
