//! Storage: what the organization uses, and what the member did not send.

use dioxus::prelude::*;

use crate::quotas::components as quotas;
use crate::uploads::components::UnsentFiles;

#[component]
pub fn StoragePage() -> Element {
    rsx! {
        quotas::StoragePage { UnsentFiles {} }
    }
}
