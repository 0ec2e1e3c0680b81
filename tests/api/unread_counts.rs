//! Unread counts: those of the lists are what a plain reference rule counts.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use crate::stress::random::{Random, seed};
use crate::support::{Program, TestApp, User, on_both_engines, text};

on_both_engines![counts_follow_every_change, an_upgrade_numbers_existing_messages];

/// Larger counts are not told apart.
const UNREAD_MAX: usize = 100;

struct Known {
    id: String,
    /// The index of the reader who wrote it in a browser.
    author: Option<usize>,
    is_deleted: bool,
}

/// A channel, those who read it, and what they have read: how many messages from the first one on.
struct Readers {
    channel: String,
    program: Program,
    people: Vec<User>,
    messages: Vec<Known>,
    read: Vec<usize>,
}

impl Readers {
    async fn new(app: &TestApp) -> Self {
        let owner = app.owner().await;
        let channel = owner.channel("door").await;
        let program = owner.program(&["messages:write"]).await;
        let people = vec![owner, app.member().await, app.admin().await];
        let read = vec![0; people.len()];
        Self { channel, program, people, messages: Vec::new(), read }
    }

    async fn send(&mut self, author: Option<usize>) {
        let id = if let Some(author) = author {
            self.read[author] = self.messages.len() + 1;
            text(&self.people[author].send(&self.channel, "hello", &[]).await.ok()["id"])
        } else {
            let body = json!({ "bucketId": self.channel, "body": "rang" });
            text(&self.program.post("/messages", body).await.created()["id"])
        };
        self.messages.push(Known { id, author, is_deleted: false });
    }

    async fn mark_read(&mut self, reader: usize, message: usize) {
        let body = json!({ "messageId": self.messages[message].id });
        self.people[reader].post(&format!("/api/channels/{}/read", self.channel), body).await.ok();
        self.read[reader] = self.read[reader].max(message + 1);
    }

    async fn mark_unread(&mut self, reader: usize, message: usize) {
        let body = json!({ "messageId": self.messages[message].id });
        self.people[reader].post(&format!("/api/channels/{}/unread", self.channel), body).await.ok();
        self.read[reader] = self.read[reader].min(message);
    }

    /// Deletes a message, or restores it.
    async fn turn(&mut self, message: usize) {
        let Known { id, is_deleted, .. } = &mut self.messages[message];
        if *is_deleted {
            self.people[0].poke(&format!("/api/messages/{id}/restore")).await.ok();
        } else {
            self.people[0].delete(&format!("/api/messages/{id}")).await.ok();
        }
        *is_deleted = !*is_deleted;
    }

    async fn change(&mut self, random: &mut Random) {
        let (reader, message) = (random.below(self.people.len()), random.below(self.messages.len()));
        match random.below(7) {
            0 | 1 => self.send(None).await,
            2 => self.send(Some(reader)).await,
            3 => self.mark_read(reader, message).await,
            4 => self.mark_unread(reader, message).await,
            _ => self.turn(message).await,
        }
    }

    /// The reference rule.
    fn unread(&self, reader: usize) -> usize {
        let later = self.messages.iter().skip(self.read[reader]);
        later.filter(|known| !known.is_deleted && known.author != Some(reader)).count().min(UNREAD_MAX)
    }

    async fn compare(&self, when: &str) {
        for (reader, person) in self.people.iter().enumerate() {
            let row = self.row(person).await;
            assert_eq!(row["unreadCount"], self.unread(reader), "{when}, {reader}: {:?}", self.read);
        }
    }

    async fn row(&self, person: &User) -> Value {
        let list = person.get("/api/conversations?kind=team").await.ok();
        list.as_array().unwrap().iter().find(|row| row["id"] == self.channel.as_str()).expect("the channel").clone()
    }
}

async fn counts_follow_every_change(app: TestApp) {
    let mut random = seed("unread_counts");
    let mut readers = Readers::new(&app).await;
    readers.send(None).await;
    for step in 0..60 {
        readers.change(&mut random).await;
        readers.compare(&format!("step {step}")).await;
    }
}

async fn an_upgrade_numbers_existing_messages(app: TestApp) {
    let mut random = seed("unread_counts");
    let mut readers = Readers::new(&app).await;
    readers.send(None).await;
    for _ in 0..20 {
        readers.change(&mut random).await;
    }
    // As a version without numbers left them.
    app.sql("UPDATE messages SET sequence = NULL WHERE channel_id = {id}", &readers.channel).await;
    app.sql("UPDATE channels SET last_sequence = NULL WHERE id = {id}", &readers.channel).await;
    readers.compare("before the job").await;
    for _ in 0..10 {
        readers.change(&mut random).await;
    }
    readers.compare("changed before the job").await;
    app.advance(std::time::Duration::from_hours(2));
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    assert_eq!(app.count("messages WHERE sequence IS NULL", &readers.channel).await, 0);
    let last = format!("channels WHERE id = {{id}} AND last_sequence = {}", readers.messages.len());
    assert_eq!(app.count(&last, &readers.channel).await, 1);
    readers.compare("after the job").await;
    for step in 0..20 {
        readers.change(&mut random).await;
        readers.compare(&format!("{step} after the job")).await;
    }
    // A server of the version before, during an upgrade of several: its messages have no number.
    readers.send(None).await;
    let unnumbered =
        "UPDATE messages SET sequence = NULL WHERE id = (SELECT last_message_id FROM channels WHERE id = {id})";
    app.sql(unnumbered, &readers.channel).await;
    app.sql("UPDATE channels SET last_sequence = last_sequence - 1 WHERE id = {id}", &readers.channel).await;
    let last = readers.messages.len() - 1;
    readers.mark_read(1, last).await;
    readers.send(None).await;
    assert_eq!(readers.row(&readers.people[1]).await["unreadCount"], 1);
}
