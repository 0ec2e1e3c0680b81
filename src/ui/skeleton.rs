//! The skeleton of loading rows. Appears after 200 ms, so that a quick response does not flicker.

use dioxus::prelude::*;

#[component]
pub fn ListSkeleton(#[props(default = 5)] rows: usize) -> Element {
    rsx! {
        div { class: "sk-late", "aria-busy": "true", "aria-label": "Loading",
            for row in 0..rows {
                div { class: "conv-row", key: "{row}",
                    span { class: "sk sk-avatar" }
                    span { class: "sk-lines",
                        span { class: "sk sk-line", style: "width:{38 + row * 13 % 30}%" }
                        span { class: "sk sk-line", style: "width:{50 + row * 17 % 36}%" }
                    }
                }
            }
        }
    }
}

#[component]
pub fn FeedSkeleton() -> Element {
    rsx! {
        div { class: "feed-wrap sk-late", "aria-busy": "true", "aria-label": "Loading",
            div { class: "feed",
                div { class: "feed-rows",
                    for row in 0..4 {
                        div { class: "entry", "data-first": "", key: "{row}",
                            span { class: "sk sk-avatar" }
                            div { class: "sk-lines",
                                span { class: "sk sk-line", style: "width:{110 + row * 15}px" }
                                span { class: "sk sk-line", style: "width:{60 + row * 9 % 25}%" }
                            }
                        }
                    }
                }
            }
        }
    }
}
