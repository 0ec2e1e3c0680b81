//! Being built.

use dioxus::prelude::*;

#[component]
pub fn RolesPage() -> Element {
    rsx! {}
}
