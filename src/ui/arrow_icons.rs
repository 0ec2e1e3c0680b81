//! Lucide's `reply` and `forward` (ISC license): their category would add too many other icons.

use dioxus::prelude::*;

#[component]
pub fn ReplyIcon(#[props(default = "icon")] class: &'static str) -> Element {
    rsx! {
        Lines { class, paths: ["M20 18v-2a4 4 0 0 0-4-4H4", "m9 17-5-5 5-5"] }
    }
}

#[component]
pub fn ForwardIcon() -> Element {
    rsx! {
        Lines { class: "icon", paths: ["M4 18v-2a4 4 0 0 1 4-4h12", "m15 17 5-5-5-5"] }
    }
}

#[component]
fn Lines(class: &'static str, paths: [&'static str; 2]) -> Element {
    rsx! {
        svg { class, view_box: "0 0 24 24", fill: "none", stroke: "currentColor", stroke_width: "2", stroke_linecap: "round", stroke_linejoin: "round",
            for path in paths {
                path { d: path }
            }
        }
    }
}
