//! The person's lists of conversations, updated by live events.

use std::collections::HashMap;

use dioxus::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channels::api::list_conversations;
use crate::channels::model::{Channel, ChannelKind, Conversation};
use crate::ids::ChannelId;
use crate::live_event::{ConversationRow, LiveEvent, Received};
use crate::people::contacts::components::ContactSaved;
use crate::platform::browser;
use crate::platform::error::{AppError, Result};
use crate::platform::live::use_live;
use crate::ui::{RequestOrder, use_loaded, use_request_order};

/// How long to collect events that change access before the lists are loaded again, in milliseconds.
const RELOAD_DELAY: i32 = 150;

/// Page size: some more rows than a large screen shows, because each costs the first page a kilobyte and 0.07 ms.
const PAGE: usize = 50;
/// Maximum page size of the API.
const PAGE_MAX: usize = 500;

/// The loaded conversations of one kind, latest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct List {
    pub rows: Vec<Conversation>,
    pub has_more: bool,
}

impl List {
    /// Shows a row as it is now, in its place. A row after the last one that is loaded comes with the next page. A closed one
    /// is not shown.
    fn put(&mut self, row: Conversation) {
        let is_open = !row.channel.closed;
        self.put_if(is_open, row);
    }

    /// Does the same in a list of closed conversations.
    pub fn put_closed(&mut self, row: Conversation) {
        self.put_if(row.channel.closed, row);
    }

    fn put_if(&mut self, belongs_here: bool, row: Conversation) {
        let known = self.rows.iter().position(|known| known.channel.id == row.channel.id);
        if let Some(known) = known {
            self.rows.remove(known);
        }
        if !belongs_here {
            return;
        }
        let place = self.rows.partition_point(|earlier| earlier.place() > row.place());
        if place < self.rows.len() || known.is_some() || !self.has_more {
            self.rows.insert(place, row);
        }
    }

    /// Appends the next page. A row that has moved up since then is shown there.
    pub fn append(&mut self, page: List) {
        self.has_more = page.has_more;
        let new = page.rows.into_iter().filter(|row| self.rows.iter().all(|known| known.channel.id != row.channel.id));
        let new: Vec<_> = new.collect();
        self.rows.extend(new);
    }
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

/// The lists as they are now: loaded once, then kept up to date by events. They stay visible while they reload.
#[derive(Clone, Copy)]
pub struct Conversations {
    pub lists: Signal<Result<Lists, AppError>>,
    order: RequestOrder,
    changes: CopyValue<Changes>,
}

/// The rows as events brought them, because the response to a request that began earlier may lack them.
#[derive(Default)]
struct Changes {
    count: u64,
    /// The last change of each conversation, with its number.
    rows: HashMap<ChannelId, (u64, Conversation)>,
}

impl Conversations {
    /// Reloads all rows that are shown.
    pub fn reload(self) {
        let shown = self.shown();
        let number = self.order.begin();
        spawn(async move {
            let begun = self.changes.peek().count;
            let fresh = load(shown).await;
            // More rows were loaded during the reload, so the result is too short.
            if self.shown() != shown {
                return self.reload();
            }
            if !self.order.shows(number) {
                return;
            }
            let mut lists = self.lists;
            // An old list is better than none; it is loaded again when the connection is back.
            if fresh.is_ok() || lists.peek().is_err() {
                lists.set(fresh);
            }
            // Older rows are in the lists, or not visible any more.
            let mut changes = self.changes;
            changes.write().rows.retain(|_, (number, _)| *number > begun);
            self.repeat_changes(begun);
        });
    }

    /// Returns how many contacts, channels and buckets are shown.
    fn shown(self) -> [usize; 3] {
        let count = |lists: &Lists| [&lists.contacts, &lists.team, &lists.buckets].map(|list| list.rows.len());
        self.lists.peek().as_ref().map_or([0; 3], count)
    }

    /// Loads the rows after the last one of a list, whose cursor is `place`.
    pub async fn load_more(self, kind: ChannelKind, place: Uuid) {
        let begun = self.changes.peek().count;
        let Ok(page) = list(kind, false, Some(place), PAGE).await else { return };
        let mut lists = self.lists;
        if let Ok(list) = lists.write().as_mut().map(|lists| lists.of(kind)) {
            // If the list was reloaded and now ends elsewhere, its end loads the next page.
            if list.rows.last().map(Conversation::place) == Some(place) {
                list.append(page);
            }
        }
        self.repeat_changes(begun);
    }

    /// Returns a channel of the loaded rows.
    pub fn channel(self, id: ChannelId) -> Option<Channel> {
        let lists = self.lists.peek();
        let row = lists.as_ref().ok()?.rows().find(|row| row.channel.id == id)?;
        Some(row.channel.clone())
    }

    /// Returns the total number of unread messages, without muted conversations.
    pub fn unread_total(self) -> i64 {
        match &*self.lists.read() {
            Ok(lists) => lists.rows().filter(|row| !row.channel.muted).map(|row| row.unread_count).sum(),
            Err(_) => 0,
        }
    }

    /// Returns whether a conversation is among the loaded rows and has no unread messages.
    pub fn is_read(self, id: ChannelId) -> bool {
        let lists = self.lists.peek();
        let mut rows = lists.iter().flat_map(Lists::rows);
        rows.any(|row| row.channel.id == id && row.unread_count == 0)
    }

    /// Returns whether an event is a new message without files, by the row that came with it.
    pub fn is_without_files(self, event: &LiveEvent) -> bool {
        let LiveEvent::MessageCreated { channel_id, message_id } = event else { return false };
        let lists = self.lists.peek();
        let mut rows = lists.iter().flat_map(Lists::rows);
        let row = rows.find(|row| row.channel.id == *channel_id);
        row.and_then(|row| row.last_message.as_ref())
            .is_some_and(|last| last.id == *message_id && last.attachment_count == 0)
    }

    /// Shows a row as it is now.
    fn put(self, row: Conversation) {
        let (mut lists, mut changes) = (self.lists, self.changes);
        {
            let mut changes = changes.write();
            changes.count += 1;
            let number = changes.count;
            changes.rows.insert(row.channel.id, (number, row.clone()));
        }
        if let Ok(lists) = lists.write().as_mut() {
            lists.of(row.channel.kind).put(row);
        }
    }

    /// Shows the rows again that changed since `begun`.
    fn repeat_changes(self, begun: u64) {
        let (mut lists, changes) = (self.lists, self.changes);
        if let Ok(lists) = lists.write().as_mut() {
            for (_, row) in changes.peek().rows.values().filter(|(number, _)| *number > begun) {
                lists.of(row.channel.kind).put(row.clone());
            }
        }
    }
}

async fn load([contacts, team, buckets]: [usize; 3]) -> Result<Lists, AppError> {
    Ok(Lists {
        contacts: list(ChannelKind::Contact, false, None, contacts).await?,
        team: list(ChannelKind::Team, false, None, team).await?,
        buckets: list(ChannelKind::Bucket, false, None, buckets).await?,
    })
}

/// Loads a page of closed conversations with contacts.
pub async fn list_closed(before: Option<Uuid>) -> Result<List, AppError> {
    list(ChannelKind::Contact, true, before, PAGE).await
}

/// Loads the rows of a kind after a cursor: as many as were shown, at least one page.
async fn list(kind: ChannelKind, closed: bool, before: Option<Uuid>, shown: usize) -> Result<List, AppError> {
    let wanted = shown.max(PAGE);
    let (mut rows, mut place) = (Vec::new(), before);
    loop {
        // One more row shows whether there is a next page.
        let limit = (wanted + 1 - rows.len()).min(PAGE_MAX);
        let page = list_conversations(kind, Some(closed), place, i64::try_from(limit).ok()).await?;
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
    let changes = use_hook(|| CopyValue::new(Changes::default()));
    let conversations = use_context_provider(|| Conversations { lists, order, changes });
    use_context_provider(|| ContactSaved(Callback::new(move |()| conversations.reload())));
    let mut gathering = use_signal(|| false);
    use_live(move |received: Received| {
        let is_unreadable = match received.conversation.map(ConversationRow::read) {
            Some(Some(row)) => {
                conversations.put(row);
                false
            }
            // Of another version of the server.
            Some(None) => true,
            None => false,
        };
        let changes_all = received.event.changes_access() || matches!(received.event, LiveEvent::ChannelsRead { .. });
        if (is_unreadable || changes_all) && !gathering() {
            gathering.set(true);
            spawn(async move {
                browser::sleep(RELOAD_DELAY).await;
                gathering.set(false);
                conversations.reload();
            });
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::model::{DeliveryType, Preview};
    use crate::ids::MessageId;
    use crate::platform::timestamp::Timestamp;

    /// The conversation of this number, whose last message is at `moment`.
    fn row(number: u128, moment: u128) -> Conversation {
        let created_at = Timestamp(0);
        let channel = Channel {
            id: ChannelId(Uuid::from_u128(number)),
            kind: ChannelKind::Team,
            name: number.to_string(),
            private: false,
            contact_id: None,
            bucket: None,
            closed: false,
            muted: false,
            created_at,
        };
        let last_message = Preview {
            id: MessageId(Uuid::from_u128(moment)),
            text: String::new(),
            own: false,
            author: None,
            created_at,
            deleted: false,
            title: None,
            delivery_type: DeliveryType::Normal,
            mentioned: false,
            attachment_count: 0,
            content_type: None,
            file_name: None,
        };
        Conversation {
            channel,
            unread_count: 0,
            last_message: Some(last_message),
            assigned: false,
            critical_count: 0,
            mention_count: 0,
        }
    }

    fn names(list: &List) -> Vec<&str> {
        list.rows.iter().map(|row| row.channel.name.as_str()).collect()
    }

    #[test]
    fn a_changed_row_moves_to_its_place() {
        let mut list = List { rows: vec![row(3, 30), row(2, 20), row(1, 10)], has_more: true };
        list.put(row(1, 40));
        assert_eq!(names(&list), ["1", "3", "2"]);
        list.put(Conversation { unread_count: 7, ..row(2, 20) });
        assert_eq!((names(&list), list.rows[2].unread_count), (vec!["1", "3", "2"], 7));
        list.put(row(4, 35));
        assert_eq!(names(&list), ["1", "4", "3", "2"]);
    }

    #[test]
    fn a_closed_row_is_not_shown() {
        let closed = |mut row: Conversation| {
            row.channel.closed = true;
            row
        };
        let mut list = List { rows: vec![row(2, 20), row(1, 10)], has_more: false };
        list.put(closed(row(2, 30)));
        list.put(closed(row(3, 40)));
        assert_eq!(names(&list), ["1"]);
        list.put(row(2, 50));
        assert_eq!(names(&list), ["2", "1"]);
    }

    #[test]
    fn rows_beyond_the_loaded_part_come_with_their_page() {
        let mut list = List { rows: vec![row(3, 30), row(2, 20)], has_more: true };
        list.put(row(1, 10));
        assert_eq!(names(&list), ["3", "2"]);
        list.append(List { rows: vec![row(2, 20), row(1, 10)], has_more: false });
        assert_eq!(names(&list), ["3", "2", "1"]);
        list.put(row(0, 5));
        assert_eq!(names(&list), ["3", "2", "1", "0"], "the whole list is loaded");
    }
}
