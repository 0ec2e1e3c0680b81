//! Storage: what the organization uses, and what the member did not send.

use dioxus::prelude::*;

use crate::admin::storage as quotas;
use crate::files::uploads::components::UnsentFiles;

#[component]
pub fn StoragePage() -> Element {
    rsx! {
        quotas::StoragePage { UnsentFiles {} }
    }
}
