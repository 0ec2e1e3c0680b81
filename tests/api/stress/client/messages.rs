//! Messages: sent by people and programs, deleted and restored.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{Client, Lost};
use crate::stress::facts::{Content, MessageFact, Sent, Stage};
use crate::support::text;

impl Client {
    /// Sends a message with up to three files.
    pub(super) async fn send(&mut self) -> Result<(), Lost> {
        let mut files = self.book().files_at(Stage::Complete, false);
        files.truncate(self.random.below(4));
        let message = self.begin_message(files, None, false);
        let (path, request) = self.book().send_request(message);
        let sent = self.post_json(&path, request).await?;
        self.acknowledge_message(message, text(&sent["id"]));
        Ok(())
    }

    /// Posts a message by the REST API.
    pub(super) async fn post(&mut self) -> Result<(), Lost> {
        let message = self.begin_message(Vec::new(), None, true);
        let (channel, body) = (self.book().channel.clone(), self.book().messages[message].body.clone());
        let request = self.program.request(Method::POST, "/messages");
        let request = request.header("idempotency-key", &body).json(&json!({ "bucketId": channel, "body": body }));
        let sent = self.ask(request, 201).await?;
        self.acknowledge_message(message, text(&sent["id"]));
        Ok(())
    }

    /// Posts a message and its file in one request.
    pub(super) async fn post_with_file(&mut self) -> Result<(), Lost> {
        let content = Content::picture(&mut self.random);
        let bytes = content.bytes();
        let message = self.begin_message(Vec::new(), Some(content), true);
        let (channel, body) = (self.book().channel.clone(), self.book().messages[message].body.clone());
        let file = Part::bytes(bytes).file_name("file.png");
        let form = Form::new().text("bucketId", channel).text("body", body).part("file", file);
        let request = self.program.request(Method::POST, "/messages/with-attachment").multipart(form);
        let sent = self.ask(request, 201).await?;
        self.acknowledge_message(message, text(&sent["id"]));
        self.book().enclosed_arrived(message, text(&sent["attachments"][0]["attachmentUuid"]));
        Ok(())
    }

    fn begin_message(&mut self, files: Vec<usize>, enclosed: Option<Content>, by_program: bool) -> usize {
        let body = Self::new_body();
        let book = self.book();
        let message = book.messages.len();
        for file in &files {
            book.files[*file].message = Some(message);
        }
        let (sent, perhaps) = (Sent::No, Some(Sent::Yes));
        book.messages.push(MessageFact { body, id: None, sent, perhaps, files, enclosed, by_program });
        message
    }

    fn acknowledge_message(&mut self, message: usize, id: String) {
        let fact = &mut self.book().messages[message];
        fact.settle(Sent::Yes);
        fact.id = Some(id);
    }

    pub(super) async fn delete_message(&mut self) -> Result<(), Lost> {
        self.change_message(Sent::Yes, Sent::Deleted, (Stage::Complete, Stage::Deleted), Method::DELETE, "").await
    }

    pub(super) async fn restore_message(&mut self) -> Result<(), Lost> {
        self.change_message(Sent::Deleted, Sent::Yes, (Stage::Deleted, Stage::Complete), Method::POST, "/restore").await
    }

    /// Changes the state of a message, and of its files. Skips one with separately deleted files.
    async fn change_message(
        &mut self,
        from: Sent,
        to: Sent,
        files: (Stage, Stage),
        method: Method,
        action: &str,
    ) -> Result<(), Lost> {
        let book = self.book();
        let mut messages = book.messages_at(from);
        messages.retain(|message| {
            let of_message = &book.messages[*message].files;
            of_message.iter().all(|file| book.files[*file].is_certain(files.0))
        });
        if messages.is_empty() {
            return Ok(());
        }
        let message = *self.random.pick(&messages);
        let book = self.book();
        book.messages[message].perhaps = Some(to);
        for file in book.messages[message].files.clone() {
            book.begin(file, files.1);
        }
        let path =
            format!("/api/messages/{}{action}", book.messages[message].id.as_ref().expect("it was acknowledged"));
        self.call(method, &path).await?;
        let book = self.book();
        book.messages[message].settle(to);
        for file in book.messages[message].files.clone() {
            book.acknowledged(file);
        }
        Ok(())
    }
}
