//! The toolbar above the picture.

use dioxus::prelude::*;
use lucide_dioxus::{Download, ExternalLink, MessageSquare, Minus, Plus, X};

use super::copy_link::CopyLink;
use super::file_label::FileLabel;
use super::lightbox_image::LightboxImage;
use super::lightbox_zoom::Zoom;
use super::nav_link::NavLink;

/// `count` is the number of files, in words; `tools` renders other actions for the file.
#[component]
pub fn LightboxToolbar(
    image: LightboxImage,
    position: usize,
    count: String,
    zoom: Zoom,
    tools: Option<Callback<String, Element>>,
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
                if image.zooms() {
                    ZoomButtons { zoom }
                }
                a { class: "icon-btn phone-hide", href: "{image.url}", target: "_blank", rel: "noopener", "aria-label": "Open in a new tab", title: "Open in a new tab",
                    ExternalLink { class: "icon" }
                }
                CopyLink { path: image.url.clone() }
                if let Some(said_at) = image.said_at.clone() {
                    // Replaces the lightbox's own history entry.
                    NavLink { class: "icon-btn", to: said_at, replace: true, label: "Go to message", title: "Go to message",
                        MessageSquare { class: "icon" }
                    }
                }
                if let Some(tools) = tools {
                    {tools(image.id.clone())}
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

#[component]
fn ZoomButtons(zoom: Zoom) -> Element {
    let percent = zoom.percent();
    let is_zoomed = zoom.is_zoomed();
    rsx! {
        button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Zoom out", disabled: !is_zoomed, onclick: move |_| zoom.step(false, None),
            Minus { class: "icon" }
        }
        button { class: "lb-zoom phone-hide", r#type: "button", "aria-label": "Zoom {percent} percent, fit to window", onclick: move |_| zoom.to_fit(),
            if is_zoomed { "{percent} %" } else { "Fit" }
        }
        button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Zoom in", disabled: zoom.is_largest(), onclick: move |_| zoom.step(true, None),
            Plus { class: "icon" }
        }
        span { class: "sep phone-hide" }
    }
}

/// Saves the shown picture.
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
