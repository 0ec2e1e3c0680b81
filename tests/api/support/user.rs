//! A person with a cookie jar for one cookie.

use std::sync::{Arc, Mutex};

use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};

use super::answer::{Answer, text};
use super::app::PASSWORD;
use super::{EventSource, Upload};

const COOKIE: &str = "attache_session";

/// Clones share the cookie jar, like the tabs of a browser.
#[derive(Clone)]
pub struct User {
    pub base: String,
    pub member_id: String,
    pub email: String,
    http: Client,
    token: Arc<Mutex<Option<String>>>,
}

impl User {
    pub fn new(base: &str) -> Self {
        let http =
            Client::builder().redirect(redirect::Policy::none()).no_proxy().build().expect("a client can be made");
        Self { base: base.to_owned(), member_id: String::new(), email: String::new(), http, token: Arc::default() }
    }

    /// Returns the same person at another server of the installation.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Returns the same session in a separate jar.
    pub fn copy_of_session(&self) -> Self {
        Self { token: Arc::new(Mutex::new(self.token())), ..self.clone() }
    }

    /// Returns the same person on another device.
    pub async fn another_device(&self) -> Self {
        let device = Self { token: Arc::default(), ..self.clone() };
        device.post("/api/auth/log-in", json!({ "email": self.email, "password": PASSWORD })).await.ok();
        device
    }

    /// Records the session after signing up or accepting an invite.
    #[track_caller]
    pub fn entered(&mut self, answer: Answer, email: &str) {
        self.member_id = text(&answer.ok()["memberId"]);
        self.email = String::from(email);
    }

    /// Returns the session token in the jar.
    pub fn token(&self) -> Option<String> {
        self.token.lock().expect("no test panics with the jar").clone()
    }

    /// Returns a request with this person's cookie, for special headers or bodies.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        let request = self.http.request(method, url);
        match self.token() {
            Some(token) => request.header("cookie", format!("{COOKIE}={token}")),
            None => request,
        }
    }

    pub async fn send_request(&self, request: RequestBuilder) -> Answer {
        let answer = Answer::read(request.send().await.expect("the server answers")).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("cookies are ASCII");
            // On https with a prefix.
            let pair = cookie.split(';').next().unwrap_or_default();
            let value = pair.strip_prefix("__Host-").unwrap_or(pair).strip_prefix("attache_session=");
            if let Some(value) = value {
                let kept = Some(value.to_owned()).filter(|value| !value.is_empty());
                *self.token.lock().expect("no test panics with the jar") = kept;
            }
        }
        answer
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method.parse().expect("a method"), path);
        self.send_request(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    /// Sends a POST without a body.
    pub async fn poke(&self, path: &str) -> Answer {
        self.call("POST", path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }

    /// Returns the token of an invite to this person's organization.
    pub async fn invite_token(&self, role: &str) -> String {
        let url = text(&self.post("/api/invites", json!({ "role": role })).await.ok()["url"]);
        url.rsplit('/').next().expect("the link ends with its token").to_owned()
    }

    /// Returns a new member of this person's organization.
    pub async fn colleague(&self, role: &str, name: &str, email: &str) -> User {
        let token = self.invite_token(role).await;
        let mut user = User::new(&self.base);
        let body = json!({ "token": token, "name": name, "email": email, "password": PASSWORD });
        user.entered(user.post("/api/invites/accept", body).await, email);
        user
    }

    /// Creates a public team channel. Returns its id.
    pub async fn channel(&self, name: &str) -> String {
        text(&self.post("/api/channels", json!({ "name": name, "kind": "team", "private": false })).await.ok()["id"])
    }

    pub async fn private_channel(&self, name: &str) -> String {
        text(&self.post("/api/channels", json!({ "name": name, "kind": "team", "private": true })).await.ok()["id"])
    }

    /// Creates a contact. Returns the server's response.
    pub async fn contact(&self, first: &str, last: &str, phone: &str) -> Value {
        let phones = if phone.is_empty() { json!([]) } else { json!([{ "number": phone, "preferred": true }]) };
        self.post("/api/contacts", json!({ "firstName": first, "lastName": last, "phones": phones })).await.ok()
    }

    /// Requests an upload URL.
    pub async fn presign(&self, channel: &str, name: &str, content_type: &str, bytes: &[u8]) -> Upload {
        let body = json!({ "type": "attachment", "channelId": channel, "fileName": name, "fileSize": bytes.len(),
            "contentType": content_type });
        Upload::new(self.post("/api/uploads/presign", body).await.ok(), bytes)
    }

    /// Presigns and sends the bytes, without completing.
    pub async fn stage(&self, channel: &str, name: &str, content_type: &str, bytes: &[u8]) -> Upload {
        let upload = self.presign(channel, name, content_type, bytes).await;
        assert_eq!(upload.put().await.status, 200);
        upload
    }

    /// Uploads a file completely. Returns its id.
    pub async fn upload(&self, channel: &str, name: &str, content_type: &str, bytes: &[u8]) -> String {
        let upload = self.stage(channel, name, content_type, bytes).await;
        self.complete(&upload.id).await.ok();
        upload.id
    }

    /// Uploads a small picture completely; `request` is its target. Returns its id.
    pub async fn picture(&self, mut request: Value, bytes: &[u8]) -> String {
        request["fileSize"] = json!(bytes.len());
        request["contentType"] = json!("image/png");
        let upload = Upload::new(self.post("/api/uploads/presign", request).await.ok(), bytes);
        assert_eq!(upload.put().await.status, 200);
        self.poke(&format!("/api/pictures/{}/complete", upload.id)).await.ok();
        upload.id
    }

    pub async fn complete(&self, id: &str) -> Answer {
        self.poke(&format!("/api/attachments/{id}/complete")).await
    }

    pub async fn fail(&self, id: &str, reason: &str) -> Answer {
        self.post(&format!("/api/attachments/{id}/fail"), json!({ "reason": reason })).await
    }

    pub async fn retry(&self, id: &str) -> Answer {
        self.poke(&format!("/api/attachments/{id}/retry")).await
    }

    pub async fn send(&self, channel: &str, body: &str, attachments: &[&str]) -> Answer {
        let body = json!({ "body": body, "attachmentIds": attachments });
        self.post(&format!("/api/channels/{channel}/messages"), body).await
    }

    /// Uploads a file and sends it. Returns the attachment's id.
    pub async fn send_file(&self, channel: &str, name: &str, content_type: &str, bytes: &[u8]) -> String {
        let id = self.upload(channel, name, content_type, bytes).await;
        self.send(channel, "", &[&id]).await.ok();
        id
    }

    /// Returns the messages of a channel, newest first.
    pub async fn messages(&self, channel: &str) -> Vec<Value> {
        let list = self.get(&format!("/api/channels/{channel}/messages")).await.ok();
        list.as_array().expect("a list of messages").clone()
    }

    /// Downloads a file like a browser: redirects are followed, without the cookie.
    pub async fn download(&self, id: &str, query: &str) -> Answer {
        let answer = self.get(&format!("/api/messages/attachments/{id}{query}")).await;
        if answer.status / 100 != 3 {
            return answer;
        }
        Self::new(&self.base).get(answer.header("location")).await
    }

    /// Downloads a public file: redirects are followed.
    pub async fn download_public(&self, path: &str) -> Answer {
        let answer = self.get(path).await;
        if answer.status / 100 != 3 {
            return answer;
        }
        Self::new(&self.base).get(answer.header("location")).await
    }

    pub async fn listen(&self) -> EventSource {
        EventSource::open(self.request(Method::GET, "/api/events")).await
    }

    /// Listens like a page that was rendered at this time.
    pub async fn listen_since(&self, moment: &str) -> EventSource {
        EventSource::open(self.request(Method::GET, &format!("/api/events?since={moment}"))).await
    }

    /// Listens like a tab that continues the stream of another: events after this one are replayed.
    pub async fn listen_after(&self, last_id: &str) -> EventSource {
        EventSource::open(self.request(Method::GET, &format!("/api/events?after={last_id}"))).await
    }

    /// Listens like after a lost connection: events after this one are replayed.
    pub async fn listen_from(&self, last_id: &str) -> EventSource {
        EventSource::open(self.request(Method::GET, "/api/events").header("last-event-id", last_id)).await
    }
}
