//! The page of a conversation: loads it, or shows it as it was left.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::MessageSquareOff;

use super::conversation::{Conversation, Opening};
use super::conversation_header::ConversationHeader;
use super::recent_conversations::{Epoch, RecentConversations};
use super::scroll_position::{message_at, use_scroll_position};
use crate::app::Route;
use crate::channels::api::get_channel;
use crate::channels::conversations::Conversations;
use crate::channels::model::ChannelKind;
use crate::conversations::opening::api::open_conversation;
use crate::conversations::opening::model::OpenedConversation;
use crate::ids::{ChannelId, MessageId};
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::error::{AppError, ErrorKind};
use crate::ui::{EmptyState, ErrorState, FeedSkeleton, NavLink, PageTitle, ScrollPosition, use_loaded};

/// Whether to load the panel with the feed. A page that the server renders is smaller without it: the browser requests
/// it after that.
const WITH_PANEL: bool = cfg!(feature = "web");

/// `panel` is `open` where the side panel is a page of its own. `message` is the id of the message to open the feed at.
#[component]
pub fn ConversationPage(channel: ChannelId, panel: String, message: String) -> Element {
    let _ = panel;
    let sees_files = use_session().may(Permission::MessageViewAttachment);
    let mut reopened = use_signal(|| 0_u32);
    let at: Option<MessageId> = message.parse().ok();
    rsx! {
        // Keys only distinguish siblings: in a list of one, another conversation gets a new feed. So does this one when
        // the permission to view files changes, and when it can be viewed again.
        for id in [channel] {
            SuspenseBoundary {
                key: "{id} {message} {sees_files} {reopened}",
                fallback: move |_| rsx! {
                    LoadingConversation { id }
                },
                OpenConversation { id, at, on_reopen: move |()| reopened += 1 }
            }
        }
    }
}

/// Shows the header from the list while the conversation loads.
#[component]
fn LoadingConversation(id: ChannelId) -> Element {
    let conversations: Conversations = use_context();
    let channel = use_hook(|| conversations.channel(id));
    rsx! {
        main { class: "pane conv", "aria-label": "Conversation",
            if let Some(channel) = channel {
                ConversationHeader { channel, contact: None }
            } else {
                header { class: "pane-head" }
            }
            FeedSkeleton {}
        }
    }
}

pub fn is_not_open(error: &AppError) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden)
}

/// `at` is the message to open the feed at, if not at its end. `on_reopen` is called when the member can view the
/// conversation again.
#[component]
fn OpenConversation(id: ChannelId, at: Option<MessageId>, on_reopen: EventHandler<()>) -> Element {
    let recent: RecentConversations = use_context();
    let epoch = use_hook(|| recent.epoch());
    let left = use_scroll_position(id).filter(|_| at.is_none());
    let kept = use_hook(|| match at {
        Some(_) => None,
        None => recent.get(id, left.as_ref().and_then(message_at)),
    });
    let conversations: Conversations = use_context();
    // Without an assignment the conversation of a contact is forbidden. If it is not found, the contact was deleted.
    let is_contact = use_hook(|| conversations.channel(id).is_some_and(|channel| channel.kind == ChannelKind::Contact));
    // Why the conversation was closed while it was open.
    let mut closed = use_signal(|| None::<AppError>);
    use_live(move |event: LiveEvent| {
        if !event.changes_access() {
            return;
        }
        spawn(async move {
            match get_channel(id).await {
                Err(error) if is_not_open(&error) => closed.set(Some(error)),
                Ok(_) if closed.peek().is_some() => on_reopen(()),
                _ => {}
            }
        });
    });
    let on_closed = move |error| closed.set(Some(error));
    match (closed(), kept) {
        (Some(error), _) => rsx! {
            ClosedConversation { is_deleted: is_contact && error.kind == ErrorKind::NotFound, error }
        },
        (None, Some(opened)) => rsx! {
            Conversation { opening: Opening { opened, is_kept: true, epoch, at, left }, on_closed }
        },
        (None, None) => rsx! {
            LoadedConversation { id, at, left, epoch, on_closed }
        },
    }
}

#[component]
fn LoadedConversation(
    id: ChannelId,
    at: Option<MessageId>,
    left: Option<ScrollPosition>,
    epoch: Epoch,
    on_closed: EventHandler<AppError>,
) -> Element {
    let around = at.or_else(|| left.as_ref().and_then(message_at));
    let loaded = use_loaded(move || open_conversation(id, around, Some(WITH_PANEL)))?;
    let has_failed = move || matches!(loaded.get::<OpenedConversation>(), Some(Err(_)));
    use_live(move |event: LiveEvent| {
        if event.changes_access() && has_failed() {
            spawn(async move {
                if get_channel(id).await.is_ok() && has_failed() {
                    loaded.reload();
                }
            });
        }
    });
    match loaded.get::<OpenedConversation>() {
        Some(Ok(opened)) => rsx! {
            Conversation { opening: Opening { opened: Rc::new(opened), is_kept: false, epoch, at, left }, on_closed }
        },
        Some(Err(error)) if is_not_open(&error) => rsx! {
            ClosedConversation { error }
        },
        Some(Err(error)) => rsx! {
            main { class: "pane conv conv-none", "aria-label": "Conversation",
                ErrorState { title: "The conversation could not be loaded", text: error.message, on_retry: move |()| loaded.reload() }
                div { class: "state-back phone-only", BackToInbox {} }
            }
        },
        None => rsx! {},
    }
}

#[component]
fn ClosedConversation(error: AppError, #[props(default)] is_deleted: bool) -> Element {
    let (title, text) = if is_deleted {
        ("This contact was deleted", "The conversation, its messages and its files are gone.".to_owned())
    } else {
        ("You don't have access to this conversation", error.message)
    };
    rsx! {
        PageTitle { text: if is_deleted { "Deleted" } else { "No access" } }
        main { class: "pane conv conv-none", "aria-label": "Conversation",
            EmptyState {
                icon: rsx! {
                    MessageSquareOff { class: "icon" }
                },
                title,
                text,
                BackToInbox {}
            }
        }
    }
}

#[component]
fn BackToInbox() -> Element {
    rsx! {
        NavLink { class: "btn", to: Route::InboxPage {}.href(), "Back to the inbox" }
    }
}
