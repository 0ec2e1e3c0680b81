//! A message that waits for its files or for the connection, visible only to its sender: at the bottom of the feed.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Upload as UploadIcon};

use super::message_text::MessageText;
use super::replying::PendingQuote;
use crate::files::attachments::file_name::FileName;
use crate::files::uploads::components::{UploadButtons, UploadStateLine};
use crate::files::uploads::draft::{PendingMessage as Pending, Upload};
use crate::files::uploads::queue::UploadQueue;
use crate::people::organizations::components::use_session;
use crate::platform::browser;
use crate::platform::byte_size::format_progress;
use crate::platform::read_only::use_read_only;
use crate::ui::{Avatar, AvatarKind, FileLabel, FileType, ProgressBar};

/// Maximum number of tiles, as in the feed. More pictures share the last tile.
const TILES: usize = 4;

/// All waiting messages of this channel, in order.
#[component]
pub fn PendingMessages(queue: UploadQueue) -> Element {
    let pending = queue.drafts.read(queue.channel).pending;
    rsx! {
        for message in pending {
            PendingMessage { key: "{message.key}", message, queue }
        }
    }
}

#[component]
fn PendingMessage(message: Pending, queue: UploadQueue) -> Element {
    let (session, is_read_only) = (use_session(), use_read_only());
    let is_tile = |upload: &Upload| upload.preview_url.is_some() && matches!(upload.status(), "uploading" | "complete");
    let (tiles, files): (Vec<_>, Vec<_>) = message.uploads.iter().cloned().partition(is_tile);
    // Without its last file, a message without text would be empty.
    let can_go_without = message.uploads.len() > 1 || !message.text.trim().is_empty();
    let key = message.key.clone();
    let again = message.key.clone();
    rsx! {
        article { class: "entry", "data-first": "", "data-kind": "pending", "data-row": "", "data-component": "PendingMessage", "aria-busy": "true",
            Avatar { kind: AvatarKind::Member, id: session.member_id.0, name: session.user.name.clone(), picture: session.user.avatar_url.clone() }
            div {
                div { class: "entry-head",
                    span { class: "entry-name", "{session.user.name}" }
                    span { class: "entry-status",
                        UploadIcon { class: "icon icon-14" }
                        {state(&message, is_read_only)}
                    }
                }
                if let Some(reply_to) = message.reply_to.clone() {
                    PendingQuote { reply_to }
                }
                if !message.text.is_empty() {
                    MessageText { text: message.body(), mentions: message.mentions.clone() }
                }
                div { class: "attachments",
                    if !tiles.is_empty() {
                        Tiles { uploads: tiles }
                    }
                    for upload in files {
                        PendingFile { key: "{upload.number}", upload, queue, can_go_without }
                    }
                    if let Some(reason) = &message.refused {
                        p { class: "composer-error", role: "alert",
                            CircleAlert { class: "icon icon-14" }
                            span { "Not sent. {reason}" }
                            button {
                                class: "link",
                                r#type: "button",
                                onclick: move |_| queue.drafts.update_pending(queue.channel, &again, |message| message.refused = None),
                                "Try again"
                            }
                        }
                    }
                    p { class: "caption",
                        if !message.uploads.is_empty() {
                            span { class: "num", {sum(&message.uploads)} }
                        }
                        if !message.sending || message.unreached {
                            button {
                                class: "link",
                                r#type: "button",
                                title: "Return to the message box, with all files",
                                onclick: move |_| {
                                    queue.drafts.take_back(queue.channel, &key);
                                    browser::focus("#composer-text");
                                },
                                "Cancel"
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Local previews, dimmed during the upload.
#[component]
fn Tiles(uploads: Vec<Upload>) -> Element {
    let count = uploads.len();
    let label = if count > TILES { "more".to_owned() } else { count.to_string() };
    let style = if count == 1 { "--w:400px;--r:4/3" } else { "" };
    rsx! {
        div { class: "images", "data-count": label, style,
            for (place, upload) in uploads.into_iter().take(TILES).enumerate() {
                div { class: "tile", key: "{upload.number}", "data-status": upload.status(),
                    img { src: upload.preview_url.clone(), alt: upload.label() }
                    if place == TILES - 1 && count > TILES {
                        span { class: "tile-more", "+{count - TILES}" }
                    } else if !upload.is_complete() {
                        div { class: "tile-progress",
                            span { "{upload.percent()} %" }
                            ProgressBar { label: "Uploading {upload.label()}", percent: upload.percent() }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn PendingFile(upload: Upload, queue: UploadQueue, can_go_without: bool) -> Element {
    let name = upload.label();
    let gone = upload.clone();
    rsx! {
        div { class: "file file-pending", "data-component": "FileCard", "data-status": upload.status(),
            FileType { content_type: upload.content_type.clone(), extension: FileName::new(&name).extension() }
            div { class: "grow",
                p { class: "file-name", id: "chip-{upload.number}",
                    FileLabel { name: name.clone() }
                }
                UploadStateLine { upload: upload.clone(), class: "file-meta" }
            }
            div { class: "chip-tools",
                UploadButtons { upload: upload.clone(), queue }
                if upload.is_failed() && can_go_without {
                    button { class: "btn btn-sm", r#type: "button", "aria-describedby": "chip-{upload.number}", onclick: move |_| queue.cancel(&gone),
                        "Send without it"
                    }
                }
            }
            if !upload.is_complete() && !upload.is_failed() {
                ProgressBar { label: "Uploading {name}", percent: upload.percent(), paused: upload.status() != "uploading" }
            }
        }
    }
}

fn state(message: &Pending, is_read_only: bool) -> &'static str {
    let any = |status: &str| message.uploads.iter().any(|upload| upload.status() == status);
    match () {
        () if message.refused.is_some() => "Not sent",
        () if message.unreached && is_read_only => "Sends when Attaché has been moved",
        () if message.unreached => "Sends when you're back online",
        () if message.sending => "Sending…",
        () if any("failed") => "Waiting: a file failed",
        () if any("interrupted") => "Waiting: choose the file again",
        () if any("paused") => "Waiting: a file is paused",
        () => "Sending once uploads finish",
    }
}

fn sum(uploads: &[Upload]) -> String {
    let up = uploads.iter().filter(|upload| upload.is_complete()).count();
    let (sent, all) = (uploads.iter().map(Upload::sent).sum(), uploads.iter().map(|upload| upload.file_size).sum());
    format!("Uploaded {up} of {} files ({})", uploads.len(), format_progress(sent, all))
}
