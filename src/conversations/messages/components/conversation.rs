//! An open conversation: header, feed, composer and panel.

use std::rc::Rc;

use dioxus::prelude::*;

use super::assignment::use_assigning;
use super::contact_panel::{self, SidePanel};
use super::conversation_header::ConversationHeader;
use super::conversation_page::is_not_open;
use super::editing::use_editing;
use super::feed::Feed;
use super::feed_opening::{FeedMarks, use_feed};
use super::forwarding::ForwardingDialog;
use super::gateway_notice::GatewayNotice;
use super::message_search::MessageSearchPanel;
use super::panel_parts::{Begun, PanelParts, use_panel_parts};
use super::recent_conversations::{Epoch, RecentConversations};
use super::removal::{RemovalDialog, use_file_actions};
use super::replying::use_replying;
use super::{CommunicationFeed, Composer};
use crate::channels::api::get_channel;
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::buckets::components::BucketFooter;
use crate::conversations::messages::components::drop_zone::DropZone;
use crate::conversations::messages::components::pending_message::PendingMessages;
use crate::conversations::messages::model::Message;
use crate::conversations::messages::outbox::Outbox;
use crate::conversations::opening::api::open_conversation;
use crate::conversations::opening::model::{OpenedConversation, PanelContents};
use crate::files::quotas::components::use_storage_room;
use crate::files::quotas::model::StorageRoom;
use crate::files::sharing::components::SharingDialog;
use crate::files::uploads::draft::Drafts;
use crate::files::uploads::queue::UploadQueue;
use crate::ids::MessageId;
use crate::live_event::{LiveEvent, use_live};
use crate::people::contacts::api::get_contact;
use crate::people::contacts::model::Contact;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::error::{AppError, Result};
use crate::ui::{Latest, PageTitle, PanelOpen, ScrollPosition, use_latest};

/// Maximum delay before the next request, in milliseconds.
const PAUSE_MAX: i32 = 30_000;

/// A conversation as it opens.
#[derive(Clone, PartialEq)]
pub struct Opening {
    pub opened: Rc<OpenedConversation>,
    /// Whether it was kept in the page's memory. The page then requests what has changed.
    pub is_kept: bool,
    /// When it was loaded first.
    pub epoch: Epoch,
    /// The message to open the feed at, if not at its end.
    pub at: Option<MessageId>,
    /// Where the feed was left.
    pub left: Option<ScrollPosition>,
}

/// The parts of a conversation that the server's response replaces.
#[derive(Clone, Copy)]
struct Parts {
    channel: Signal<Channel>,
    contact: Latest<Contact>,
    feed: Feed,
    marks: Signal<FeedMarks>,
    panel: PanelParts,
    room: Signal<StorageRoom>,
}

impl Parts {
    /// Asks the server for everything again, until it responds, and shows it.
    ///
    /// # Errors
    /// If the member can't view the conversation any more.
    async fn refresh(self) -> Result<(), AppError> {
        let id = self.feed.channel;
        let mut pause = 1000;
        loop {
            let (asked, contact, panel) = (self.feed.ask(), self.contact.begin(), self.panel.begin());
            match open_conversation(id, None, Some(true)).await {
                Ok(fresh) => {
                    let Self { mut channel, mut marks, .. } = self;
                    channel.set(fresh.channel);
                    marks.set(FeedMarks::from(&fresh.feed));
                    self.contact.show(contact, fresh.contact);
                    self.feed.replace_kept(asked, fresh.feed);
                    self.show_panel(panel, fresh.panel.unwrap_or_default());
                    return Ok(());
                }
                Err(error) if is_not_open(&error) => return Err(error),
                Err(error) => {
                    browser::sleep_or_online(pause.max(error.retry_after_ms())).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    fn show_panel(self, begun: Begun, contents: PanelContents) {
        let Self { mut room, panel, .. } = self;
        if let Some(storage) = contents.storage {
            room.set(storage);
        }
        panel.show(begun, contents);
    }

    /// Returns what to keep when the page closes; `None` if a part is outdated.
    fn to_keep(self) -> Option<OpenedConversation> {
        let channel = self.channel.peek().clone();
        let contact = if channel.contact_id.is_some() { Some(self.contact.settled()?) } else { None };
        let feed = self.feed.to_keep(self.marks.peek().replies_stay)?;
        let panel = PanelContents { storage: Some(*self.room.peek()), ..self.panel.to_keep() };
        Some(OpenedConversation { channel, contact, feed, panel: Some(panel) })
    }
}

fn use_parts(opening: &Opening, drafts: Drafts) -> Parts {
    let Opening { opened, at, left, .. } = opening;
    let session = use_session();
    let id = opened.channel.id;
    let panel = opened.panel.as_ref();
    let storage = panel.and_then(|panel| panel.storage);
    Parts {
        channel: use_signal(|| opened.channel.clone()),
        contact: use_latest(|| opened.contact.clone()),
        marks: use_signal(|| FeedMarks::from(&opened.feed)),
        feed: use_feed(id, &opened.feed, *at, at.is_none() && left.is_none()),
        panel: use_panel_parts(panel),
        room: use_storage_room(session.max_upload_size, storage, move || drafts.read(id).uploads.len()),
    }
}

/// Keeps the conversation when its page closes, and requests what has changed if it was kept before. `on_closed` is called if
/// the member can't view it any more.
fn use_kept(parts: &Parts, opening: &Opening, on_closed: EventHandler<AppError>) {
    let parts = *parts;
    let mut recent: RecentConversations = use_context();
    let (epoch, is_kept) = (opening.epoch, opening.is_kept);
    let mut is_fresh = use_signal(|| !is_kept);
    use_hook(|| {
        if is_kept {
            spawn(async move {
                match parts.refresh().await {
                    Ok(()) => is_fresh.set(true),
                    Err(error) => {
                        recent.clear();
                        on_closed(error);
                    }
                }
            });
        }
    });
    use_drop(move || {
        // Otherwise the copy from before is still there, unless it is outdated.
        if *is_fresh.peek()
            && let Some(opened) = parts.to_keep()
        {
            recent.keep(epoch, opened);
        }
    });
}

#[component]
pub fn Conversation(opening: Opening, on_closed: EventHandler<AppError>) -> Element {
    let session = use_session();
    let drafts: Drafts = use_context();
    let parts = use_parts(&opening, drafts);
    use_kept(&parts, &opening, on_closed);
    let Parts { channel, contact, feed, marks, panel, room } = parts;
    let Opening { at, left, .. } = opening;
    let id = feed.channel;
    let contact_id = channel.peek().contact_id;
    use_live(move |event: LiveEvent| {
        let mut channel = channel;
        let is_changed = matches!(
            event,
            LiveEvent::ChannelChanged { channel_id } | LiveEvent::ChannelMuted { channel_id, .. } if channel_id == id
        );
        if is_changed {
            spawn(async move {
                if let Ok(fresh) = get_channel(id).await {
                    channel.set(fresh);
                }
            });
        }
        let Some(current) = contact_id else { return };
        let changes_contact = matches!(event, LiveEvent::ContactUpdated { contact_id, .. } if contact_id == current);
        // A removed member is no longer assigned.
        if event.changes_access() || changes_contact {
            spawn(contact.reload(get_contact(current)));
        }
    });
    use_file_actions();
    use_editing(feed);
    use_replying(feed, drafts);
    let contact = contact.value;
    let assigning = use_assigning(contact);
    let name = contact.read().as_ref().map_or_else(|| channel.read().name.clone(), Contact::display_name);
    let channel = Channel { name: name.clone(), ..channel() };
    // Sent messages, passed to the feed before their event arrives.
    let mut sent = use_signal(Vec::<Message>::new);
    let outbox: Outbox = use_context();
    use_effect(move || {
        let arrived = outbox.take(id);
        if !arrived.is_empty() {
            sent.write().extend(arrived);
        }
    });
    let queue = UploadQueue { drafts, channel: id, room };
    let may_upload = session.may(Permission::AttachmentUpload);
    let is_bucket = channel.kind == ChannelKind::Bucket;
    let PanelOpen(panel_open) = use_context();
    let title = if channel.kind == ChannelKind::Team { format!("#{name}") } else { name.clone() };
    rsx! {
        PageTitle { text: "{title}" }
        DropZone { queue, recipient: title.clone(), enabled: !is_bucket && may_upload && session.may(Permission::MessageSend),
            ConversationHeader { channel: channel.clone(), contact: contact(), assigning }
            MessageSearchPanel { channel: id, at }
            CommunicationFeed { channel: channel.clone(), contact: contact(), feed, marks, at, left, sent,
                PendingMessages { queue }
            }
            if is_bucket {
                BucketFooter { on_how: move |()| contact_panel::show(id, panel_open) }
            } else {
                if marks.read().replies_stay && session.may(Permission::MessageSend) {
                    GatewayNotice { channel: channel.clone() }
                }
                Composer { queue, recipient: title, sent, at_message: at.is_some() }
            }
        }
        SidePanel { channel, contact, assigning, parts: panel }
        RemovalDialog {}
        SharingDialog {}
        ForwardingDialog {}
    }
}
