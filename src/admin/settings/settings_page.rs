//! The start of the settings: on a phone the navigation alone, elsewhere the first section beside it.

use dioxus::prelude::*;

use super::profile_page::ProfilePage;

#[component]
pub fn SettingsPage() -> Element {
    rsx! {
        ProfilePage {}
    }
}
