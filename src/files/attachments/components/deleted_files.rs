//! The tombstones of a message's files, with Restore for members who may.

use dioxus::prelude::*;
use lucide_dioxus::Undo2;

use crate::files::attachments::api::restore_attachment;
use crate::files::attachments::model::DeletedAttachment;
use crate::ids::AttachmentId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::json::NoBody;
use crate::ui::{Toasts, Tombstone, use_hydrated, use_toast};

#[component]
pub fn DeletedFiles(files: Vec<DeletedAttachment>) -> Element {
    let may_restore = use_session().may(Permission::AttachmentDeleteAny);
    let hydrated = use_hydrated();
    let toast = use_toast();
    rsx! {
        div { class: "attachments",
            for file in files {
                div { key: "{file.id}", class: "deleted-file",
                    Tombstone { what: name(&file), by: file.deleted_by.clone(), at: file.deleted_at }
                    if may_restore && !file.purged {
                        button {
                            class: "icon-btn",
                            r#type: "button",
                            "aria-label": "Restore {name(&file)}",
                            title: "Restore",
                            disabled: !hydrated,
                            onclick: move |_| restore(toast, file.id),
                            Undo2 { class: "icon" }
                        }
                    }
                }
            }
        }
    }
}

fn name(file: &DeletedAttachment) -> String {
    if file.file_name.is_empty() { "A file".to_owned() } else { file.file_name.to_string() }
}

/// The feed is updated by the live event.
async fn restore(toast: Toasts, id: AttachmentId) {
    if let Err(error) = restore_attachment(id, NoBody).await {
        toast.show(error.message);
    }
}
