//! The icon for emoji, drawn as Lucide (ISC) draws its "smile": their category of faces would add fifty more.

use dioxus::prelude::*;

/// With `plus`, for adding one.
#[component]
pub fn Smile(#[props(default)] plus: bool) -> Element {
    rsx! {
        svg {
            class: "icon",
            xmlns: "http://www.w3.org/2000/svg",
            width: "24",
            height: "24",
            "viewBox": "0 0 24 24",
            fill: "none",
            stroke: "currentColor",
            stroke_width: "2",
            stroke_linecap: "round",
            stroke_linejoin: "round",
            path { d: if plus { "M22 11v1a10 10 0 1 1-9-10M16 5h6M19 2v6" } else { "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0" } }
            path { d: "M8 14s1.5 2 4 2 4-2 4-2M9 9h.01M15 9h.01" }
        }
    }
}
