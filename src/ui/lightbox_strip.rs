//! The strip of thumbnails below the shown file.

use dioxus::prelude::*;

use super::lightbox_image::LightboxImage;
use crate::platform::browser;

/// `shown` is the id of the shown file; `on_choose` receives the id of another.
#[component]
pub fn Strip(images: Vec<LightboxImage>, shown: String, on_choose: EventHandler<String>) -> Element {
    let count = images.len();
    let now = shown.clone();
    use_effect(use_reactive!(|(now, count)| {
        let _ = (now, count);
        browser::show(".lb-strip [aria-current]");
    }));
    rsx! {
        nav { class: "lb-strip", "data-component": "LightboxStrip", "aria-label": "All images here",
            for (place, image) in images.into_iter().enumerate() {
                button {
                    key: "{image.id}",
                    class: "thumb",
                    r#type: "button",
                    "aria-label": "{image.name()}, {place + 1} of {count}",
                    "aria-current": if image.id == shown { "true" },
                    onclick: {
                        let id = image.id.clone();
                        move |_| on_choose(id.clone())
                    },
                    if let Some(src) = image.thumbnail.clone() {
                        img { src, alt: "", loading: "lazy" }
                    } else {
                        span { class: "lb-thumb-name", "aria-hidden": "true", "{image.name()}" }
                    }
                }
            }
        }
    }
}
