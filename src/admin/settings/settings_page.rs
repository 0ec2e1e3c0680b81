//! Where the settings begin: on a phone the list of sections alone, elsewhere the first of them beside it.

use dioxus::prelude::*;

use super::profile_page::ProfilePage;

#[component]
pub fn SettingsPage() -> Element {
    rsx! {
        ProfilePage {}
    }
}
