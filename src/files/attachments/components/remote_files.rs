//! Files of a message that are stored on another server. Nothing is loaded from there before somebody opens it, because
//! the other server would learn who reads. Previews come from our own server.

use dioxus::prelude::*;
use lucide_dioxus::ExternalLink;

use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::model::{RemoteFile, RemotePreview};
use crate::ui::{FileLabel, FileType};

/// Maximum size of a preview in the feed, in CSS pixels.
const MAX_WIDTH: f64 = 400.0;
const MAX_HEIGHT: f64 = 320.0;

#[component]
pub fn RemoteFiles(files: Vec<RemoteFile>) -> Element {
    rsx! {
        div { class: "attachments",
            for (index, file) in files.into_iter().enumerate() {
                RemoteFileCard { key: "{index}", file }
            }
        }
    }
}

/// Returns the width and ratio of a preview, so that the layout does not shift when it loads.
fn style(preview: &RemotePreview) -> String {
    let (width, height) = (f64::from(preview.width.max(1)), f64::from(preview.height.max(1)));
    let scale = (MAX_WIDTH / width).min(MAX_HEIGHT / height).min(1.0);
    let (width, height) = ((width * scale).max(64.0), (height * scale).max(64.0));
    format!("width:{width:.0}px;aspect-ratio:{width:.0}/{height:.0}")
}

#[component]
fn RemoteFileCard(file: RemoteFile) -> Element {
    let name = file.label().to_owned();
    let (kind, content_type) = match file.media_type {
        MediaType::Image => ("Picture", "image/jpeg"),
        MediaType::Gif => ("GIF", "image/gif"),
        MediaType::Video => ("Video", "video/mp4"),
        MediaType::Audio => ("Audio", "audio/mpeg"),
        MediaType::Icon => ("File", ""),
    };
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_owned()).unwrap_or_default();
    rsx! {
        if let Some(preview) = file.preview.clone() {
            a {
                class: "remote-picture",
                href: "{file.url}",
                target: "_blank",
                rel: "noopener noreferrer nofollow",
                "aria-label": "Open {name} at {file.host()}",
                title: "Open",
                style: style(&preview),
                img { src: "{preview.url}", alt: "", loading: "lazy" }
            }
        }
        div { class: "file", "data-component": "RemoteFileCard",
            FileType { content_type, extension }
            div { class: "grow",
                a { class: "file-name", href: "{file.url}", target: "_blank", rel: "noopener noreferrer nofollow",
                    FileLabel { name: name.clone() }
                }
                p { class: "file-meta",
                    span { "{kind}" }
                    span { class: "dot" }
                    span { class: "truncate", "at {file.host()}" }
                }
            }
            span { class: "file-actions",
                a {
                    class: "icon-btn",
                    href: "{file.url}",
                    target: "_blank",
                    rel: "noopener noreferrer nofollow",
                    "aria-label": "Open {name} at {file.host()}",
                    title: "Open",
                    ExternalLink { class: "icon" }
                }
            }
        }
    }
}
