//! The bar above the picture: what it is, and what can be done with it.

use dioxus::prelude::*;
use lucide_dioxus::{Download, ExternalLink, MessageSquare, Minus, Plus, X};

use super::copy_link::CopyLink;
use super::file_label::FileLabel;
use super::lightbox::ZOOM_MAX;
use super::lightbox_image::{LightboxImage, LightboxKind};
use super::nav_link::NavLink;

#[component]
pub fn LightboxToolbar(
    image: LightboxImage,
    position: usize,
    count: usize,
    percent: u32,
    on_zoom: EventHandler<isize>,
    on_fit: EventHandler<()>,
    on_close: EventHandler<()>,
) -> Element {
    rsx! {
        header { class: "lb-bar", "data-component": "LightboxToolbar",
            div { class: "lb-title",
                h2 { class: "lb-name",
                    FileLabel { name: image.name() }
                }
                p { class: "lb-meta num",
                    span { class: "phone-pos phone-only", "{position} / {count}" }
                    span { class: "truncate", "{image.caption}" }
                }
            }
            p { class: "lb-pos", "aria-live": "polite",
                b { "{position}" }
                " / {count}"
            }
            div { class: "lb-tools", role: "toolbar", "aria-label": "Image",
                if image.kind == LightboxKind::Picture {
                    button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Zoom out", disabled: percent == 100, onclick: move |_| on_zoom(-1),
                        Minus { class: "icon" }
                    }
                    button { class: "lb-zoom phone-hide", r#type: "button", "aria-label": "Zoom {percent} percent, fit to window", onclick: move |_| on_fit(()),
                        if percent == 100 { "Fit" } else { "{percent} %" }
                    }
                    button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Zoom in", disabled: percent == ZOOM_MAX, onclick: move |_| on_zoom(1),
                        Plus { class: "icon" }
                    }
                    span { class: "sep phone-hide" }
                }
                a { class: "icon-btn", href: "{image.url}", target: "_blank", rel: "noopener", "aria-label": "Open in a new tab", title: "Open in a new tab",
                    ExternalLink { class: "icon" }
                }
                CopyLink { path: image.url.clone() }
                if let Some(said_at) = image.said_at.clone() {
                    // In place of the lightbox's own entry, which goes.
                    NavLink { class: "icon-btn", to: said_at, replace: true, label: "Show in the conversation", title: "Show in the conversation",
                        MessageSquare { class: "icon" }
                    }
                }
                span { class: "sep phone-hide" }
                LightboxDownloadLink { image: image.clone() }
                button { class: "icon-btn", r#type: "button", "aria-label": "Close", title: "Close", "data-autofocus": "", onclick: move |_| on_close(()),
                    X { class: "icon icon-20" }
                }
            }
        }
    }
}

/// Saves the picture that is shown.
#[component]
pub fn LightboxDownloadLink(image: LightboxImage) -> Element {
    rsx! {
        a {
            class: "btn",
            id: "lightbox-download",
            "data-component": "LightboxDownloadLink",
            href: image.download_url(),
            download: "",
            "aria-label": "Download {image.name()}",
            title: image.saved_as.as_ref().map(|name| format!("Saves as {name}")),
            Download { class: "icon" }
            span { "Download" }
        }
    }
}
