//! The card of a file that is not shown in place: type, name, size, download.

use dioxus::prelude::*;
use lucide_dioxus::Download;

use super::{FileMenu, lightbox_kind};
use crate::files::attachments::model::{Attachment, Location};
use crate::ids::AttachmentId;
use crate::platform::file_types;
use crate::ui::{FileLabel, FileType, download_url};

/// `on_open` is called for files that the lightbox can show; others open as links.
#[component]
pub fn FileCard(file: Attachment, on_open: EventHandler<AttachmentId>) -> Element {
    let name = file.label().to_owned();
    let (id, opens) = (file.id, lightbox_kind(&file).is_some());
    let kind = type_words(&file);
    let size = file.file_size;
    rsx! {
        div { class: "file", "data-component": "FileCard",
            if let Some(src) = file.poster_url().or_else(|| file.feed_url()) {
                span { class: "file-type", "aria-hidden": "true",
                    img { src, alt: "", loading: "lazy" }
                }
            } else {
                FileType { content_type: file.content_type.clone(), extension: file.file_name.extension() }
            }
            div { class: "grow",
                a {
                    class: "file-name",
                    href: "{file.url}",
                    target: "_blank",
                    rel: "noopener",
                    // With a modifier key it opens as a link.
                    onclick: move |event| {
                        if opens && event.modifiers().is_empty() {
                            event.prevent_default();
                            on_open(id);
                        }
                    },
                    FileLabel { name: name.clone() }
                }
                p { class: "file-meta",
                    span { "{kind}" }
                    span { class: "dot" }
                    span { class: "num", "{size}" }
                    if let Some(count) = file.page_count {
                        span { class: "dot" }
                        span { class: "num", if count == 1 { "1 page" } else { "{count} pages" } }
                    }
                    if let Some(reason) = file.why_no_preview() {
                        span { class: "dot" }
                        span { class: "file-reason", "{reason}" }
                    }
                    if file.location == Some(Location::Left) {
                        span { class: "dot" }
                        span { title: "The location is still in this file", "may contain location" }
                    }
                }
            }
            span { class: "file-actions",
                FileMenu { file: file.clone() }
                a { class: "icon-btn", href: download_url(&file.link()), download: "", "aria-label": "Download {name}", title: "Download",
                    Download { class: "icon" }
                }
            }
        }
    }
}

/// Returns the type's name for people. For unknown types, the extension.
fn type_words(file: &Attachment) -> String {
    let extension = file.file_name.extension();
    match file_types::find(&file.content_type) {
        Some(row) => row.label.to_owned(),
        None if !extension.is_empty() => extension.to_uppercase(),
        None => "File".to_owned(),
    }
}
