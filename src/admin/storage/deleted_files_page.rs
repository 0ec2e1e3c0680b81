//! The page of deleted files, for members who may restore or purge them.

use dioxus::prelude::*;
use lucide_dioxus::Trash;

use crate::admin::settings::SettingsSection;
use crate::channels::model::ChannelKind;
use crate::files::attachments::api::{list_deleted_attachments, purge_attachment, restore_attachment};
use crate::files::attachments::model::{DeletedFile, DeletedFiles as Page};
use crate::platform::json::NoBody;
use crate::ui::SectionHead;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{
    Column, ConfirmDialog, EmptyState, FileLabel, FileType, LoadMore, NavLink, Table, When, use_hydrated, use_loaded,
    use_submit, use_toast,
};

#[component]
pub fn DeletedFilesPage() -> Element {
    rsx! {
        SettingsSection { title: "Deleted files", LoadedFiles {} }
    }
}

#[component]
fn LoadedFiles() -> Element {
    use_loaded(|| list_deleted_attachments(None))?.show("Deleted files", |first: Page| {
        rsx! {
            Files { first }
        }
    })
}

#[component]
fn Files(first: Page) -> Element {
    let toast = use_toast();
    let mut next = use_signal(|| first.next.clone());
    let mut files = use_signal(|| first.files.clone());
    let mut doomed = use_signal(|| None::<DeletedFile>);
    let submit = use_submit();
    let load_more = move |()| async move {
        if let Ok(page) = list_deleted_attachments(next()).await {
            next.set(page.next);
            files.write().extend(page.files);
        }
    };
    let mut take_away = move |file: &DeletedFile| files.write().retain(|row| row.attachment.id != file.attachment.id);
    let restore = move |file: DeletedFile| async move {
        match restore_attachment(file.attachment.id, NoBody).await {
            Ok(()) => {
                take_away(&file);
                toast.show(format!("{} was restored.", name(&file)));
            }
            Err(error) => {
                toast.show(error.message);
                // Somebody else may have changed the list, so it is reloaded.
                if let Ok(page) = list_deleted_attachments(None).await {
                    next.set(page.next);
                    files.set(page.files);
                }
            }
        }
    };
    let purge = move |()| async move {
        let Some(file) = doomed() else { return };
        let done = submit.track(purge_attachment(file.attachment.id, NoBody)).await;
        doomed.set(None);
        match done {
            Ok(()) => take_away(&file),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        section { class: "sec", "data-component": "DeletedFiles",
            SectionHead {
                title: "Deleted files",
                text: "Deleted files can be restored, or deleted permanently to free space.",
            }
            if files.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        Trash { class: "icon" }
                    },
                    title: "No deleted files",
                    text: "Files that people delete appear here.",
                }
            } else {
                Table {
                    label: "Deleted files",
                    class: "deleted-files",
                    columns: vec![Column::Text("File"), Column::Text("Conversation"), Column::Text("Deleted"), Column::Actions("Restore or delete")],
                    for file in files() {
                        Row {
                            key: "{file.attachment.id}",
                            file: file.clone(),
                            on_restore: restore,
                            on_purge: move |file| doomed.set(Some(file)),
                        }
                    }
                }
                if next().is_some() {
                    LoadMore { on_more: load_more }
                }
            }
        }
        if let Some(file) = doomed() {
            ConfirmDialog {
                title: "Delete {name(&file)} permanently?",
                text: "This permanently deletes the file. It can't be undone.",
                confirm: "Delete permanently",
                busy: submit.is_busy(),
                on_confirm: purge,
                on_close: move |()| doomed.set(None),
            }
        }
    }
}

fn name(file: &DeletedFile) -> String {
    if file.attachment.file_name.is_empty() { "attachment".to_owned() } else { file.attachment.file_name.to_string() }
}

#[component]
fn Row(file: DeletedFile, on_restore: EventHandler<DeletedFile>, on_purge: EventHandler<DeletedFile>) -> Element {
    let hydrated = use_hydrated();
    let name = name(&file);
    let place = match file.channel.kind {
        ChannelKind::Contact | ChannelKind::Bucket => file.channel.name.clone(),
        ChannelKind::Team => format!("#{}", file.channel.name),
    };
    let (to_restore, to_purge) = (file.clone(), file.clone());
    rsx! {
        tr { "data-component": "DeletedFileRow",
            td {
                span { class: "member",
                    FileType { content_type: file.content_type.clone(), extension: file.attachment.file_name.extension() }
                    span { class: "member-text",
                        span { class: "font-medium",
                            FileLabel { name: name.clone() }
                        }
                        span { class: "muted text-xs num", "{file.file_size}" }
                    }
                }
            }
            td {
                span { class: "truncate", "{place}" }
            }
            td {
                span { class: "member-text",
                    span { class: "truncate", "{file.attachment.deleted_by}" }
                    span { class: "muted text-xs",
                        When { at: file.attachment.deleted_at, style: WhenStyle::Ago }
                        if file.deleted_with_message {
                            ", with its message"
                        }
                    }
                }
            }
            td {
                span { class: "row-actions",
                    if file.deleted_with_message {
                        // It is restored with its message, in the conversation.
                        NavLink { class: "btn btn-sm", to: "/inbox/{file.channel.id}#m-{file.message_id}", label: "Go to the message of {name}", "Go to message" }
                    } else {
                        button {
                            class: "btn btn-sm",
                            r#type: "button",
                            "aria-label": "Restore {name}",
                            disabled: !hydrated,
                            onclick: move |_| on_restore(to_restore.clone()),
                            "Restore"
                        }
                    }
                    button {
                        class: "btn btn-sm btn-danger-quiet",
                        r#type: "button",
                        "aria-label": "Delete {name} permanently",
                        disabled: !hydrated,
                        onclick: move |_| on_purge(to_purge.clone()),
                        "Delete permanently"
                    }
                }
            }
        }
    }
}
