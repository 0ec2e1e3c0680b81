//! The product's logo, in the colors of the theme.

use dioxus::prelude::*;

#[component]
pub fn Logo() -> Element {
    rsx! {
        svg { class: "logo", view_box: "0 0 28 28", "aria-hidden": "true",
            rect { width: "28", height: "28", rx: "6" }
            path {
                d: "M6.5 20.5 12.7 7.4a1.45 1.45 0 0 1 2.62 0l5.05 10.9a1.75 1.75 0 0 1-3.17 1.48L14.6 14.6h-4",
                fill: "none",
                stroke_width: "1.9",
                stroke_linecap: "round",
                stroke_linejoin: "round",
            }
        }
    }
}
