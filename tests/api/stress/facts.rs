//! What the server has acknowledged, and what was unfinished at the kill. Used to verify all rounds.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::random::Random;
use crate::support::files;

/// The progress of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Presigned.
    Announced,
    /// The storage has acknowledged all bytes.
    Stored,
    Complete,
    Deleted,
    /// Permanently removed.
    Purged,
}

#[derive(Debug, Clone)]
pub struct FileFact {
    pub id: String,
    pub content: Content,
    pub stage: Stage,
    /// Its stage if the request without a response was done.
    pub perhaps: Option<Stage>,
    /// The acknowledged parts; `None` for an upload in one piece.
    pub parts: Option<BTreeSet<usize>>,
    /// Its message: an index into [`Book::messages`].
    pub message: Option<usize>,
}

impl FileFact {
    pub fn is_certain(&self, stage: Stage) -> bool {
        self.stage == stage && self.perhaps.is_none()
    }

    pub fn may_be(&self, stage: Stage) -> bool {
        self.stage == stage || self.perhaps == Some(stage)
    }

    pub fn settle(&mut self, stage: Stage) {
        self.stage = stage;
        self.perhaps = None;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    No,
    Yes,
    Deleted,
}

#[derive(Debug, Clone)]
pub struct MessageFact {
    /// The unique text.
    pub body: String,
    /// Known after an acknowledged send.
    pub id: Option<String>,
    pub sent: Sent,
    pub perhaps: Option<Sent>,
    /// Indexes into [`Book::files`].
    pub files: Vec<usize>,
    /// The file in the same request of the REST API: its id is known with the message's.
    pub enclosed: Option<Content>,
    /// Sent by the REST API.
    pub by_program: bool,
}

impl MessageFact {
    pub fn is_certain(&self, sent: Sent) -> bool {
        self.sent == sent && self.perhaps.is_none()
    }

    pub fn settle(&mut self, sent: Sent) {
        self.sent = sent;
        self.perhaps = None;
    }
}

/// The facts of one channel, in which one client writes.
#[derive(Debug, Clone)]
pub struct Book {
    pub channel: String,
    pub files: Vec<FileFact>,
    pub messages: Vec<MessageFact>,
    /// Files that have changed since the last verification.
    pub touched: BTreeSet<usize>,
}

impl Book {
    pub fn new(channel: String) -> Self {
        Self { channel, files: Vec::new(), messages: Vec::new(), touched: BTreeSet::new() }
    }

    pub fn add(&mut self, id: String, content: Content) -> usize {
        let parts = None;
        let stage = Stage::Announced;
        self.files.push(FileFact { id, content, stage, perhaps: None, parts, message: None });
        self.touched.insert(self.files.len() - 1);
        self.files.len() - 1
    }

    /// Records what a request will have changed if it is done.
    pub fn begin(&mut self, file: usize, stage: Stage) {
        self.files[file].perhaps = Some(stage);
        self.touched.insert(file);
    }

    /// Records that it was acknowledged.
    pub fn acknowledged(&mut self, file: usize) {
        let fact = &mut self.files[file];
        fact.stage = fact.perhaps.take().expect("it was begun");
    }

    /// Returns path and body of the request that sends a message.
    pub fn send_request(&self, message: usize) -> (String, Value) {
        let fact = &self.messages[message];
        let ids: Vec<_> = fact.files.iter().map(|file| &self.files[*file].id).collect();
        let body = json!({ "body": fact.body, "attachmentIds": ids, "idempotencyKey": fact.body });
        (format!("/api/channels/{}/messages", self.channel), body)
    }

    /// Records the file of a message of the REST API.
    pub fn enclosed_arrived(&mut self, message: usize, id: String) {
        let content = self.messages[message].enclosed.take().expect("a file came with it");
        let file = self.add(id, content);
        self.files[file].message = Some(message);
        self.files[file].settle(Stage::Complete);
        self.messages[message].files.push(file);
    }

    /// Returns the files that are certainly at this stage, and in an existing message if `is_sent`.
    pub fn files_at(&self, stage: Stage, is_sent: bool) -> Vec<usize> {
        let is_free = |file: &FileFact| match file.message {
            Some(message) => is_sent && self.messages[message].is_certain(Sent::Yes),
            None => !is_sent,
        };
        let files = self.files.iter().enumerate();
        files.filter(|(_, file)| file.is_certain(stage) && is_free(file)).map(|(index, _)| index).collect()
    }

    /// Returns the messages that are certainly in this state.
    pub fn messages_at(&self, sent: Sent) -> Vec<usize> {
        let messages = self.messages.iter().enumerate();
        messages.filter(|(_, message)| message.is_certain(sent)).map(|(index, _)| index).collect()
    }
}

/// Bytes of a file, shared with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content(Range<usize>);

/// Four pictures, then noise.
static POOL: LazyLock<(Vec<u8>, Vec<usize>)> = LazyLock::new(|| {
    let mut pool = Vec::new();
    let mut ends = vec![0];
    for side in [16, 90, 300, 700] {
        pool.extend(files::picture(side, side));
        ends.push(pool.len());
    }
    pool.extend(Random::new(7).bytes(40_000_000));
    (pool, ends)
});

impl Content {
    pub fn picture(random: &mut Random) -> Self {
        let ends = &POOL.1;
        let which = random.below(ends.len() - 1);
        Self(ends[which]..ends[which + 1])
    }

    pub fn noise(random: &mut Random, length: usize) -> Self {
        let (pool, ends) = &*POOL;
        let start = random.between(ends[ends.len() - 1], pool.len() - length);
        Self(start..start + length)
    }

    pub fn bytes(&self) -> &'static [u8] {
        &POOL.0[self.0.clone()]
    }

    /// Returns the announced type.
    pub fn content_type(&self) -> &'static str {
        if self.0.start < POOL.1[POOL.1.len() - 1] { "image/png" } else { "application/octet-stream" }
    }
}
