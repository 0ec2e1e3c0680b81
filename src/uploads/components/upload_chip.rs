//! One picked file: what it is, how far it is, and what can be done about it.

use dioxus::prelude::*;
use lucide_dioxus::{Check, Pause, Play, RotateCw, X};

use crate::attachments::file_name::FileName;
use crate::platform::byte_size::{format_progress, format_size};
use crate::ui::{FileLabel, FileType, ProgressBar};
use crate::uploads::draft::{Upload, UploadState};
use crate::uploads::queue::UploadQueue;

#[component]
pub fn UploadChip(upload: Upload, queue: UploadQueue) -> Element {
    let number = upload.number;
    let name = upload.label();
    let percent = upload.percent();
    let status = upload.status();
    let under_way = !upload.is_complete() && !upload.is_failed();
    let paused = under_way && status != "uploading";
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
                UploadStateLine { upload: upload.clone(), class: "chip-meta" }
            }
            div { class: "chip-tools",
                UploadButtons { upload, queue }
                button {
                    class: "icon-btn",
                    r#type: "button",
                    "aria-label": if under_way { "Cancel upload".to_owned() } else { format!("Remove {name}") },
                    "aria-describedby": if under_way { "chip-{number}" },
                    title: if under_way { "Cancel upload" } else { "Remove" },
                    onclick: move |_| queue.cancel(&cancelled),
                    X { class: "icon" }
                }
            }
            if under_way {
                ProgressBar { label: if paused { "Paused, {name}" } else { "Uploading {name}" }, percent, paused }
            }
        }
    }
}

/// How far it is, in words.
#[component]
pub fn UploadStateLine(upload: Upload, class: String) -> Element {
    let progress = format_progress(upload.sent(), upload.file_size);
    let percent = upload.percent();
    match &upload.state {
        UploadState::Uploading { .. } => rsx! {
            p { class,
                "{percent} %"
                span { class: "dot" }
                "{progress}"
            }
        },
        UploadState::Waiting { reason: Some(reason), .. } => rsx! {
            p { class, role: "alert",
                span { class: "chip-reason", title: "{reason}", "{reason}" }
            }
        },
        UploadState::Waiting { .. } => rsx! {
            p { class, role: "status",
                span { class: "truncate", title: "It goes on by itself when the connection is back", "Connection lost at {percent} %, waits" }
            }
        },
        UploadState::Paused { .. } => rsx! {
            p { class,
                "Paused"
                span { class: "dot" }
                "{progress}"
            }
        },
        UploadState::Interrupted { .. } => rsx! {
            p { class, role: "status",
                span { class: "truncate", title: "Resume, or attach the same file again: only what is missing is sent", "Interrupted at {percent} %, needs the file again" }
            }
        },
        UploadState::Verifying => rsx! {
            p { class, "Checking…" }
        },
        UploadState::Complete(_) => rsx! {
            p { class,
                Check { class: "icon icon-14" }
                "{format_size(upload.file_size)}"
            }
        },
        UploadState::Failed { reason, .. } => rsx! {
            p { class, role: "alert",
                span { class: "truncate", title: "{reason}", "{reason}" }
            }
        },
    }
}

/// What can be done in this state, but for taking the file away.
#[component]
pub fn UploadButtons(upload: Upload, queue: UploadQueue) -> Element {
    let number = upload.number;
    match &upload.state {
        UploadState::Uploading { .. } => rsx! {
            button {
                class: "icon-btn",
                r#type: "button",
                "aria-label": "Pause upload",
                "aria-describedby": "chip-{number}",
                title: "Pause upload",
                onclick: move |_| queue.pause(number),
                Pause { class: "icon icon-solid" }
            }
        },
        UploadState::Paused { .. } | UploadState::Interrupted { .. } => rsx! {
            button {
                class: "icon-btn",
                r#type: "button",
                "aria-label": "Resume upload",
                "aria-describedby": "chip-{number}",
                title: "Resume upload",
                onclick: move |_| queue.resume(number),
                Play { class: "icon icon-solid" }
            }
        },
        UploadState::Waiting { .. } | UploadState::Failed { can_retry: true, .. } => rsx! {
            button { class: "btn btn-sm", r#type: "button", "aria-describedby": "chip-{number}", onclick: move |_| queue.retry(number),
                RotateCw { class: "icon icon-14" }
                "Retry"
            }
        },
        _ => rsx! {},
    }
}
