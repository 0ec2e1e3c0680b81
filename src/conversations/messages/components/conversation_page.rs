//! The page of a conversation, with its panel.

use dioxus::prelude::*;
use lucide_dioxus::MessageSquareOff;

use super::assignment::use_assigning;
use super::contact_panel::{self, SidePanel};
use super::conversation_header::ConversationHeader;
use super::gateway_notice::GatewayNotice;
use super::message_search::MessageSearchPanel;
use super::removal::{RemovalDialog, use_file_actions};
use super::scroll_position::{message_at, use_scroll_position};
use super::{CommunicationFeed, Composer};
use crate::app::Route;
use crate::channels::api::get_channel;
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::buckets::components::BucketFooter;
use crate::conversations::messages::api::load_feed;
use crate::conversations::messages::components::drop_zone::DropZone;
use crate::conversations::messages::components::pending_message::PendingMessages;
use crate::conversations::messages::model::{FeedPage, Message};
use crate::conversations::messages::outbox::Outbox;
use crate::files::quotas::components::use_storage_room;
use crate::files::sharing::components::SharingDialog;
use crate::files::uploads::draft::Drafts;
use crate::files::uploads::queue::UploadQueue;
use crate::ids::{ChannelId, MessageId};
use crate::live_event::{LiveEvent, use_live};
use crate::people::contacts::api::get_contact;
use crate::people::contacts::model::Contact;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::ui::{
    EmptyState, ErrorState, FeedSkeleton, NavLink, PageTitle, PanelOpen, ScrollPosition, use_loaded, use_refresh,
};

/// `panel` is `open` where the side panel is a page of its own. `message` is the id of the message to open the feed at.
#[component]
pub fn ConversationPage(channel: ChannelId, panel: String, message: String) -> Element {
    let _ = panel;
    let sees_files = use_session().may(Permission::MessageViewAttachment);
    let at: Option<MessageId> = message.parse().ok();
    rsx! {
        // Keys only distinguish siblings: in a list of one, another conversation gets a new feed. So does this one when
        // the permission to view files changes.
        for id in [channel] {
            SuspenseBoundary {
                key: "{id} {message} {sees_files}",
                fallback: |_| rsx! {
                    main { class: "pane conv", "aria-label": "Conversation",
                        header { class: "pane-head" }
                        FeedSkeleton {}
                    }
                },
                LoadedConversation { id, at }
            }
        }
    }
}

type Loaded = (Channel, Option<Contact>, FeedPage);

/// `at` is the message to open the feed at, if not at its end.
async fn load(id: ChannelId, at: Option<MessageId>) -> Result<Loaded, AppError> {
    let channel = get_channel(id).await?;
    let contact = match channel.contact_id {
        Some(contact) => Some(get_contact(contact).await?),
        None => None,
    };
    Ok((channel, contact, load_feed(id, None, at).await?))
}

fn is_not_open(error: &AppError) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden)
}

#[component]
fn LoadedConversation(id: ChannelId, at: Option<MessageId>) -> Element {
    let left = use_scroll_position(id).filter(|_| at.is_none());
    let around = at.or_else(|| left.as_ref().and_then(message_at));
    let loaded = use_loaded(move || load(id, around))?;
    // Why the conversation was closed while it was open.
    let mut closed = use_signal(|| None::<AppError>);
    use_live(move |event: LiveEvent| {
        if !event.changes_access() {
            return;
        }
        spawn(async move {
            match get_channel(id).await {
                Err(error) if is_not_open(&error) => closed.set(Some(error)),
                Ok(_) if closed.peek().is_some() || matches!(loaded.get::<Loaded>(), Some(Err(_))) => {
                    closed.set(None);
                    loaded.reload();
                }
                _ => {}
            }
        });
    });
    let result = match closed() {
        Some(error) => Some(Err(error)),
        None => loaded.get::<Loaded>(),
    };
    match result {
        Some(Ok((channel, contact, page))) => rsx! {
            Conversation { channel, contact, page, at, left }
        },
        Some(Err(error)) if is_not_open(&error) => rsx! {
            PageTitle { text: "No access" }
            main { class: "pane conv conv-none", "aria-label": "Conversation",
                EmptyState {
                    icon: rsx! {
                        MessageSquareOff { class: "icon" }
                    },
                    title: "You don't have access to this conversation",
                    text: error.message,
                    BackToInbox {}
                }
            }
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
fn BackToInbox() -> Element {
    rsx! {
        NavLink { class: "btn", to: Route::InboxPage {}.href(), "Back to the inbox" }
    }
}

#[component]
fn Conversation(
    channel: Channel,
    contact: Option<Contact>,
    page: FeedPage,
    at: Option<MessageId>,
    left: Option<ScrollPosition>,
) -> Element {
    let session = use_session();
    let id = channel.id;
    let contact = use_signal(|| contact.clone());
    let contact_id = contact.peek().as_ref().map(|contact| contact.id);
    let refresh = use_refresh(contact, move || async move {
        match contact_id {
            Some(id) => get_contact(id).await.map(Some),
            None => Ok(None),
        }
    });
    use_live(move |event: LiveEvent| {
        let Some(current) = contact_id else { return };
        let changes_contact = matches!(event, LiveEvent::ContactUpdated { contact_id, .. } if contact_id == current);
        // A removed member is no longer assigned.
        if event.changes_access() || changes_contact {
            refresh(());
        }
    });
    use_file_actions();
    let assigning = use_assigning(contact);
    let name = contact.read().as_ref().map_or_else(|| channel.name.clone(), Contact::display_name);
    let channel = Channel { name: name.clone(), ..channel };
    // Sent messages, passed to the feed before their event arrives.
    let mut sent = use_signal(Vec::<Message>::new);
    let outbox: Outbox = use_context();
    use_effect(move || {
        let arrived = outbox.take(id);
        if !arrived.is_empty() {
            sent.write().extend(arrived);
        }
    });
    let drafts: Drafts = use_context();
    let room = use_storage_room(session.max_upload_size, move || drafts.read(id).uploads.len());
    let queue = UploadQueue { drafts, channel: id, room };
    let may_upload = session.may(Permission::AttachmentUpload);
    let replies_stay = page.replies_stay;
    let is_bucket = channel.kind == ChannelKind::Bucket;
    let PanelOpen(panel_open) = use_context();
    let title = if channel.kind == ChannelKind::Team { format!("#{name}") } else { name.clone() };
    rsx! {
        PageTitle { text: "{title}" }
        DropZone { queue, recipient: title.clone(), enabled: !is_bucket && may_upload && session.may(Permission::MessageSend),
            ConversationHeader { channel: channel.clone(), contact: contact(), assigning }
            MessageSearchPanel { channel: id, at }
            CommunicationFeed { channel: channel.clone(), contact: contact(), page, at, left, sent,
                PendingMessages { queue }
            }
            if is_bucket {
                BucketFooter { on_how: move |()| contact_panel::show(id, panel_open) }
            } else {
                if replies_stay && session.may(Permission::MessageSend) {
                    GatewayNotice { channel: channel.clone() }
                }
                Composer { queue, recipient: title, sent, at_message: at.is_some() }
            }
        }
        SidePanel { channel, contact, assigning }
        RemovalDialog {}
        SharingDialog {}
    }
}
