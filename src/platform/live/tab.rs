//! One tab's part in a stream that all tabs of a session and member share. The tab that has the lock leads: it has the
//! stream, and posts what arrives to the others. Pure rules; `driver` connects them to the browser.

use serde::{Deserialize, Serialize};

use super::ServerSent;
use super::history::{Entry, History, Position};
use crate::platform::timestamp::Timestamp;

/// A stream without any event for this long, not even one of three heartbeats, is dead. In milliseconds.
pub const STREAM_TIMEOUT: i32 = 65_000;
/// Delay before a stream that ended is opened again, in milliseconds.
const REOPEN_DELAY: i32 = 3000;
/// A leader that does not respond for this long is frozen, in milliseconds.
pub const ANSWER_TIMEOUT: i32 = 5000;

/// What tabs post to each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Message<E> {
    /// A tab requests the events after its position.
    Join { tab: String, position: Position },
    /// The leader's response. `missed` is `None` if it does not have all of them.
    Welcome { tab: String, position: Position, missed: Option<Vec<Entry<E>>>, is_lost: bool },
    /// The sender leads from now on.
    Lead,
    /// The stream is open again.
    Found,
    /// The stream is lost.
    Lost,
    /// The stream works. The leader has received all events up to here.
    Heartbeat { position: Position },
    /// An event, and the position before it.
    Event { after: Position, entry: Entry<E> },
}

/// What happens to a tab.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<E> {
    /// The tab has the lock.
    Elected,
    /// Another tab took the lock.
    Deposed,
    Message(Message<E>),
    /// A message of a tab with another version of the code.
    UnknownMessage,
    StreamOpen,
    /// The browser reconnects the stream, unless it is closed.
    StreamLost {
        is_closed: bool,
    },
    StreamHeartbeat,
    /// An event, with the last id of the stream.
    StreamEvent(Entry<E>),
    /// The page became visible. It may have been frozen until now.
    Shown,
    /// The time of [`Step::timeout`] has passed.
    Timeout,
}

/// What a tab does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action<E> {
    /// Wait for the lock, unless the tab waits already.
    Queue,
    /// Take the lock from the tab that has it.
    Steal,
    /// Release the lock.
    Release,
    Open(Resume),
    Close,
    Post(Message<E>),
    /// Deliver an event to the components.
    Tell(E),
    /// Show that no events arrive.
    Lose,
    /// Show that events arrive again.
    Find,
}

/// Where a stream begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resume {
    Now,
    /// After the event with this id.
    After(String),
    Since(Timestamp),
}

/// The result of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<E> {
    pub actions: Vec<Action<E>>,
    /// Restarts the timeout, with this number of milliseconds. `None` lets it run on.
    pub timeout: Option<i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Leader {
        has_stream: bool,
    },
    /// `is_behind`: the leader has not said yet which events this tab has missed.
    Follower {
        is_behind: bool,
    },
}

/// The state of a tab.
pub struct Tab<E> {
    /// Unique among the tabs.
    name: String,
    /// When the page was rendered.
    opened_at: Timestamp,
    /// How long a leader may be silent, in milliseconds. Differs among the tabs, so that one of them notices it first.
    silence_timeout: i32,
    role: Role,
    is_lost: bool,
    position: Position,
    history: History<E>,
    /// Number of ids that this tab made.
    made_ids: u32,
    actions: Vec<Action<E>>,
}

impl<E: ServerSent> Tab<E> {
    pub fn new(name: String, opened_at: Timestamp, silence_timeout: i32) -> Self {
        Self {
            name,
            opened_at,
            silence_timeout,
            role: Role::Follower { is_behind: true },
            is_lost: false,
            position: Position::Since(opened_at),
            history: History::since(opened_at),
            made_ids: 0,
            actions: Vec::new(),
        }
    }

    /// Begins among other tabs. A tab that has the stream to itself begins with [`Input::Elected`].
    pub fn join(&mut self) -> Step<E> {
        self.catch_up();
        self.step(true)
    }

    pub fn handle(&mut self, input: Input<E>) -> Step<E> {
        let restarts = match input {
            Input::Elected => self.lead(),
            Input::Deposed => self.step_down(),
            Input::Message(message) if self.is_leader() => self.answer(message),
            Input::Message(message) => self.hear(message),
            Input::UnknownMessage => !self.is_leader() && self.resync(),
            Input::Shown => !self.is_leader() && self.catch_up(),
            Input::Timeout => self.time_out(),
            // Reports of a stream that was closed may still arrive.
            _ if !self.is_leader() => false,
            Input::StreamOpen => self.stream_open(),
            Input::StreamLost { is_closed } => self.stream_lost(is_closed),
            Input::StreamHeartbeat => self.post(Message::Heartbeat { position: self.position.clone() }),
            Input::StreamEvent(entry) => self.stream_event(entry),
        };
        self.step(restarts)
    }

    fn step(&mut self, restarts: bool) -> Step<E> {
        let timeout = match self.role {
            Role::Leader { has_stream: true } => STREAM_TIMEOUT,
            Role::Leader { has_stream: false } => REOPEN_DELAY,
            Role::Follower { is_behind: true } => ANSWER_TIMEOUT,
            Role::Follower { is_behind: false } => self.silence_timeout,
        };
        Step { actions: std::mem::take(&mut self.actions), timeout: restarts.then_some(timeout) }
    }

    fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader { .. })
    }

    // Each of the following returns whether the timeout restarts.

    fn post(&mut self, message: Message<E>) -> bool {
        self.actions.push(Action::Post(message));
        true
    }

    fn lead(&mut self) -> bool {
        if self.is_leader() {
            return false;
        }
        self.post(Message::Lead);
        self.open()
    }

    /// Opens the stream where this tab has received all events. After a gap everything is loaded again anyway.
    fn open(&mut self) -> bool {
        let resume = match (self.position.server_id(), &self.position) {
            _ if self.is_lost => Resume::Now,
            (Some(id), _) => Resume::After(id.to_owned()),
            (None, Position::Since(moment)) => Resume::Since(*moment),
            (None, Position::After(_)) => Resume::Since(self.opened_at),
        };
        self.role = Role::Leader { has_stream: true };
        self.actions.push(Action::Open(resume));
        true
    }

    fn close(&mut self) -> bool {
        self.role = Role::Leader { has_stream: false };
        self.actions.push(Action::Close);
        true
    }

    fn step_down(&mut self) -> bool {
        if !self.is_leader() {
            return false;
        }
        self.actions.extend([Action::Close, Action::Release]);
        self.catch_up()
    }

    /// Requests the events after this tab's position from the leader, and the lock if there is no leader.
    fn catch_up(&mut self) -> bool {
        self.role = Role::Follower { is_behind: true };
        self.actions.push(Action::Queue);
        self.post(Message::Join { tab: self.name.clone(), position: self.position.clone() })
    }

    /// Handles a message as the leader.
    fn answer(&mut self, message: Message<E>) -> bool {
        match message {
            Message::Join { tab, position } => {
                let missed = if position == self.position { Some(Vec::new()) } else { self.history.after(&position) };
                let (position, is_lost) = (self.position.clone(), self.is_lost);
                self.post(Message::Welcome { tab, position, missed, is_lost });
                false
            }
            // This tab was frozen.
            Message::Lead => self.step_down(),
            _ => false,
        }
    }

    /// Handles a message as a follower.
    fn hear(&mut self, message: Message<E>) -> bool {
        let is_behind = self.role == Role::Follower { is_behind: true };
        match message {
            Message::Join { .. } => return false,
            Message::Welcome { tab, position, missed, is_lost } if is_behind && tab == self.name => {
                self.receive_missed(missed);
                self.position = position;
                self.role = Role::Follower { is_behind: false };
                if is_lost { self.lose() } else { self.find() }
            }
            // The request may have been lost with the previous leader.
            Message::Lead if is_behind => return self.catch_up(),
            Message::Welcome { .. } | Message::Lead => {}
            Message::Found => self.find(),
            Message::Lost => self.lose(),
            Message::Heartbeat { position } => {
                self.find();
                if !is_behind && position != self.position {
                    self.catch_up();
                }
            }
            Message::Event { after, entry } => {
                self.find();
                let is_next = is_behind || after == self.position;
                // A previous leader that was frozen posts its events late.
                if is_next || !self.history.contains(&entry.id) {
                    if !is_next {
                        self.catch_up();
                    }
                    self.receive(entry);
                }
            }
        }
        true
    }

    fn receive_missed(&mut self, missed: Option<Vec<Entry<E>>>) {
        match missed {
            Some(entries) => entries.into_iter().for_each(|entry| self.receive(entry)),
            None => {
                self.resync();
            }
        }
    }

    fn receive(&mut self, entry: Entry<E>) {
        if !self.history.contains(&entry.id) {
            self.actions.push(Action::Tell(entry.event.clone()));
        }
        // Until earlier events have arrived, this tab has not received all up to this one.
        if self.role != (Role::Follower { is_behind: true }) {
            self.position = Position::After(entry.id.clone());
        }
        self.history.push(entry);
    }

    fn resync(&mut self) -> bool {
        self.history.restart();
        self.actions.push(Action::Tell(E::resync()));
        true
    }

    fn find(&mut self) {
        if std::mem::take(&mut self.is_lost) {
            self.actions.push(Action::Find);
        }
    }

    fn lose(&mut self) {
        if !std::mem::replace(&mut self.is_lost, true) {
            self.actions.push(Action::Lose);
        }
    }

    fn stream_open(&mut self) -> bool {
        if self.is_lost {
            self.find();
            self.post(Message::Found);
            // Events during the gap are unknown.
            self.stream_event(Entry { id: String::new(), event: E::resync() });
        }
        true
    }

    fn stream_lost(&mut self, is_closed: bool) -> bool {
        self.lose();
        self.post(Message::Lost);
        if is_closed { self.close() } else { true }
    }

    fn stream_event(&mut self, mut entry: Entry<E>) -> bool {
        if entry.event == E::resync() {
            self.made_ids += 1;
            let last = self.position.server_id().unwrap_or_default();
            entry.id = format!("{last}+{}.{}", self.name, self.made_ids);
        }
        let after = self.position.clone();
        self.receive(entry.clone());
        self.post(Message::Event { after, entry })
    }

    fn time_out(&mut self) -> bool {
        match self.role {
            Role::Leader { has_stream: true } => {
                self.stream_lost(true);
            }
            Role::Leader { has_stream: false } => {
                self.open();
            }
            Role::Follower { is_behind: true } => self.actions.push(Action::Steal),
            Role::Follower { is_behind: false } => {
                self.catch_up();
            }
        }
        true
    }
}
