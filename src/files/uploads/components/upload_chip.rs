//! One picked file: its name, progress and actions.

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use lucide_dioxus::{ArrowLeft, ArrowRight, Check, Pause, Pencil, Play, RotateCw, X};

use crate::files::attachments::file_name::FileName;
use crate::files::uploads::draft::{Upload, UploadState};
use crate::files::uploads::queue::UploadQueue;
use crate::platform::browser;
use crate::platform::byte_size::{format_progress, format_size};
use crate::ui::{FileLabel, FileType, Menu, MenuItem, ProgressBar, input_method, use_toast};

/// `place` is its position among `count` files. `small` shows a tile unless an action is required. `dragged` is the
/// number of the file that is dragged to another position.
#[component]
pub fn UploadChip(
    upload: Upload,
    queue: UploadQueue,
    place: usize,
    count: usize,
    small: bool,
    dragged: Signal<Option<u64>>,
) -> Element {
    let mut dragged = dragged;
    let renaming = use_signal(|| false);
    let number = upload.number;
    let name = upload.label();
    let percent = upload.percent();
    let status = upload.status();
    let under_way = !upload.is_complete() && !upload.is_failed();
    let paused = under_way && status != "uploading";
    let is_tile = small && matches!(status, "uploading" | "complete") && !renaming();
    let canceled = upload.clone();
    // The dragged file moves to this position at once.
    let take_place = move |event: DragEvent| {
        let Some(other) = dragged() else { return };
        event.prevent_default();
        event.stop_propagation();
        let uploads = queue.drafts.peek(queue.channel).uploads;
        let from = uploads.iter().position(|upload| upload.number == other);
        let to = uploads.iter().position(|upload| upload.number == number);
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            let by = isize::try_from(to).unwrap_or(0) - isize::try_from(from).unwrap_or(0);
            queue.drafts.shift(queue.channel, other, by);
        }
    };
    rsx! {
        li {
            class: if is_tile { "chip chip-tile" } else { "chip" },
            "data-component": "UploadChip",
            "data-status": status,
            draggable: if count > 1 && !renaming() { "true" } else { "false" },
            ondragstart: move |event| {
                let _ = event.data_transfer().set_data("application/x-attache-place", "");
                dragged.set(Some(number));
            },
            ondragenter: take_place,
            ondragover: move |event| {
                if dragged().is_some() {
                    event.prevent_default();
                    event.stop_propagation();
                }
            },
            ondrop: move |event| {
                if dragged.take().is_some() {
                    event.prevent_default();
                    event.stop_propagation();
                }
            },
            ondragend: move |_| dragged.set(None),
            if let Some(url) = &upload.preview_url {
                img { class: "chip-thumb", src: "{url}", alt: "", draggable: "false" }
            } else {
                FileType { content_type: upload.content_type.clone(), extension: FileName::new(&name).extension() }
            }
            div { class: "grow chip-text",
                if renaming() {
                    RenameField { number, name: name.clone(), queue, open: renaming }
                } else {
                    p { class: "chip-name", id: "chip-{number}",
                        FileLabel { name: name.clone() }
                    }
                }
                UploadStateLine { upload: upload.clone(), class: "chip-meta" }
            }
            div { class: "chip-tools",
                UploadButtons { upload, queue }
                ChipMenu { number, name: name.clone(), queue, place, count, renaming }
                button {
                    class: "icon-btn chip-remove",
                    r#type: "button",
                    "aria-label": if under_way { "Cancel upload".to_owned() } else { format!("Remove {name}") },
                    "aria-describedby": if under_way { "chip-{number}" },
                    title: if under_way { "Cancel upload" } else { "Remove" },
                    onclick: move |_| {
                        queue.cancel(&canceled);
                        browser::focus("#composer-text");
                    },
                    X { class: "icon" }
                }
            }
            if under_way {
                ProgressBar { label: if paused { "Paused, {name}" } else { "Uploading {name}" }, percent, paused }
            }
        }
    }
}

#[component]
fn ChipMenu(
    number: u64,
    name: String,
    queue: UploadQueue,
    place: usize,
    count: usize,
    renaming: Signal<bool>,
) -> Element {
    let mut renaming = renaming;
    let id = format!("chip-menu-{number}");
    let shift = move |by| queue.drafts.shift(queue.channel, number, by);
    rsx! {
        Menu { id: id.clone(), label: "More for {name}", class: "icon-btn chip-more",
            MenuItem { menu: id.clone(), on_choose: move |()| renaming.set(true),
                Pencil { class: "icon" }
                "Rename"
            }
            if place > 0 {
                MenuItem { menu: id.clone(), on_choose: move |()| shift(-1),
                    ArrowLeft { class: "icon" }
                    "Move earlier"
                }
            }
            if place + 1 < count {
                MenuItem { menu: id, on_choose: move |()| shift(1),
                    ArrowRight { class: "icon" }
                    "Move later"
                }
            }
        }
    }
}

/// A field for the name. Enter and leaving the field rename, Escape does not.
#[component]
fn RenameField(number: u64, name: String, queue: UploadQueue, open: Signal<bool>) -> Element {
    let mut open = open;
    let toasts = use_toast();
    let mut text = use_signal(|| name.clone());
    let mut rename = move || {
        // Leaving follows Enter.
        if !open.replace(false) {
            return;
        }
        let new = text.peek().trim().to_owned();
        if new.is_empty() || new == name {
            return;
        }
        spawn_forever(async move {
            if let Err(error) = queue.rename(number, new).await {
                toasts.show(error.message);
            }
        });
    };
    let mut rename_on_leaving = rename.clone();
    rsx! {
        input {
            class: "field chip-rename",
            "aria-label": "File name",
            value: "{text}",
            maxlength: "255",
            spellcheck: false,
            onmounted: move |mounted| async move {
                let _ = mounted.set_focus(true).await;
                browser::select_stem(".chip-rename");
            },
            oninput: move |event| text.set(event.value()),
            onblur: move |_| rename_on_leaving(),
            onkeydown: move |event| {
                let is_composing = input_method::is_composing(&event);
                match event.key() {
                    Key::Enter if !is_composing => {
                        event.prevent_default();
                        rename();
                        browser::focus("#composer-text");
                    }
                    Key::Escape if !is_composing => {
                        event.stop_propagation();
                        open.set(false);
                        browser::focus("#composer-text");
                    }
                    _ => {}
                }
            },
        }
    }
}

/// The progress in words.
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
                span { class: "chip-reason", "{reason}" }
            }
        },
        UploadState::Waiting { .. } => rsx! {
            p { class, role: "status",
                span { class: "truncate", title: "Resumes automatically when you're back online", "Connection lost at {percent} %. Will resume." }
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
                span { class: "truncate", title: "Resume, or attach the same file again. Only the missing part is uploaded.", "Interrupted at {percent} %. Choose the file again." }
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
                span { class: "chip-reason", "{reason}" }
            }
        },
    }
}

/// The actions for this state, except Remove.
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
