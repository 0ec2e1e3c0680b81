//! Pictures in the feed. Their size is known before they load, so the layout does not shift.

use dioxus::prelude::*;
use lucide_dioxus::{Download, ImageOff, Pause, Play};

use super::FileMenu;
use crate::files::attachments::model::Attachment;
use crate::ids::AttachmentId;
use crate::ui::{blurred, download_url, use_hydrated};

/// Maximum size of a picture in the feed, in CSS pixels.
const MAX_WIDTH: f64 = 400.0;
const MAX_HEIGHT: f64 = 320.0;
/// Maximum number of tiles. More pictures share the last tile.
const TILES: usize = 4;

/// `on_open` is called with the picture to show in the lightbox.
#[component]
pub fn ImageGrid(pictures: Vec<Attachment>, on_open: EventHandler<AttachmentId>) -> Element {
    let count = pictures.len();
    let label = if count > TILES { "more".to_owned() } else { count.to_string() };
    let style = if count == 1 { single_style(&pictures[0]) } else { String::new() };
    rsx! {
        div { class: "images", "data-count": label, "data-component": "ImageGrid", style,
            for (place, picture) in pictures.iter().take(TILES).cloned().enumerate() {
                AttachmentTile {
                    key: "{picture.id}",
                    on_open: {
                        let id = picture.id;
                        move |()| on_open(id)
                    },
                    picture,
                    hidden: if place == TILES - 1 && count > TILES { count - TILES } else { 0 },
                    total: count,
                }
            }
        }
    }
}

/// Returns the style of a single picture: it keeps its ratio, fits in 400 × 320 and is never enlarged.
fn single_style(picture: &Attachment) -> String {
    let (width, height) = match (picture.width, picture.height) {
        (Some(width), Some(height)) => (f64::from(width), f64::from(height)),
        _ => (4.0 * 100.0, 3.0 * 100.0),
    };
    let scale = (MAX_WIDTH / width).min(MAX_HEIGHT / height).min(1.0);
    // A panorama or a long receipt keeps at least a strip that can be clicked.
    let shown_width = (width * scale).max(64.0);
    let shown_height = (height * scale).max(64.0);
    format!("--w:{shown_width:.0}px;--r:{shown_width:.0}/{shown_height:.0}")
}

/// One picture: opens the lightbox, and has a download icon that does not. `hidden` is the number of pictures behind
/// the last tile.
#[component]
pub fn AttachmentTile(picture: Attachment, hidden: usize, total: usize, on_open: EventHandler<()>) -> Element {
    let mut failed = use_signal(|| false);
    let mut attempt = use_signal(|| 0_u32);
    let mut playing = use_signal(|| false);
    let hydrated = use_hydrated();
    let name = picture.label().to_owned();
    let open_label = if hidden > 0 { format!("+{hidden}, show all {total} images") } else { format!("Open {name}") };
    let src = if playing() { Some(picture.url.clone()) } else { picture.feed_url() };
    let src = src.map(|src| match attempt() {
        0 => src,
        again => format!("{src}{}try={again}", if src.contains('?') { '&' } else { '?' }),
    });
    if failed() {
        return rsx! {
            div { class: "tile tile-failed",
                div { class: "tile-state",
                    ImageOff { class: "icon" }
                    span { "Could not load" }
                    button {
                        class: "btn btn-sm",
                        r#type: "button",
                        onclick: move |_| {
                            attempt += 1;
                            failed.set(false);
                        },
                        "Try again"
                    }
                }
            }
        };
    }
    // The server renders no blurred preview: until hydration, the pictures themselves are loading.
    let blurred = if hydrated { picture.thumbhash.as_deref().and_then(blurred) } else { None };
    rsx! {
        div { class: "tile", "data-component": "AttachmentTile", style: blurred.map(|url| format!("background-image:url({url})")),
            button { r#type: "button", "aria-label": open_label, disabled: !hydrated, onclick: move |_| on_open(()),
                if let Some(src) = src {
                    img {
                        src,
                        alt: "{name}",
                        width: picture.width.map(|width| width.to_string()),
                        height: picture.height.map(|height| height.to_string()),
                        loading: "lazy",
                        decoding: "async",
                        onerror: move |_| failed.set(true),
                    }
                } else if let Some(reason) = picture.why_no_preview() {
                    span { class: "tile-state",
                        ImageOff { class: "icon" }
                        span { "{reason}" }
                    }
                }
                if hidden > 0 {
                    span { class: "tile-more", "aria-hidden": "true", "+{hidden}" }
                }
            }
            if picture.animated && hidden == 0 {
                button {
                    class: "on-photo tile-play",
                    r#type: "button",
                    "aria-label": if playing() { "Stop {name}" } else { "Play {name}" },
                    "aria-pressed": if playing() { "true" } else { "false" },
                    disabled: !hydrated,
                    onclick: move |_| playing.toggle(),
                    if playing() {
                        Pause { class: "icon" }
                    } else {
                        Play { class: "icon" }
                    }
                }
            }
            if hidden == 0 {
                FileMenu { file: picture.clone(), class: "on-photo tile-menu" }
                ThumbnailDownloadLink { url: picture.link(), name: name.clone() }
            }
        }
    }
}

/// Saves the picture without opening the lightbox.
#[component]
pub fn ThumbnailDownloadLink(url: String, name: String) -> Element {
    rsx! {
        a {
            class: "on-photo tile-download",
            "data-component": "ThumbnailDownloadLink",
            href: download_url(&url),
            download: "",
            "aria-label": "Download {name}",
            title: "Download",
            onclick: move |event| event.stop_propagation(),
            Download { class: "icon" }
        }
    }
}
