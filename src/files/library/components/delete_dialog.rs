//! The confirmation to delete the selected files, with their names, and an undo.

use dioxus::core::spawn_forever;
use dioxus::prelude::*;

use crate::files::attachments::api::{delete_attachment, restore_attachment};
use crate::files::library::model::FileHit;
use crate::ids::AttachmentId;
use crate::platform::error::Result;
use crate::platform::json::NoBody;
use crate::ui::{ConfirmDialog, FileLabel, use_submit, use_toast};

/// Maximum number of files that are named; for more, the number is shown.
const MAX_NAMED: usize = 6;

/// `on_deleted` is called when all are deleted.
#[component]
pub fn DeleteDialog(files: Vec<FileHit>, on_close: EventHandler<()>, on_deleted: EventHandler<()>) -> Element {
    let toast = use_toast();
    let submit = use_submit();
    let ids: Vec<_> = files.iter().map(|file| file.attachment.id).collect();
    let (title, done) = match &files[..] {
        [only] => {
            let name = only.attachment.label();
            (format!("Delete {name}?"), format!("{name} was deleted."))
        }
        many => (format!("Delete {} files?", many.len()), format!("{} files were deleted.", many.len())),
    };
    let them = if files.len() == 1 { "it" } else { "them" };
    let text = format!("No one will be able to open or download {them}. An admin can restore {them}.");
    let confirm = move |()| {
        let (ids, done) = (ids.clone(), done.clone());
        async move {
            if let Err(error) = submit.track(delete(&ids)).await {
                toast.show(error.message);
                return on_close(());
            }
            toast.offer(done, "Undo", move || {
                let ids = ids.clone();
                spawn_forever(async move {
                    if let Err(error) = restore(ids).await {
                        toast.show(error.message);
                    }
                });
            });
            on_deleted(());
        }
    };
    let more = files.len().saturating_sub(MAX_NAMED);
    rsx! {
        ConfirmDialog { title, text, confirm: "Delete", busy: submit.is_busy(), on_confirm: confirm, on_close,
            ul { class: "dialog-list",
                for file in files.into_iter().take(MAX_NAMED) {
                    li { key: "{file.attachment.id}",
                        FileLabel { name: file.attachment.label() }
                        span { class: "num", "{file.attachment.file_size}" }
                    }
                }
                if more > 0 {
                    li { "and {more} more" }
                }
            }
        }
    }
}

async fn delete(ids: &[AttachmentId]) -> Result<()> {
    for id in ids {
        delete_attachment(*id).await?;
    }
    Ok(())
}

async fn restore(ids: Vec<AttachmentId>) -> Result<()> {
    for id in ids {
        restore_attachment(id, NoBody).await?;
    }
    Ok(())
}
