//! A message in the feed.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::{Ellipsis, Paperclip};

use super::active_message::use_active_message;
use super::delivery_line::DeliveryLine;
use super::editing::{EditAction, EditForm, use_edited};
use super::folding::FoldedText;
use super::forwarding::ForwardAction;
use super::marking::UnreadAction;
use super::reactions::{AddReaction, Reactions};
use super::removal::RemovalActions;
use super::replying::{QuoteLink, ReplyAction};
use crate::app::Route;
use crate::conversations::file_requests::components::FileRequestCard;
use crate::conversations::messages::model::{AuthorKind, Message};
use crate::files::attachments::components::{AttachmentList, DeletedFiles, RemoteFiles};
use crate::files::sharing::components::ShareMessage;
use crate::ids::AttachmentId;
use crate::platform::timestamp::Timestamp;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Avatar, AvatarKind, CopyLink, Tombstone, When, use_moments};

/// `first` of its group shows author and time. `on_open` is called with the file to show in the lightbox.
#[component]
pub fn MessageEntry(message: Rc<Message>, first: bool, on_open: EventHandler<AttachmentId>) -> Element {
    let shows_actions = use_signal(|| false);
    let (has_toolbar, active) = use_active_message(message.id);
    let id = message.id;
    let kind = match message.author.kind {
        AuthorKind::Member | AuthorKind::Token => AvatarKind::Member,
        AuthorKind::Contact | AuthorKind::Visitor => AvatarKind::Contact,
    };
    let anchor = format!("m-{}", message.id);
    let content = format!("{anchor}-content");
    let at = use_moments()(message.created_at);
    let is_edited = use_edited(&message);
    rsx! {
        article {
            class: "entry",
            id: anchor,
            "data-first": if first { "" },
            "data-row": "",
            "data-component": "MessageEntry",
            "aria-label": "{message.author.name}, {at.time()}",
            "aria-describedby": "{content}",
            onmouseenter: move |_| active.hover(id),
            onfocusin: move |_| active.focus(id),
            if first {
                Avatar { kind, id: message.author.id, name: message.author.name.clone(), picture: message.author.avatar_url.clone() }
            } else {
                When { at: message.created_at, style: WhenStyle::Time, class: "entry-gutter" }
            }
            div { id: "{content}",
                if first {
                    div { class: "entry-head",
                        span { class: "entry-name", "{message.author.name}" }
                        When { at: message.created_at, style: WhenStyle::Time, class: "entry-time" }
                        More { open: shows_actions }
                    }
                } else {
                    More { open: shows_actions }
                }
                if let Some(quote) = &message.reply_to {
                    QuoteLink { channel: message.channel_id, quote: (**quote).clone() }
                }
                if let Some(title) = &message.title {
                    h3 { class: "entry-title", dir: "auto", "translate": "yes", "{title}" }
                }
                if let Some(subtitle) = &message.subtitle {
                    p { class: "entry-subtitle muted", dir: "auto", "translate": "yes", "{subtitle}" }
                }
                if let Some(deletion) = &message.deleted {
                    Tombstone { what: "This message", by: deletion.by.clone(), at: deletion.at }
                }
                if is_edited {
                    EditForm { message: message.clone() }
                } else if !message.body.is_empty() {
                    FoldedText { id, text: message.body.clone(), mentions: message.mentions.clone() }
                }
                if let Some(edited_at) = message.edited_at.filter(|_| message.deleted.is_none()) {
                    EditedLine { at: edited_at }
                }
                if let Some(request) = &message.file_request {
                    FileRequestCard { request: (**request).clone() }
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
                if let Some(delivery) = &message.delivery {
                    DeliveryLine { delivery: delivery.clone() }
                }
                if !message.reactions.is_empty() {
                    Reactions { message: message.id, reactions: message.reactions.clone() }
                }
            }
            if has_toolbar() || shows_actions() {
                div { class: "entry-actions", role: "toolbar", "aria-label": "Actions", "data-open": if shows_actions() { "" },
                    if message.deleted.is_none() {
                        AddReaction { message: id }
                    }
                    ReplyAction { message: message.clone() }
                    ForwardAction { message: message.clone() }
                    EditAction { message: message.clone() }
                    CopyLink { path: Route::message(message.channel_id, id).href() }
                    UnreadAction { message: message.clone() }
                    ShareMessage { id, files: message.attachments.clone() }
                    RemovalActions { message: message.clone() }
                }
            }
        }
    }
}

/// Says when a message was last edited.
#[component]
pub fn EditedLine(at: Timestamp) -> Element {
    let moment = use_moments()(at);
    let is_today = moment.short() == moment.time();
    rsx! {
        p { class: "entry-edited",
            "Edited "
            When { at, style: if is_today { WhenStyle::Time } else { WhenStyle::DayAndTime } }
        }
    }
}

/// Shows the actions on touch devices, which can't hover.
#[component]
pub fn More(open: Signal<bool>) -> Element {
    let mut open = open;
    rsx! {
        button {
            class: "icon-btn icon-btn-sm entry-more",
            r#type: "button",
            "aria-label": "More",
            "aria-expanded": if open() { "true" } else { "false" },
            onclick: move |_| open.toggle(),
            Ellipsis { class: "icon" }
        }
    }
}
