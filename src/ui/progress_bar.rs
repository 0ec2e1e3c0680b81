//! A progress bar.

use dioxus::prelude::*;

/// `percent` is from 0 to 100. `paused` is for progress that has stopped.
#[component]
pub fn ProgressBar(label: String, percent: u8, #[props(default)] paused: bool) -> Element {
    rsx! {
        div {
            class: if paused { "bar bar-paused" } else { "bar" },
            role: "progressbar",
            "aria-label": label,
            "aria-valuenow": "{percent}",
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            i { style: "--p:{percent}%" }
        }
    }
}
