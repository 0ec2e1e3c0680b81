//! The person's lists of conversations, updated by live events.

use dioxus::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channels::api::list_conversations;
use crate::channels::model::{ChannelKind, Conversation};
use crate::live_event::LiveEvent;
use crate::people::contacts::components::ContactSaved;
use crate::platform::browser;
use crate::platform::error::{AppError, Result};
use crate::platform::live::use_live;
use crate::ui::{RequestOrder, use_loaded, use_request_order};

/// How long to collect events before the lists are loaded again, in milliseconds.
const RELOAD_DELAY: i32 = 150;

/// Page size.
const PAGE: usize = 100;
/// Maximum page size of the API.
const PAGE_MAX: usize = 500;

/// The loaded conversations of one kind, latest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct List {
    pub rows: Vec<Conversation>,
    pub has_more: bool,
}

/// The loaded lists.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lists {
    pub contacts: List,
    pub team: List,
    pub buckets: List,
}

impl Lists {
    /// Returns all loaded rows.
    pub fn rows(&self) -> impl Iterator<Item = &Conversation> {
        [&self.contacts, &self.team, &self.buckets].into_iter().flat_map(|list| &list.rows)
    }

    fn of(&mut self, kind: ChannelKind) -> &mut List {
        match kind {
            ChannelKind::Contact => &mut self.contacts,
            ChannelKind::Team => &mut self.team,
            ChannelKind::Bucket => &mut self.buckets,
        }
    }
}

/// The lists as they were last loaded. They stay visible while they reload.
#[derive(Clone, Copy)]
pub struct Conversations {
    pub lists: Signal<Result<Lists, AppError>>,
    order: RequestOrder,
}

impl Conversations {
    /// Reloads all rows that are shown.
    pub fn reload(self) {
        let mut lists = self.lists;
        let shown = self.shown();
        let number = self.order.begin();
        spawn(async move {
            let fresh = load(shown).await;
            // More rows were loaded during the reload, so the result is too short.
            if self.shown() != shown {
                return self.reload();
            }
            if !self.order.shows(number) {
                return;
            }
            // An old list is better than none; it is loaded again when the connection is back.
            if fresh.is_ok() || lists.peek().is_err() {
                lists.set(fresh);
            }
        });
    }

    /// Returns how many contacts, channels and buckets are shown.
    fn shown(self) -> [usize; 3] {
        let count = |lists: &Lists| [&lists.contacts, &lists.team, &lists.buckets].map(|list| list.rows.len());
        self.lists.peek().as_ref().map_or([0; 3], count)
    }

    /// Loads the rows after the last one of a list, whose cursor is `place`.
    pub async fn load_more(self, kind: ChannelKind, place: Uuid) {
        let Ok(page) = list(kind, Some(place), PAGE).await else { return };
        let mut lists = self.lists;
        let mut lists = lists.write();
        let Ok(list) = lists.as_mut().map(|lists| lists.of(kind)) else { return };
        // If the list was reloaded and now ends elsewhere, its end loads the next page.
        if list.rows.last().map(Conversation::place) == Some(place) {
            list.has_more = page.has_more;
            list.rows.extend(page.rows);
        }
    }
}

async fn load([contacts, team, buckets]: [usize; 3]) -> Result<Lists, AppError> {
    Ok(Lists {
        contacts: list(ChannelKind::Contact, None, contacts).await?,
        team: list(ChannelKind::Team, None, team).await?,
        buckets: list(ChannelKind::Bucket, None, buckets).await?,
    })
}

/// Loads the rows of a kind after a cursor: as many as were shown, at least one page.
async fn list(kind: ChannelKind, before: Option<Uuid>, shown: usize) -> Result<List, AppError> {
    let wanted = shown.max(PAGE);
    let (mut rows, mut place) = (Vec::new(), before);
    loop {
        // One more row shows whether there is a next page.
        let limit = (wanted + 1 - rows.len()).min(PAGE_MAX);
        let page = list_conversations(kind, place, i64::try_from(limit).ok()).await?;
        let ended = page.len() < limit;
        rows.extend(page);
        let has_more = rows.len() > wanted;
        if ended || has_more {
            rows.truncate(wanted);
            return Ok(List { rows, has_more });
        }
        place = rows.last().map(Conversation::place);
    }
}

/// Loads the lists, for all components below.
pub fn use_conversations() -> Result<(), RenderError> {
    let first = use_loaded(|| load([0; 3]))?;
    let lists = use_signal(|| first.get().unwrap_or_else(|| Ok(Lists::default())));
    let order = use_request_order();
    let conversations = use_context_provider(|| Conversations { lists, order });
    use_context_provider(|| ContactSaved(Callback::new(move |()| conversations.reload())));
    let mut gathering = use_signal(|| false);
    use_live(move |_: LiveEvent| {
        if gathering() {
            return;
        }
        gathering.set(true);
        spawn(async move {
            browser::sleep(RELOAD_DELAY).await;
            gathering.set(false);
            conversations.reload();
        });
    });
    Ok(())
}

/// Returns the total number of unread messages.
pub fn use_unread_total() -> i64 {
    let conversations: Conversations = use_context();
    match &*conversations.lists.read() {
        Ok(lists) => lists.rows().map(|row| row.unread_count).sum(),
        Err(_) => 0,
    }
}
