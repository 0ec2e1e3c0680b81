//! How far something is.

use dioxus::prelude::*;

/// `percent` from 0 to 100.
#[component]
pub fn ProgressBar(label: String, percent: u8) -> Element {
    rsx! {
        div {
            class: "bar",
            role: "progressbar",
            "aria-label": label,
            "aria-valuenow": "{percent}",
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            i { style: "--p:{percent}%" }
        }
    }
}
