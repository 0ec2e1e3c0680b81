//! The last events that a tab has received, for tabs that have missed them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{MAX_CLOCK_SKEW, ServerSent};
use crate::platform::timestamp::Timestamp;

/// Number of events that a tab keeps. A tab that has missed more loads everything again.
const MAX_ENTRIES: usize = 50;

/// A received event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry<E> {
    /// The server's id, a `UUIDv7`. A resync has an id that a tab made: the server's last id, `+` and a unique text.
    pub id: String,
    pub event: E,
}

impl<E> Entry<E> {
    fn made_at(&self) -> Option<Timestamp> {
        self.id.parse::<Uuid>().ok().map(Timestamp::of_id)
    }
}

/// Up to where a tab has received all events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// The event with this id.
    After(String),
    /// When a page was rendered.
    Since(Timestamp),
}

impl Position {
    /// Returns the id of the last event that the server numbered, if there was one.
    pub fn server_id(&self) -> Option<&str> {
        match self {
            Self::After(id) => id.split('+').next().filter(|id| !id.is_empty()),
            Self::Since(_) => None,
        }
    }
}

/// The last [`MAX_ENTRIES`] events, oldest first.
pub struct History<E> {
    entries: VecDeque<Entry<E>>,
    /// All events since this time are in `entries`. `None` if unknown, after a resync.
    complete_since: Option<Timestamp>,
}

impl<E: ServerSent> History<E> {
    /// Returns the history of a page that was rendered at this time and receives the events since then.
    pub fn since(opened_at: Timestamp) -> Self {
        Self { entries: VecDeque::new(), complete_since: Some(opened_at.minus(MAX_CLOCK_SKEW)) }
    }

    /// Forgets all events, because some are missing.
    pub fn restart(&mut self) {
        self.entries.clear();
        self.complete_since = None;
    }

    pub fn contains(&self, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.id == id)
    }

    /// Adds an event. A resync begins another history.
    pub fn push(&mut self, entry: Entry<E>) {
        if entry.event == E::resync() {
            self.restart();
        } else if self.complete_since.is_none() {
            self.complete_since = entry.made_at();
        }
        if self.entries.len() == MAX_ENTRIES
            && let Some(oldest) = self.entries.pop_front().and_then(|oldest| oldest.made_at())
        {
            self.complete_since = self.complete_since.max(Some(Timestamp(oldest.0 + 1)));
        }
        self.entries.push_back(entry);
    }

    /// Returns the events after a position. `None` if some may be missing.
    pub fn after(&self, position: &Position) -> Option<Vec<Entry<E>>> {
        let first = match position {
            Position::After(id) => self.entries.iter().rposition(|entry| entry.id == *id)? + 1,
            Position::Since(moment) => {
                let moment = moment.minus(MAX_CLOCK_SKEW);
                self.complete_since.filter(|since| *since <= moment)?;
                let is_later = |entry: &Entry<E>| entry.made_at().is_some_and(|made| made >= moment);
                self.entries.iter().position(is_later).unwrap_or(self.entries.len())
            }
        };
        Some(self.entries.range(first..).cloned().collect())
    }
}
