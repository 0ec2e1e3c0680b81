//! Deleting from the feed, with a confirmation and an undo.

use std::rc::Rc;

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use lucide_dioxus::{Trash, Undo2};

use super::forwarding::use_forwarding;
use crate::conversations::messages::api::{delete_message, restore_message};
use crate::conversations::messages::forward::Forwarded;
use crate::conversations::messages::model::{AuthorKind, Message};
use crate::files::attachments::api::{delete_attachment, restore_attachment};
use crate::files::attachments::components::FileActions;
use crate::files::attachments::model::Attachment;
use crate::files::sharing::components::use_sharing;
use crate::ids::MessageId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::error::{AppError, Result};
use crate::platform::json::NoBody;
use crate::ui::{ConfirmDialog, FileLabel, Toasts, use_hydrated, use_submit, use_toast};

/// What to delete after the confirmation.
#[derive(Clone, PartialEq)]
pub enum PendingDelete {
    File(Attachment),
    Message(Message),
}

impl PendingDelete {
    async fn delete(&self) -> Result<(), AppError> {
        match self {
            Self::File(file) => delete_attachment(file.id).await,
            Self::Message(message) => delete_message(message.id).await,
        }
    }

    async fn restore(&self) -> Result<(), AppError> {
        match self {
            Self::File(file) => restore_attachment(file.id, NoBody).await,
            Self::Message(message) => restore_message(message.id, NoBody).await,
        }
    }

    fn is_deleted(&self) -> String {
        match self {
            Self::File(file) => format!("{} was deleted.", file.label()),
            Self::Message(_) => "The message was deleted.".to_owned(),
        }
    }
}

/// Opens the confirmation.
#[derive(Clone, Copy)]
pub struct Removal(Signal<Option<PendingDelete>>);

impl Removal {
    fn ask(mut self, pending: PendingDelete) {
        self.0.set(Some(pending));
    }
}

/// Provides deleting, sharing and forwarding to the components below the caller, which renders the [`RemovalDialog`], the
/// [`SharingDialog`](crate::files::sharing::components::SharingDialog) and the
/// [`ForwardingDialog`](super::forwarding::ForwardingDialog).
pub fn use_file_actions() {
    let removal = use_context_provider(|| Removal(Signal::new(None)));
    let sharing = use_sharing();
    let forwarding = use_forwarding();
    let delete = use_callback(move |file| removal.ask(PendingDelete::File(file)));
    let share = use_callback(move |file: Attachment| sharing.share_file(&file));
    let forward = use_callback(move |file| forwarding.begin(Forwarded::File(Box::new(file))));
    use_context_provider(|| FileActions { delete, share, forward });
}

#[component]
pub fn RemovalDialog() -> Element {
    let Removal(mut asked) = use_context();
    match asked() {
        Some(pending) => rsx! {
            RemovalQuestion { pending, on_close: move |()| asked.set(None) }
        },
        None => rsx! {},
    }
}

#[component]
fn RemovalQuestion(pending: PendingDelete, on_close: EventHandler<()>) -> Element {
    let toast = use_toast();
    let submit = use_submit();
    let (title, text) = match &pending {
        PendingDelete::File(file) => (
            format!("Delete {}?", file.label()),
            "It will be removed for everyone. An admin can restore it.".to_owned(),
        ),
        PendingDelete::Message(message) => (
            "Delete this message?".to_owned(),
            if message.attachments.is_empty() {
                "It will be removed for everyone. An admin can restore it.".to_owned()
            } else {
                "It will be removed for everyone, along with its files. An admin can restore it.".to_owned()
            },
        ),
    };
    let files = match &pending {
        PendingDelete::File(_) => Vec::new(),
        PendingDelete::Message(message) => message.attachments.clone(),
    };
    let confirm = move |()| {
        let pending = pending.clone();
        async move {
            let done = submit.track(pending.delete()).await;
            on_close(());
            match done {
                Ok(()) => offer_undo(toast, pending),
                Err(error) => toast.show(error.message),
            }
        }
    };
    rsx! {
        ConfirmDialog { title, text, confirm: "Delete", busy: submit.is_busy(), on_confirm: confirm, on_close,
            if !files.is_empty() {
                ul { class: "dialog-list",
                    for file in files {
                        li { key: "{file.id}",
                            FileLabel { name: file.label() }
                            span { class: "num", "{file.file_size}" }
                        }
                    }
                }
            }
        }
    }
}

fn offer_undo(toast: Toasts, pending: PendingDelete) {
    toast.offer(pending.is_deleted(), "Undo", move || {
        let pending = pending.clone();
        spawn_forever(async move {
            if let Err(error) = pending.restore().await {
                toast.show(error.message);
            }
        });
    });
}

/// An action of a message: Delete, or, if it is deleted, Restore, with permission.
#[component]
pub fn RemovalActions(message: Rc<Message>) -> Element {
    let session = use_session();
    let removal: Removal = use_context();
    let toast = use_toast();
    let hydrated = use_hydrated();
    let own = message.author.kind == AuthorKind::Member && message.author.id == session.member_id.0;
    let may_delete_any = session.may(Permission::MessageDeleteAny);
    let id = message.id;
    if message.deleted.is_some() {
        return rsx! {
            if may_delete_any {
                button {
                    class: "icon-btn",
                    r#type: "button",
                    "aria-label": "Restore the message",
                    title: "Restore",
                    disabled: !hydrated,
                    onclick: move |_| restore(toast, id),
                    Undo2 { class: "icon" }
                }
            }
        };
    }
    rsx! {
        if own || may_delete_any {
            button {
                class: "icon-btn",
                r#type: "button",
                "aria-label": "Delete the message",
                title: "Delete",
                disabled: !hydrated,
                onclick: move |_| removal.ask(PendingDelete::Message((*message).clone())),
                Trash { class: "icon" }
            }
        }
    }
}

async fn restore(toast: Toasts, id: MessageId) {
    if let Err(error) = restore_message(id, NoBody).await {
        toast.show(error.message);
    }
}
