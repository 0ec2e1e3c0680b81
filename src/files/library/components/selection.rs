//! The selection of files, and the bar with its actions.

use std::collections::BTreeSet;

use dioxus::prelude::*;
use lucide_dioxus::{FolderDown, Trash, X};

use super::delete_dialog::DeleteDialog;
use crate::files::attachments::model::Attachment;
use crate::files::library::model::FileHit;
use crate::ids::AttachmentId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::byte_size::ByteSize;
use crate::ui::use_toast;

/// The frame for the error of a rejected zip, so that it does not replace the page.
const FRAME: &str = "zip-frame";

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    pub ids: BTreeSet<AttachmentId>,
    /// The last file that was selected individually, where a range begins.
    anchor: Option<AttachmentId>,
}

impl Chosen {
    /// Toggles one, or, with `range`, all from the anchor to it.
    pub fn turn(&mut self, files: &[FileHit], id: AttachmentId, range: bool) {
        let place = |id| files.iter().position(|file| file.attachment.id == id);
        let on = !self.ids.contains(&id);
        match (range, self.anchor.and_then(place), place(id)) {
            (true, Some(from), Some(to)) => {
                let between = files[from.min(to)..=from.max(to)].iter().map(|file| file.attachment.id);
                self.ids.extend(between);
            }
            _ if on => _ = self.ids.insert(id),
            _ => _ = self.ids.remove(&id),
        }
        self.anchor = Some(id);
    }

    pub fn all(files: &[FileHit]) -> Self {
        Self { ids: files.iter().map(|file| file.attachment.id).collect(), anchor: None }
    }

    /// Returns the selected files, in the order of the page.
    pub fn of(&self, files: &[FileHit]) -> Vec<FileHit> {
        files.iter().filter(|file| self.ids.contains(&file.attachment.id)).cloned().collect()
    }
}

#[component]
pub fn SelectionBar(chosen: Vec<FileHit>, on_all: EventHandler<()>, on_clear: EventHandler<()>) -> Element {
    let toast = use_toast();
    let session = use_session();
    let mut asking = use_signal(|| false);
    let mut asked = use_signal(|| false);
    let count = chosen.len();
    let size = chosen.iter().map(|file| file.attachment.file_size).sum::<ByteSize>();
    let ids: Vec<_> = chosen.iter().map(|file| file.attachment.id.to_string()).collect();
    let ids = ids.join(",");
    let channel = chosen.first().map(|file| file.channel_id);
    let channel = channel.filter(|channel| chosen.iter().all(|file| file.channel_id == *channel));
    let what = if count == 1 { "1 file selected".to_owned() } else { format!("{count} files selected") };
    let may_delete =
        |file: &Attachment| file.uploaded_by == Some(session.member_id) || session.may(Permission::AttachmentDeleteAny);
    let all_mine = chosen.iter().all(|file| may_delete(&file.attachment));
    let doomed = chosen.clone();
    let clear = move || {
        on_clear(());
        // The focused element here is removed.
        browser::focus("#found-files [data-stop]");
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == Key::Escape {
            clear();
        }
    };
    rsx! {
        div { class: "selection", role: "toolbar", "aria-label": what, "data-component": "SelectionBar", onkeydown: on_key,
            span { class: "num", role: "status",
                b { "{count} selected" }
                span { class: "muted phone-hide", ", {size}" }
            }
            span { class: "sep" }
            button { class: "btn btn-ghost phone-hide", r#type: "button", onclick: move |_| on_all(()), "Select all shown" }
            // A form, because the browser streams its response to disk, however large.
            form { method: "post", action: "/api/files/zip", target: FRAME, onsubmit: move |_| asked.set(true),
                input { r#type: "hidden", name: "ids", value: "{ids}" }
                if let Some(channel) = channel {
                    input { r#type: "hidden", name: "channel", value: "{channel}" }
                }
                button { class: "btn btn-ghost", r#type: "submit",
                    FolderDown { class: "icon" }
                    "Download zip"
                }
            }
            if chosen.iter().any(|file| may_delete(&file.attachment)) {
                button {
                    class: "btn btn-ghost btn-danger-quiet",
                    r#type: "button",
                    disabled: !all_mine,
                    title: (!all_mine).then_some("Only the sender or an admin can delete a file"),
                    onclick: move |_| asking.set(true),
                    Trash { class: "icon" }
                    "Delete"
                }
            }
            button { class: "icon-btn", r#type: "button", "aria-label": "Clear selection", title: "Clear selection", onclick: move |_| clear(),
                X { class: "icon" }
            }
            iframe {
                name: FRAME,
                title: "Answer to a download",
                hidden: true,
                onload: move |_| {
                    // A download loads no page; a page is an error.
                    if asked.take() {
                        toast.show("The zip couldn't be created. Reload the page and select the files again.");
                    }
                },
            }
        }
        if asking() {
            DeleteDialog { files: doomed, on_close: move |()| asking.set(false), on_deleted: move |()| on_clear(()) }
        }
    }
}
