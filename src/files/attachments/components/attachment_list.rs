//! All files of a message: pictures in a grid, then video and audio, then the rest, and a summary.

use dioxus::prelude::*;

use super::{FileCard, ImageGrid, VideoPlayer, VoiceNote};
use crate::files::attachments::media_type::is_inline;
use crate::files::attachments::model::{Attachment, Location};
use crate::ids::{AttachmentId, MessageId};
use crate::platform::byte_size::ByteSize;

/// `on_open` is called with the file to show in the lightbox.
#[component]
pub fn AttachmentList(
    message: MessageId,
    attachments: Vec<Attachment>,
    on_open: EventHandler<AttachmentId>,
) -> Element {
    let (pictures, others): (Vec<_>, Vec<_>) = attachments.iter().cloned().partition(Attachment::is_picture);
    let caption = caption(&attachments);
    let placed = placed(&attachments);
    let kind = |file: &Attachment| {
        let family = file.content_type.split('/').next().unwrap_or_default().to_owned();
        if is_inline(&file.content_type) { family } else { String::new() }
    };
    rsx! {
        div { class: "attachments",
            if !pictures.is_empty() {
                ImageGrid { pictures, on_open }
            }
            for file in others {
                match kind(&file).as_str() {
                    "video" => rsx! {
                        VideoPlayer { key: "{file.id}", file, named: attachments.len() > 1 }
                    },
                    "audio" => rsx! {
                        VoiceNote { key: "{file.id}", file }
                    },
                    _ => rsx! {
                        FileCard { key: "{file.id}", file, on_open }
                    },
                }
            }
            if let Some((what, size)) = caption {
                p { class: "caption",
                    span { "{what}" }
                    span { class: "dot" }
                    span { class: "num", "{size}" }
                    if let Some(names) = placed {
                        span { class: "dot" }
                        span { title: "The location is still in {names}", "may contain location" }
                    }
                    if attachments.len() > 1 {
                        a { class: "link", href: "/api/messages/{message}/zip", download: "", "Download zip" }
                    }
                }
            }
        }
    }
}

/// Returns the names of files that contain a location and have no card of their own that says so.
fn placed(attachments: &[Attachment]) -> Option<String> {
    let is_left = |file: &&Attachment| file.location == Some(Location::Left) && is_shown(file);
    let names: Vec<_> = attachments.iter().filter(is_left).map(Attachment::label).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Returns whether the file is shown in place, without a card.
fn is_shown(file: &Attachment) -> bool {
    file.is_picture() || file.content_type.starts_with("video/") && is_inline(&file.content_type)
}

/// Returns a summary such as `IMG_0231.jpg · 3.2 MB`, `3 images · 7.9 MB`. None for a single card, which shows all of
/// it.
fn caption(attachments: &[Attachment]) -> Option<(String, String)> {
    let size = attachments.iter().map(|file| file.file_size).sum::<ByteSize>().to_string();
    match attachments {
        [only] if is_shown(only) => Some((only.label().to_owned(), size)),
        [] | [_] => None,
        all if all.iter().all(Attachment::is_picture) => Some((format!("{} images", all.len()), size)),
        all => Some((format!("{} files", all.len()), size)),
    }
}
