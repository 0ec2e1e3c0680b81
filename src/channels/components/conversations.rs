//! The conversations that this person sees, kept current by live events.

use dioxus::prelude::*;

use crate::channels::api::list_conversations;
use crate::channels::live::use_live;
use crate::channels::model::{ChannelKind, Conversation};
use crate::platform::error::{AppError, Result};
use crate::ui::browser;

/// How long to gather events before the lists are fetched again, in milliseconds.
const GATHER: i32 = 150;

/// What is in the lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lists {
    pub contacts: Vec<Conversation>,
    pub team: Vec<Conversation>,
}

/// The lists as they were last loaded: while they are loaded anew the old ones stand.
#[derive(Clone, Copy)]
pub struct Conversations {
    pub lists: Signal<Result<Lists, AppError>>,
}

impl Conversations {
    pub fn reload(self) {
        let mut lists = self.lists;
        spawn(async move {
            let fresh = load().await;
            // Rather an old list than none; what is lost is fetched again when the connection is back.
            if fresh.is_ok() || lists.peek().is_err() {
                lists.set(fresh);
            }
        });
    }
}

async fn load() -> Result<Lists, AppError> {
    Ok(Lists {
        contacts: list_conversations(ChannelKind::Contact, None, None).await?,
        team: list_conversations(ChannelKind::Team, None, None).await?,
    })
}

/// Loads the lists, for all below.
pub fn use_conversations() -> Result<(), RenderError> {
    let first = use_server_future(|| async { load().await.map(|lists| (lists.contacts, lists.team)) })?;
    let lists = use_signal(|| match &*first.peek() {
        Some(Ok((contacts, team))) => Ok(Lists { contacts: contacts.clone(), team: team.clone() }),
        Some(Err(error)) => Err(error.clone()),
        None => Ok(Lists::default()),
    });
    let conversations = use_context_provider(|| Conversations { lists });
    let mut gathering = use_signal(|| false);
    use_live(move |_| {
        if gathering() {
            return;
        }
        gathering.set(true);
        spawn(async move {
            browser::sleep(GATHER).await;
            gathering.set(false);
            conversations.reload();
        });
    });
    Ok(())
}

/// How many messages are unread in all.
pub fn use_unread_total() -> i64 {
    let conversations: Conversations = use_context();
    match &*conversations.lists.read() {
        Ok(lists) => lists.contacts.iter().chain(&lists.team).map(|row| row.unread_count).sum(),
        Err(_) => 0,
    }
}
