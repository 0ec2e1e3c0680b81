//! The list of settings beside the section that is open.

use dioxus::prelude::*;

use crate::app::Route;

#[component]
pub fn SettingsLayout() -> Element {
    rsx! {
        Outlet::<Route> {}
    }
}
