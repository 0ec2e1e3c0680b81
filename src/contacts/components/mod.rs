//! Pages of contacts.

use dioxus::prelude::*;

use super::model::ContactId;

#[component]
pub fn ContactsPage(search: String) -> Element {
    rsx! { "{search}" }
}

#[component]
pub fn NewContactPage() -> Element {
    rsx! {}
}

#[component]
pub fn ContactPage(contact: ContactId) -> Element {
    rsx! { "{contact}" }
}
