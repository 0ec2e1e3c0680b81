//! A program's message in a bucket.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::{BellOff, OctagonAlert, Paperclip};

use super::active_message::use_active_message;
use super::folding::FoldedText;
use super::forwarding::ForwardAction;
use super::marking::UnreadAction;
use super::message_entry::{EditedLine, More};
use super::removal::RemovalActions;
use crate::app::Route;
use crate::conversations::messages::model::{DeliveryType, Message};
use crate::files::attachments::components::{AttachmentList, DeletedFiles, RemoteFiles};
use crate::ids::AttachmentId;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{CopyLink, Tombstone, When, use_moments};

/// `on_open` is called with the file to show in the lightbox.
#[component]
pub fn NotificationEntry(message: Rc<Message>, unread: bool, on_open: EventHandler<AttachmentId>) -> Element {
    let shows_actions = use_signal(|| false);
    let (has_toolbar, active) = use_active_message(message.id);
    let id = message.id;
    let anchor = format!("m-{}", message.id);
    let content = format!("{anchor}-content");
    let at = use_moments()(message.created_at);
    let delivery = match message.delivery_type {
        DeliveryType::Normal => "normal",
        DeliveryType::Critical => "critical",
        DeliveryType::Silent | DeliveryType::NoPush => "silent",
    };
    let label = message.title.as_ref().map_or_else(|| message.author.name.clone(), Clone::clone);
    rsx! {
        article {
            class: "note",
            id: anchor,
            "data-component": "NotificationEntry",
            "data-row": "",
            "data-delivery": delivery,
            "data-unread": if unread { "" },
            "aria-label": "{label}, {at.time()}",
            "aria-describedby": "{content}",
            onmouseenter: move |_| active.hover(id),
            onfocusin: move |_| active.focus(id),
            When { at: message.created_at, style: WhenStyle::Time, class: "note-time" }
            div { id: "{content}",
                div { class: "note-head",
                    if delivery == "critical" {
                        span { class: "tag tag-danger",
                            OctagonAlert { class: "icon" }
                            "Critical"
                        }
                    }
                    if let Some(title) = &message.title {
                        h3 { class: "note-title", dir: "auto", "{title}" }
                    }
                    span { class: "note-from", "{message.author.name}" }
                    if delivery == "silent" {
                        span { class: "tag",
                            BellOff { class: "icon" }
                            "Silent"
                        }
                    }
                    More { open: shows_actions }
                }
                if let Some(subtitle) = &message.subtitle {
                    p { class: "note-subtitle", dir: "auto", "{subtitle}" }
                }
                if let Some(deletion) = &message.deleted {
                    Tombstone { what: "This message", by: deletion.by.clone(), at: deletion.at }
                }
                if !message.body.is_empty() {
                    div { class: "note-body",
                        FoldedText { id, text: message.body.clone(), mentions: message.mentions.clone() }
                    }
                }
                if let Some(edited_at) = message.edited_at.filter(|_| message.deleted.is_none()) {
                    EditedLine { at: edited_at }
                }
                if !message.attachments.is_empty() {
                    AttachmentList { message: message.id, attachments: message.attachments.clone(), on_open }
                }
                if !message.remote_files.is_empty() {
                    RemoteFiles { files: message.remote_files.clone() }
                }
                if !message.deleted_attachments.is_empty() {
                    DeletedFiles { files: message.deleted_attachments.clone() }
                }
                if message.hidden_attachments > 0 {
                    p { class: "tombstone",
                        Paperclip { class: "icon icon-14" }
                        "Your role can't view the attached files ({message.hidden_attachments})."
                    }
                }
            }
            if has_toolbar() || shows_actions() {
                div { class: "entry-actions", role: "toolbar", "aria-label": "Actions", "data-open": if shows_actions() { "" },
                    ForwardAction { message: message.clone() }
                    CopyLink { path: Route::message(message.channel_id, id).href() }
                    UnreadAction { message: message.clone() }
                    RemovalActions { message: message.clone() }
                }
            }
        }
    }
}
