//! The order of responses about a message, which may arrive in another order than the requests.

use std::collections::{HashMap, HashSet};

use crate::ids::MessageId;

/// The number of a request for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked(u64);

impl Asked {
    /// Before all others: for messages that are not the response to a request of the feed.
    pub const FIRST: Self = Self(0);
}

/// Numbers requests, and stores for each message the oldest request that may be shown.
#[derive(Debug, Clone, Default)]
pub struct Freshness {
    last: u64,
    since: HashMap<MessageId, Asked>,
    /// The messages that changed, and were not loaded again yet.
    changed: HashSet<MessageId>,
}

impl Freshness {
    /// Begins a request. Call it before sending.
    pub fn ask(&mut self) -> Asked {
        self.last += 1;
        Asked(self.last)
    }

    /// Records a change of a message: responses to earlier requests may be outdated.
    pub fn note_change(&mut self, id: MessageId) {
        let now = self.ask();
        self.since.insert(id, now);
        self.changed.insert(id);
    }

    /// Returns whether no change of these messages is missing.
    pub fn is_current(&self, mut ids: impl Iterator<Item = MessageId>) -> bool {
        ids.all(|id| !self.changed.contains(&id))
    }

    /// Records messages that are shown without a comparison: older responses about them are outdated.
    pub fn begin(&mut self, shown: impl IntoIterator<Item = MessageId>) {
        let now = self.ask();
        for id in shown {
            self.since.entry(id).and_modify(|since| *since = now.max(*since)).or_insert(now);
        }
    }

    /// Returns whether a response about a message is the newest, and no change was reported since its request. Records
    /// that it is used.
    pub fn take(&mut self, id: MessageId, asked: Asked) -> bool {
        let since = self.since.entry(id).or_insert(asked);
        let is_fresh = *since <= asked;
        if is_fresh {
            self.changed.remove(&id);
        }
        *since = asked.max(*since);
        is_fresh
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ID: MessageId = MessageId(Uuid::nil());

    #[test]
    fn an_answer_that_was_overtaken_is_not_taken() {
        let mut freshness = Freshness::default();
        let (first, second) = (freshness.ask(), freshness.ask());
        assert!(freshness.take(ID, second));
        assert!(!freshness.take(ID, first));
        assert!(!freshness.take(ID, Asked::FIRST));
        assert!(freshness.take(MessageId(Uuid::max()), first), "others are not concerned");
        let third = freshness.ask();
        assert!(freshness.take(ID, third));
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_taken() {
        let mut freshness = Freshness::default();
        let before = freshness.ask();
        freshness.note_change(ID);
        let after = freshness.ask();
        assert!(!freshness.take(ID, before));
        assert!(!freshness.is_current([ID].into_iter()));
        assert!(freshness.take(ID, after));
        assert!(freshness.is_current([ID].into_iter()));
        assert!(!freshness.take(ID, before));
    }

    #[test]
    fn browser_storage_never_hides_a_page() {
        let mut freshness = Freshness::default();
        freshness.begin([ID]);
        assert!(!freshness.take(ID, Asked::FIRST));
        let asked = freshness.ask();
        assert!(freshness.take(ID, asked));
        assert!(freshness.take(MessageId(Uuid::max()), Asked::FIRST), "others are not concerned");
    }

    #[test]
    fn the_latest_response_wins_in_any_order() {
        let mut freshness = Freshness::default();
        let asked: Vec<_> = (0..5).map(|_| freshness.ask()).collect();
        for order in [[4, 3, 2, 1, 0], [0, 4, 1, 3, 2], [2, 0, 4, 1, 3]] {
            let mut freshness = Freshness::default();
            let mut shown = None;
            for place in order {
                if freshness.take(ID, asked[place]) {
                    shown = Some(place);
                }
            }
            assert_eq!(shown, Some(4));
        }
    }
}
