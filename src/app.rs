//! App, routes, layouts: which page lives where.

use dioxus::prelude::*;

#[component]
pub fn App() -> Element {
    rsx! {
        h1 { "Attaché" }
    }
}
