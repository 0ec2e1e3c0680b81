//! The full-screen image viewer: always dark, one picture at a time, everything by keyboard too.

use dioxus::prelude::*;
use lucide_dioxus::{ChevronLeft, ChevronRight, Download, ExternalLink, MessageSquare, Minus, Plus, X};

use super::browser;
use super::copy_link::CopyLink;
use super::dialog::Dialog;
use super::file_label::FileLabel;
use super::nav_link::NavLink;

const FRAME: &str = "lightbox-frame";
const STAGE: &str = "lightbox-stage";
/// How far a finger must go to turn the page, in pixels.
const SWIPE: f64 = 48.0;
/// So many pictures before the last one, more are asked for.
const NEAR_END: usize = 3;
/// Zoom steps, in percent of the size that fits the window.
const ZOOMS: [u32; 6] = [100, 150, 200, 300, 400, 600];

/// A picture in the lightbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LightboxImage {
    pub url: String,
    pub alt: String,
    pub file_name: Option<String>,
    /// Pixels, where known.
    pub size: Option<(i32, i32)>,
    /// Who sent it, when, how large: the line under the name.
    pub caption: String,
    /// The name under which it is saved, for the tooltip.
    pub saved_as: Option<String>,
    /// Where it was said, when that is not the page behind.
    pub said_at: Option<String>,
}

impl LightboxImage {
    /// The address that saves the picture instead of showing it. An existing query is kept.
    pub fn download_url(&self) -> String {
        if self.url.contains('?') { format!("{}&download=1", self.url) } else { format!("{}?download=1", self.url) }
    }

    fn name(&self) -> &str {
        self.file_name.as_deref().unwrap_or(&self.alt)
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

/// Shows `images`, from the one at `start` on. With `has_more` others follow: `on_near_end` asks for them.
#[component]
pub fn Lightbox(
    images: Vec<LightboxImage>,
    start: usize,
    #[props(default)] has_more: bool,
    #[props(default)] on_near_end: EventHandler<()>,
    on_close: EventHandler<()>,
) -> Element {
    let mut index = use_signal(|| start);
    let mut zoom = use_signal(|| 0_usize);
    let mut touch_from = use_signal(|| None::<f64>);
    let count = images.len();
    let mut show = move |to: usize| {
        index.set(to.min(count.saturating_sub(1)));
        zoom.set(0);
        if index() == 0 || index() + 1 == count {
            // The step button that may have the focus disappears.
            browser::focus(&format!("#{FRAME}:has(.lb-nav:focus)"));
        }
    };
    let mut step = move |by: isize| show(index().saturating_add_signed(by));
    let mut zoom_by = move |by: isize| zoom.set(zoom().saturating_add_signed(by).min(ZOOMS.len() - 1));
    use_effect(move || {
        if zoom() > 0 {
            browser::scroll_to_middle(STAGE);
        }
    });
    use_effect(use_reactive!(|(count, has_more)| {
        if has_more && index() + NEAR_END >= count {
            on_near_end(());
        }
    }));
    let Some(image) = images.get(index()).cloned() else { return rsx! {} };
    let percent = ZOOMS[zoom()];

    let on_key = move |event: KeyboardEvent| match event.key() {
        Key::ArrowLeft => step(-1),
        Key::ArrowRight => step(1),
        Key::Home => show(0),
        Key::End => show(count - 1),
        Key::Character(key) if event.modifiers().is_empty() || event.modifiers() == Modifiers::SHIFT => {
            match key.as_str() {
                "+" | "=" => zoom_by(1),
                "-" => zoom_by(-1),
                "0" => zoom.set(0),
                "d" | "D" => browser::click("#lightbox-download"),
                _ => {}
            }
        }
        _ => {}
    };
    let name = image.name().to_owned();
    let position = index() + 1;
    rsx! {
        Dialog { class: "lightbox", label: "{name}, image {position} of {count}", on_close,
            // Takes the focus when what had it goes away, so that the keys are still heard.
            div { class: "lb-frame", id: FRAME, tabindex: "-1", "data-component": "Lightbox", onkeydown: on_key,
                LightboxToolbar { image: image.clone(), position, count, percent, on_zoom: zoom_by, on_fit: move |()| zoom.set(0), on_close }
                div {
                    class: "lb-stage",
                    id: STAGE,
                    "data-component": "LightboxStage",
                    "data-zoomed": if zoom() > 0 { "" },
                    ontouchstart: move |event| touch_from.set(event.touches().first().map(|touch| touch.client_coordinates().x)),
                    ontouchend: move |event| {
                        let to = event.touches_changed().first().map(|touch| touch.client_coordinates().x);
                        if let (Some(from), Some(to), 0) = (touch_from.take(), to, zoom()) {
                            if from - to > SWIPE {
                                step(1);
                            } else if to - from > SWIPE {
                                step(-1);
                            }
                        }
                    },
                    ondoubleclick: move |_| zoom.set(if zoom() == 0 { 2 } else { 0 }),
                    img {
                        key: "{image.url}",
                        src: "{image.url}",
                        alt: "{image.alt}",
                        width: image.size.map(|(width, _)| width.to_string()),
                        height: image.size.map(|(_, height)| height.to_string()),
                        style: if zoom() > 0 { "--zoom:{percent}" },
                    }
                    if position > 1 {
                        button { class: "lb-nav lb-prev", r#type: "button", "aria-label": "Previous image", onclick: move |_| step(-1),
                            ChevronLeft { class: "icon icon-20" }
                        }
                    }
                    if position < count {
                        button { class: "lb-nav lb-next", r#type: "button", "aria-label": "Next image", onclick: move |_| step(1),
                            ChevronRight { class: "icon icon-20" }
                        }
                    }
                    // The neighbours, so that a step shows at once.
                    for neighbour in neighbours(&images, index()) {
                        link { key: "{neighbour}", rel: "prefetch", href: "{neighbour}", r#as: "image" }
                    }
                }
                if count > 1 {
                    nav { class: "lb-strip", "data-component": "LightboxStrip", "aria-label": "All images here",
                        for (place, image) in images.iter().enumerate() {
                            button {
                                key: "{image.url}",
                                class: "thumb",
                                r#type: "button",
                                "aria-label": "{image.name()}, {place + 1} of {count}",
                                "aria-current": if place == index() { "true" },
                                onclick: move |_| show(place),
                                img { src: "{image.url}", alt: "", loading: "lazy" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn neighbours(images: &[LightboxImage], index: usize) -> Vec<String> {
    let before = index.checked_sub(1).and_then(|place| images.get(place));
    before.into_iter().chain(images.get(index + 1)).map(|image| image.url.clone()).collect()
}

#[component]
fn LightboxToolbar(
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
                button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Zoom out", disabled: percent == 100, onclick: move |_| on_zoom(-1),
                    Minus { class: "icon" }
                }
                button { class: "lb-zoom phone-hide", r#type: "button", "aria-label": "Zoom {percent} percent, fit to window", onclick: move |_| on_fit(()),
                    if percent == 100 { "Fit" } else { "{percent} %" }
                }
                button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Zoom in", disabled: percent == ZOOMS[ZOOMS.len() - 1], onclick: move |_| on_zoom(1),
                    Plus { class: "icon" }
                }
                span { class: "sep phone-hide" }
                a { class: "icon-btn", href: "{image.url}", target: "_blank", rel: "noopener", "aria-label": "Open in a new tab", title: "Open in a new tab",
                    ExternalLink { class: "icon" }
                }
                CopyLink { path: image.url.clone() }
                if let Some(said_at) = image.said_at.clone() {
                    NavLink { class: "icon-btn", to: said_at, label: "Show in the conversation", title: "Show in the conversation",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_download_url_keeps_an_existing_query() {
        let image = |url: &str| LightboxImage {
            url: url.into(),
            alt: String::new(),
            file_name: None,
            size: None,
            caption: String::new(),
            saved_as: None,
            said_at: None,
        };
        assert_eq!(image("/a/1").download_url(), "/a/1?download=1");
        assert_eq!(image("/a/1?v=2").download_url(), "/a/1?v=2&download=1");
    }
}
