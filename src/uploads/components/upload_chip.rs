//! One picked file: what it is, how far it is, and what can be done about it.

use dioxus::prelude::*;
use lucide_dioxus::{Check, RotateCw, X};

use crate::attachments::file_name::FileName;
use crate::attachments::model::format_size;
use crate::ui::{FileLabel, FileType, ProgressBar};
use crate::uploads::draft::{Upload, UploadState};

#[component]
pub fn UploadChip(upload: Upload, on_retry: EventHandler<u64>, on_cancel: EventHandler<Upload>) -> Element {
    let number = upload.number;
    let name = if upload.file_name.is_empty() { "attachment".to_owned() } else { upload.file_name.clone() };
    let size = format_size(upload.file_size);
    let percent = upload.percent();
    let status = match upload.state {
        UploadState::Uploading { .. } | UploadState::Verifying => "uploading",
        UploadState::Complete(_) => "complete",
        UploadState::Failed { .. } => "failed",
    };
    let under_way = status == "uploading";
    let cancelled = upload.clone();
    rsx! {
        li { class: "chip", "data-component": "UploadChip", "data-status": status,
            if let Some(url) = &upload.preview_url {
                img { class: "chip-thumb", src: "{url}", alt: "" }
            } else {
                FileType { content_type: upload.content_type.clone(), extension: FileName::new(&name).extension() }
            }
            div { class: "grow",
                p { class: "chip-name", id: "chip-{number}",
                    FileLabel { name: name.clone() }
                }
                match &upload.state {
                    UploadState::Uploading { sent } => rsx! {
                        p { class: "chip-meta",
                            "{percent} %"
                            span { class: "dot" }
                            "{format_size(*sent)} of {size}"
                        }
                    },
                    UploadState::Verifying => rsx! {
                        p { class: "chip-meta", "Checking…" }
                    },
                    UploadState::Complete(_) => rsx! {
                        p { class: "chip-meta",
                            Check { class: "icon" }
                            "{size}"
                        }
                    },
                    UploadState::Failed { reason, .. } => rsx! {
                        p { class: "chip-meta", role: "alert",
                            span { class: "truncate", title: "{reason}", "{reason}" }
                        }
                    },
                }
            }
            div { class: "chip-tools",
                if matches!(upload.state, UploadState::Failed { can_retry: true, .. }) {
                    button { class: "btn btn-sm", r#type: "button", "aria-describedby": "chip-{number}", onclick: move |_| on_retry(number),
                        RotateCw { class: "icon icon-14" }
                        "Retry"
                    }
                }
                button {
                    class: "icon-btn",
                    r#type: "button",
                    "aria-label": if under_way { "Cancel upload".to_owned() } else { format!("Remove {name}") },
                    "aria-describedby": if under_way { "chip-{number}" },
                    title: if under_way { "Cancel upload" } else { "Remove" },
                    onclick: move |_| on_cancel(cancelled.clone()),
                    X { class: "icon" }
                }
            }
            if under_way {
                ProgressBar { label: "Uploading {name}", percent }
            }
        }
    }
}
