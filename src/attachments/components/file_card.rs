//! A file that is not shown in place: type, name, size, download.

use dioxus::prelude::*;
use lucide_dioxus::Download;

use super::FileMenu;
use crate::attachments::model::{Attachment, format_size};
use crate::ui::{FileLabel, FileType};

#[component]
pub fn FileCard(file: Attachment) -> Element {
    let name = file.label().to_owned();
    let kind = type_words(&file);
    let size = format_size(u64::try_from(file.file_size).unwrap_or(0));
    rsx! {
        div { class: "file", "data-component": "FileCard",
            FileType { content_type: file.content_type.clone(), extension: file.file_name.extension() }
            div { class: "grow",
                a { class: "file-name", href: "{file.url}", target: "_blank", rel: "noopener",
                    FileLabel { name: name.clone() }
                }
                p { class: "file-meta",
                    span { "{kind}" }
                    span { class: "dot" }
                    span { class: "num", "{size}" }
                }
            }
            span { class: "file-actions",
                FileMenu { file: file.clone() }
                a { class: "icon-btn", href: "{file.url}?download=1", download: "", "aria-label": "Download {name}", title: "Download",
                    Download { class: "icon" }
                }
            }
        }
    }
}

/// What people call the type.
fn type_words(file: &Attachment) -> String {
    let extension = file.file_name.extension();
    match file.content_type.as_str() {
        "application/pdf" => "PDF".to_owned(),
        "text/plain" => "Text".to_owned(),
        "application/zip" => "ZIP archive".to_owned(),
        _ if !extension.is_empty() => extension.to_uppercase(),
        _ => "File".to_owned(),
    }
}
