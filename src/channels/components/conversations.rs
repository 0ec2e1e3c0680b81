//! The conversations that this person sees, kept current by live events.

use dioxus::prelude::*;

use crate::channels::api::list_conversations;
use crate::channels::live::{LiveEvent, use_live};
use crate::channels::model::{ChannelKind, Conversation};
use crate::platform::error::{AppError, Result};
use crate::ui::browser;

/// How long to gather events before the lists are fetched again, in milliseconds.
const GATHER: i32 = 150;

type List = Resource<Result<Vec<Conversation>, AppError>>;

/// Both lists. `None` while they are on their way.
#[derive(Clone, Copy)]
pub struct Conversations {
    pub contacts: List,
    pub team: List,
}

impl Conversations {
    pub fn reload(mut self) {
        self.contacts.restart();
        self.team.restart();
    }
}

/// Loads the lists, for all below.
pub fn use_conversations() {
    let contacts = use_server_future(|| list_conversations(ChannelKind::Contact, None, None));
    let team = use_server_future(|| list_conversations(ChannelKind::Team, None, None));
    let (Ok(contacts), Ok(team)) = (contacts, team) else { return };
    let conversations = use_context_provider(|| Conversations { contacts, team });
    let mut gathering = use_signal(|| false);
    use_live(move |event: LiveEvent| {
        if gathering() {
            return;
        }
        gathering.set(true);
        let _ = event;
        spawn(async move {
            browser::sleep(GATHER).await;
            gathering.set(false);
            conversations.reload();
        });
    });
}

/// How many messages are unread in all.
pub fn use_unread_total() -> i64 {
    let conversations: Conversations = use_context();
    let count = |list: List| match &*list.read() {
        Some(Ok(rows)) => rows.iter().map(|row| row.unread_count).sum(),
        _ => 0,
    };
    count(conversations.contacts) + count(conversations.team)
}
