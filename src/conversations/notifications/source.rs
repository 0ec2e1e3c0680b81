//! Shows a notification for each new message that should notify the member. Of all tabs, only the one that has the event
//! stream does so, after it has asked the others whether the conversation is in view there.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use dioxus::prelude::*;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::decision::{Listener, Notice};
use super::settings::has_sound;
use crate::app::Route;
use crate::channels::conversations::Conversations;
use crate::channels::model::{Channel, Conversation, Preview};
use crate::conversations::messages::api::get_message;
use crate::conversations::messages::model::{AuthorKind, Message};
use crate::ids::{ChannelId, MemberId, MessageId};
use crate::live_event::{LiveEvent, Received};
use crate::people::organizations::model::SessionInfo;
use crate::platform::browser;
use crate::platform::live::{Connection, use_live};

/// How long the other tabs have to respond, in milliseconds. A tab in the background responds late, but nobody looks at it.
const ANSWER_TIMEOUT: i32 = 300;
/// Number of messages that are not notified a second time: an event can arrive twice.
const REMEMBERED_MAX: usize = 100;

/// What tabs post to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Word {
    /// Asks whether the conversation of a message is in view.
    Ask { channel: ChannelId, message: MessageId },
    /// It is.
    InView { message: MessageId },
}

/// A report of the browser.
enum Signal {
    Word(Word),
    /// A notification was clicked.
    Clicked(ChannelId, MessageId),
}

/// The notifications of a tab.
#[derive(Clone, Copy)]
struct Notifications {
    session: dioxus::prelude::Signal<Rc<SessionInfo>>,
    conversations: Conversations,
    /// The conversation that this tab shows.
    shown: CopyValue<Option<ChannelId>>,
    /// The messages that the other tabs were asked about, and whether one of them has the conversation in view.
    asked: CopyValue<HashMap<MessageId, bool>>,
    /// The last messages that this tab has handled.
    handled: CopyValue<VecDeque<MessageId>>,
    tabs: CopyValue<Option<browser::TabChannel>>,
    signals: CopyValue<Option<UnboundedSender<Signal>>>,
}

/// Shows notifications, while the app is open.
#[component]
pub fn NotificationSource() -> Element {
    let connection: Connection = use_context();
    let (session, conversations) = (use_context(), use_context());
    let mut notifications = use_hook(|| Notifications {
        session,
        conversations,
        shown: CopyValue::new(None),
        asked: CopyValue::new(HashMap::new()),
        handled: CopyValue::new(VecDeque::new()),
        tabs: CopyValue::new(None),
        signals: CopyValue::new(None),
    });
    let shown = match use_route::<Route>() {
        Route::ConversationPage { channel, .. } => Some(channel),
        _ => None,
    };
    if *notifications.shown.peek() != shown {
        notifications.shown.set(shown);
    }
    use_effect(move || {
        let (sender, signals) = unbounded();
        let page = connection.page();
        // Tabs of another session or member have another name.
        let name = format!("attache-notifications/{}/{}", page.session, page.member);
        let words = sender.clone();
        notifications.tabs.set(browser::TabChannel::open(&name, move |text| {
            if let Ok(word) = serde_json::from_slice(text.as_bytes()) {
                let _ = words.unbounded_send(Signal::Word(word));
            }
        }));
        notifications.signals.set(Some(sender));
        spawn(notifications.run(signals));
    });
    use_live(move |received: Received| {
        if let LiveEvent::MessageCreated { channel_id, message_id } = received.event
            && connection.leads()
            && notifications.is_first(message_id)
            && let Some(row) = received.conversation.and_then(crate::live_event::ConversationRow::read::<Conversation>)
        {
            spawn(notifications.hear(channel_id, message_id, row));
        }
    });
    rsx! {}
}

impl Notifications {
    async fn run(mut self, mut signals: UnboundedReceiver<Signal>) {
        while let Some(signal) = signals.next().await {
            match signal {
                Signal::Word(Word::Ask { channel, message }) if self.has_in_view(channel) => {
                    self.post(&Word::InView { message });
                }
                Signal::Word(Word::Ask { .. }) => {}
                Signal::Word(Word::InView { message }) => {
                    if let Some(is_in_view) = self.asked.write().get_mut(&message) {
                        *is_in_view = true;
                    }
                }
                Signal::Clicked(channel, message) => {
                    navigator().push(Route::message(channel, message).href());
                }
            }
        }
    }

    /// Records a message. Returns whether it is new to this tab.
    fn is_first(mut self, message: MessageId) -> bool {
        let mut handled = self.handled.write();
        if handled.contains(&message) {
            return false;
        }
        if handled.len() == REMEMBERED_MAX {
            handled.pop_front();
        }
        handled.push_back(message);
        true
    }

    /// Handles a message, with the row of its conversation at the time of its event.
    async fn hear(mut self, channel: ChannelId, message: MessageId, row: Conversation) {
        // It was read before the event arrived.
        if row.unread_count == 0 {
            return;
        }
        let me = self.session.peek().member_id;
        let preview = match row.last_message {
            Some(last) if last.id == message => last,
            // Another one came right after it.
            _ => match get_message(message).await {
                Ok(message) => preview(message, me),
                Err(_) => return,
            },
        };
        let about = self.session.peek().notify_about;
        let listener = Listener { about, muted: row.channel.muted, assigned: row.assigned };
        let Some(notice) = listener.notice(&row.channel, &preview) else { return };
        if self.has_in_view(channel) {
            return;
        }
        self.asked.write().insert(message, false);
        self.post(&Word::Ask { channel, message });
        browser::sleep(ANSWER_TIMEOUT).await;
        let is_in_view = self.asked.write().remove(&message).unwrap_or_default() || self.has_in_view(channel);
        if !is_in_view && !self.conversations.is_read(channel) {
            self.show(&row.channel, message, &notice);
        }
    }

    fn show(self, channel: &Channel, message: MessageId, notice: &Notice) {
        let (signals, channel) = (self.signals.peek().clone(), channel.id);
        browser::notify(&notice.notification, move || {
            if let Some(signals) = signals {
                let _ = signals.unbounded_send(Signal::Clicked(channel, message));
            }
        });
        if notice.has_sound && has_sound() {
            browser::play_sound();
        }
    }

    /// Returns whether this tab is visible and shows a conversation.
    fn has_in_view(self, channel: ChannelId) -> bool {
        *self.shown.peek() == Some(channel) && browser::is_visible()
    }

    fn post(self, word: &Word) {
        if let (Some(tabs), Ok(text)) = (&*self.tabs.peek(), serde_json::to_string(word)) {
            tabs.post(&text);
        }
    }
}

/// Returns a message as the list shows it.
fn preview(message: Message, me: MemberId) -> Preview {
    let own = message.author.kind == AuthorKind::Member && message.author.id == me.0;
    let author = match message.author.kind {
        AuthorKind::Member => message.author.name.split_whitespace().next().map(str::to_owned),
        AuthorKind::Token => Some(message.author.name.clone()),
        AuthorKind::Contact | AuthorKind::Visitor => None,
    };
    let first = message.attachments.first();
    Preview {
        id: message.id,
        text: message.plain_body().chars().take(200).collect(),
        own,
        author: author.filter(|_| !own),
        created_at: message.created_at,
        deleted: message.deleted.is_some(),
        title: message.title,
        delivery_type: message.delivery_type,
        mentioned: message.mentions.iter().any(|mention| mention.id == me),
        attachment_count: i64::try_from(message.attachments.len() + message.hidden_attachments).unwrap_or(i64::MAX),
        content_type: first.map(|file| file.content_type.clone()),
        file_name: first.map(|file| file.file_name.to_string()),
    }
}
