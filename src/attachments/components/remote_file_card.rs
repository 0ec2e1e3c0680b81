//! What a message carries and is stored elsewhere. Nothing of it is loaded before somebody opens it: the other side would learn who
//! reads.

use dioxus::prelude::*;
use lucide_dioxus::ExternalLink;

use crate::attachments::media_type::MediaType;
use crate::attachments::model::RemoteFile;
use crate::ui::{FileLabel, FileType};

#[component]
pub fn RemoteFileCard(file: RemoteFile) -> Element {
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
