//! What stands in the middle of the lightbox: a picture, a player, pages or text.

use dioxus::prelude::*;
use lucide_dioxus::ImageOff;

use super::lightbox_image::{LightboxImage, LightboxKind};

/// One file. Made anew for each, so that nothing of another stays.
#[component]
pub fn Shown(image: LightboxImage, text: Option<Callback<String, Element>>) -> Element {
    let mut loaded = use_signal(|| false);
    let name = image.name().to_owned();
    let (url, preview) = (image.url.clone(), image.preview.clone());
    match &image.kind {
        LightboxKind::Picture => {
            // The small one is there at once; the whole one covers it as it comes.
            let small = preview.filter(|preview| *preview != url && !loaded());
            let (width, height) = image.size.unzip();
            rsx! {
                if let Some(src) = small {
                    img { class: "lb-picture", src, alt: "", draggable: "false" }
                }
                img {
                    class: "lb-picture",
                    "data-whole": "",
                    src: url,
                    alt: "{image.alt}",
                    width: width.map(|width| width.to_string()),
                    height: height.map(|height| height.to_string()),
                    draggable: "false",
                    onload: move |_| loaded.set(true),
                }
            }
        }
        LightboxKind::Video => rsx! {
            video { class: "lb-video", controls: true, preload: "metadata", src: url, poster: preview, "aria-label": "{name}" }
        },
        LightboxKind::Audio => rsx! {
            div { class: "lb-page",
                audio { controls: true, preload: "metadata", src: url, "aria-label": "{name}" }
            }
        },
        LightboxKind::Pages(pages) => {
            let count = pages.len();
            rsx! {
                div { class: "lb-page", tabindex: "0", role: "document", "aria-label": "{name}",
                    for (place, page) in pages.iter().cloned().enumerate() {
                        img { key: "{page}", src: page, alt: "Page {place + 1} of {count}", loading: "lazy" }
                    }
                }
            }
        }
        LightboxKind::Text(id) => rsx! {
            div { class: "lb-page", tabindex: "0", role: "document", "aria-label": "{name}",
                if let Some(text) = text {
                    {text(id.clone())}
                }
            }
        },
        LightboxKind::Nothing(reason) => rsx! {
            div { class: "lb-page lb-nothing",
                ImageOff { class: "icon icon-20" }
                p { "{reason}" }
                p { class: "lb-meta", "It can be downloaded." }
            }
        },
    }
}

/// How far two fingers are apart, in pixels.
pub fn pinch_distance(event: &TouchEvent) -> Option<f64> {
    let touches = event.touches();
    let [one, two] = &touches[..] else { return None };
    let (a, b) = (one.client_coordinates(), two.client_coordinates());
    Some((a.x - b.x).hypot(a.y - b.y).max(1.0))
}

/// Keeps the browser from scrolling and zooming by itself, unless it is at it already.
pub fn hold_page(event: &TouchEvent) {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        if event.try_as_web_event().is_some_and(|event| event.cancelable()) {
            event.prevent_default();
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = event;
}
