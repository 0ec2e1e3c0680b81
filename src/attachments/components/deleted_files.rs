//! The tombstones of a message's files.

use dioxus::prelude::*;

use crate::attachments::model::DeletedAttachment;
use crate::ui::Tombstone;

#[component]
pub fn DeletedFiles(files: Vec<DeletedAttachment>) -> Element {
    rsx! {
        div { class: "attachments",
            for file in files {
                Tombstone {
                    key: "{file.id}",
                    what: if file.file_name.is_empty() { "A file".to_owned() } else { file.file_name.to_string() },
                    by: file.deleted_by,
                    at: file.deleted_at,
                }
            }
        }
    }
}
