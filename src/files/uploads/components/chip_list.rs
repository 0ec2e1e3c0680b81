//! The files of the next message, in a list of limited height, with a summary.

use dioxus::prelude::*;

use super::UploadChip;
use crate::files::attachments::media_type::is_picture;
use crate::files::uploads::draft::Upload;
use crate::files::uploads::queue::UploadQueue;
use crate::platform::browser;
use crate::platform::byte_size::format_size;

/// Number of files from which there is a summary, and from which each is a small tile.
const SUMMARY_MIN: usize = 4;
const TILES_MIN: usize = 10;

#[component]
pub fn ChipList(uploads: Vec<Upload>, queue: UploadQueue) -> Element {
    let dragged = use_signal(|| None::<u64>);
    let is_many = uploads.len() >= TILES_MIN;
    let all = uploads.clone();
    rsx! {
        if uploads.len() >= SUMMARY_MIN {
            div { class: "chips-sum", "data-component": "ChipSummary",
                span { class: "num", {summary(&uploads)} }
                button {
                    class: "link",
                    r#type: "button",
                    onclick: move |_| {
                        for upload in &all {
                            queue.cancel(upload);
                        }
                        browser::focus("#composer-text");
                    },
                    "Remove all"
                }
            }
        }
        ul { class: "chips", "aria-label": "Files to send", "data-many": if is_many { "" },
            for (place, upload) in uploads.iter().cloned().enumerate() {
                UploadChip { key: "{upload.number}", upload, queue, place, count: uploads.len(), small: is_many, dragged }
            }
        }
    }
}

/// Formats a summary such as `40 photos, 45 MB, 12 left to upload`.
fn summary(uploads: &[Upload]) -> String {
    let count = uploads.len();
    let noun = if uploads.iter().all(|upload| is_picture(&upload.content_type)) { "photos" } else { "files" };
    let size = format_size(uploads.iter().map(|upload| upload.file_size).sum());
    let left = uploads.iter().filter(|upload| !upload.is_complete() && !upload.is_failed()).count();
    let failed = uploads.iter().filter(|upload| upload.is_failed()).count();
    let left = if left > 0 { format!(", {left} left to upload") } else { String::new() };
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{count} {noun}, {size}{left}{failed}")
}
