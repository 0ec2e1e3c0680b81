//! Compares a server's data with what was acknowledged. Unfinished requests may be done or not, never partly.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Client, PART};
use super::facts::{Sent, Stage};
use crate::support::{Answer, checksum, text};

const PAGE: usize = 200;

impl Client {
    /// Verifies the changes in the last book. Nothing of it is in doubt after that.
    pub async fn verify(&mut self) {
        self.verify_book(self.books.len() - 1).await;
    }

    /// Verifies everything that was ever acknowledged, and that deleted files that are not purged can be restored.
    pub async fn verify_all(&mut self) {
        for book in 0..self.books.len() {
            let all = 0..self.books[book].files.len();
            self.books[book].touched.extend(all);
            self.verify_book(book).await;
            for file in self.books[book].files_at(Stage::Deleted, true) {
                assert_eq!(self.restore(book, file).await.status, 200, "{:?}", self.books[book].files[file]);
                self.assert_is_whole(book, file).await;
            }
            for file in self.books[book].files_at(Stage::Purged, true) {
                self.restore(book, file).await.refused(409, "conflict");
            }
        }
    }

    async fn verify_book(&mut self, book: usize) {
        let listed = self.listed(book).await;
        for message in 0..self.books[book].messages.len() {
            self.settle_message(book, message, &listed).await;
        }
        for file in std::mem::take(&mut self.books[book].touched) {
            self.settle_file(book, file).await;
        }
        self.assert_messages(book, &self.listed(book).await);
    }

    /// Returns all messages of the channel, newest first.
    async fn listed(&self, book: usize) -> Vec<Value> {
        let path = format!("/api/channels/{}/messages?limit={PAGE}", self.books[book].channel);
        let mut all: Vec<Value> = Vec::new();
        loop {
            let before = all.last().map_or(String::new(), |last| format!("&before={}", text(&last["id"])));
            let page = self.user.get(&format!("{path}{before}")).await.ok();
            let page = page.as_array().expect("a list of messages");
            all.extend(page.iter().cloned());
            if page.len() < PAGE {
                return all;
            }
        }
    }

    async fn settle_message(&mut self, book: usize, message: usize, listed: &[Value]) {
        let fact = self.books[book].messages[message].clone();
        if fact.perhaps.is_none() {
            return;
        }
        if fact.sent != Sent::No {
            let there =
                listed.iter().find(|there| there["id"] == json!(fact.id)).expect("an acknowledged message is there");
            let (sent, stage) =
                if there["deleted"].is_null() { (Sent::Yes, Stage::Complete) } else { (Sent::Deleted, Stage::Deleted) };
            self.books[book].messages[message].settle(sent);
            for file in fact.files {
                self.books[book].files[file].settle(stage);
            }
            return;
        }
        let there: Vec<_> = listed.iter().filter(|there| there["body"] == fact.body).collect();
        assert!(there.len() <= 1, "a message is there twice: {there:?}");
        let mut id = there.first().map(|there| text(&there["id"]));
        if !fact.by_program {
            let sent = self.send_again(book, message).await;
            assert!(id.is_none_or(|id| id == sent), "a message that was there was sent twice");
            id = Some(sent);
        }
        let fact = &mut self.books[book].messages[message];
        fact.settle(if id.is_some() { Sent::Yes } else { Sent::No });
        fact.id = id;
        if let (Some(there), true) = (there.first(), fact.enclosed.is_some()) {
            assert_eq!(there["attachments"].as_array().map(Vec::len), Some(1), "it came with its file: {there}");
            self.books[book].enclosed_arrived(message, text(&there["attachments"][0]["id"]));
        }
    }

    /// Sends a message again that got no response. It must not be duplicated.
    async fn send_again(&self, book: usize, message: usize) -> String {
        let (path, request) = self.books[book].send_request(message);
        text(&self.user.post(&path, request).await.ok()["id"])
    }

    async fn settle_file(&mut self, book: usize, file: usize) {
        let fact = self.books[book].files[file].clone();
        if matches!(fact.stage, Stage::Announced | Stage::Stored) {
            self.finish_upload(book, file).await;
            self.books[book].files[file].settle(Stage::Complete);
            return self.assert_is_whole(book, file).await;
        }
        let answer = self.download(&fact.id).await;
        let stage = if answer.status == 200 {
            assert!(answer.bytes == fact.content.bytes(), "other bytes: {fact:?}");
            Stage::Complete
        } else {
            answer.refused(404, "not_found");
            match (fact.may_be(Stage::Deleted), fact.may_be(Stage::Purged)) {
                // Only a file that is not purged can be restored.
                (true, true) if self.restore(book, file).await.status == 200 => Stage::Complete,
                (true, false) => Stage::Deleted,
                _ => Stage::Purged,
            }
        };
        let was_restored = stage == Stage::Complete && fact.may_be(Stage::Deleted) && fact.may_be(Stage::Purged);
        assert!(fact.may_be(stage) || was_restored, "a file is {stage:?}: {fact:?}");
        self.books[book].files[file].settle(stage);
    }

    /// Finishes an interrupted upload, sending as little as possible.
    async fn finish_upload(&self, book: usize, file: usize) {
        let fact = &self.books[book].files[file];
        let bytes = fact.content.bytes();
        if let (Some(acknowledged), Stage::Announced) = (&fact.parts, fact.stage) {
            self.send_missing_parts(&fact.id, bytes, acknowledged).await;
            self.user.complete(&fact.id).await.ok();
            return;
        }
        let answer = self.user.complete(&fact.id).await;
        if answer.status == 200 {
            return;
        }
        assert_eq!(fact.stage, Stage::Announced, "acknowledged bytes are lost: {} {fact:?}", answer.text());
        answer.refused(422, "object_missing");
        let signed = self.user.retry(&fact.id).await.ok();
        self.put_again(&signed, bytes).await;
        self.user.complete(&fact.id).await.ok();
    }

    async fn send_missing_parts(&self, id: &str, bytes: &'static [u8], acknowledged: &BTreeSet<usize>) {
        let path = format!("/api/attachments/{id}/parts");
        let listed = self.user.get(&path).await.ok();
        let listed = listed["parts"].as_array().expect("a list of parts").iter();
        let arrived: BTreeSet<_> =
            listed.filter_map(|part| usize::try_from(part["partNumber"].as_u64()?).ok()).collect();
        assert!(arrived.is_superset(acknowledged), "parts are lost: {acknowledged:?} of which {arrived:?} are there");
        for (number, part) in (1..).zip(bytes.chunks(PART)) {
            if !arrived.contains(&number) {
                let body = json!({ "parts": [{ "partNumber": number, "checksumSha256": checksum(part) }] });
                self.put_again(&self.user.post(&path, body).await.ok()["parts"][0], part).await;
            }
        }
    }

    async fn put_again(&self, signed: &Value, bytes: &'static [u8]) {
        let mut request = self.http().put(text(&signed["uploadUrl"])).body(bytes);
        for (name, value) in signed["headers"].as_object().expect("headers") {
            request = request.header(name, text(value));
        }
        let answer = Answer::read(request.send().await.expect("the storage answers")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn restore(&self, book: usize, file: usize) -> Answer {
        self.user.poke(&format!("/api/attachments/{}/restore", self.books[book].files[file].id)).await
    }

    async fn assert_is_whole(&self, book: usize, file: usize) {
        let fact = &self.books[book].files[file];
        let answer = self.download(&fact.id).await;
        assert_eq!(answer.status, 200, "{fact:?} {}", answer.text());
        assert!(answer.bytes == fact.content.bytes(), "other bytes: {fact:?}");
    }

    /// Downloads a file like a browser.
    async fn download(&self, id: &str) -> Answer {
        let cookie = format!("attache_session={}", self.user.token().expect("somebody is logged in"));
        let url = format!("{}/api/messages/attachments/{id}", self.user.base);
        // A redirect to the store is followed without the cookie.
        let request = self.http().request(Method::GET, url).header("cookie", cookie);
        Answer::read(request.send().await.expect("the server answers")).await
    }

    /// Asserts that each message is there once, with its text and its files, and no other.
    fn assert_messages(&self, book: usize, listed: &[Value]) {
        let book = &self.books[book];
        let expected = book.messages.iter().filter(|message| message.sent != Sent::No);
        assert_eq!(listed.len(), expected.clone().count(), "messages of {}", book.channel);
        for fact in expected {
            let there: Vec<_> = listed.iter().filter(|there| there["id"] == json!(fact.id)).collect();
            assert_eq!(there.len(), 1, "{fact:?}");
            let there = there[0];
            let is_sent = fact.sent == Sent::Yes;
            assert_eq!(there["deleted"].is_null(), is_sent, "{there} {fact:?}");
            assert_eq!(there["body"], if is_sent { &*fact.body } else { "" });
            let of_message = fact.files.iter().map(|file| &book.files[*file]);
            let shown = of_message.filter(|file| is_sent && file.stage == Stage::Complete);
            let expected: BTreeSet<_> = shown.map(|file| file.id.clone()).collect();
            let attached = there["attachments"].as_array().expect("a list of files").iter();
            assert_eq!(attached.map(|file| text(&file["id"])).collect::<BTreeSet<_>>(), expected, "{there} {fact:?}");
        }
    }
}
