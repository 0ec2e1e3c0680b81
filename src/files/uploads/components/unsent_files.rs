//! The member's own complete files that were not sent, under Storage.

use dioxus::prelude::*;
use lucide_dioxus::Trash;

use crate::files::attachments::model::Attachment;
use crate::files::uploads::api::{remove_upload, unsent_uploads};
use crate::platform::error::AppError;
use crate::ui::{Column, FileLabel, SectionHead, Table, When, WhenStyle, use_toast};

/// Renders nothing if there are none.
#[component]
pub fn UnsentFiles() -> Element {
    let toasts = use_toast();
    let mut files = use_signal(Vec::<Attachment>::new);
    use_resource(move || async move {
        if let Ok(unsent) = unsent_uploads().await {
            files.set(unsent);
        }
    });
    let remove = move |file: Attachment| async move {
        match remove_upload(file.id).await {
            Ok(()) => files.retain(|other| other.id != file.id),
            Err(AppError { message, .. }) => toasts.show(message),
        }
    };
    if files.read().is_empty() {
        return rsx! {};
    }
    let listed = files();
    rsx! {
        section { class: "sec", "data-component": "UnsentFiles",
            SectionHead {
                title: "Not sent",
                text: "Files you attached but didn't send. They use storage until you send or remove them.",
            }
            Table {
                label: "Unsent files",
                class: "usage",
                columns: vec![
                    Column::Text("Name"),
                    Column::Text("Uploaded"),
                    Column::Number("Size"),
                    Column::Actions("Actions"),
                ],
                for file in listed {
                    tr { key: "{file.id}",
                        td { class: "usage-name",
                            FileLabel { name: file.label() }
                        }
                        td {
                            if let Some(at) = file.uploaded_at {
                                When { at, style: WhenStyle::Short }
                            }
                        }
                        td { class: "num", "{file.file_size}" }
                        td {
                            button {
                                class: "icon-btn",
                                r#type: "button",
                                "aria-label": "Remove {file.label()}",
                                title: "Remove",
                                onclick: {
                                    let file = file.clone();
                                    move |_| remove(file.clone())
                                },
                                Trash { class: "icon" }
                            }
                        }
                    }
                }
            }
        }
    }
}
