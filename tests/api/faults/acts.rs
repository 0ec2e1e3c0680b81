//! Requests that write: what each needs first, what it leaves in the database, and the response to a retry.

mod marks;
mod people;
mod programs;
mod webhooks;

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::{Answer, PASSWORD, Program, TestApp, Upload, User, files, text};

pub use programs::{OWN as PROGRAM_ROUTES, SHARED as SHARED_ROUTES};

/// The result of repeating a request that was done already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It succeeds and changes nothing.
    Same,
    /// It is done a second time.
    Twice,
    /// It is rejected with this status and changes nothing.
    Refused(u16),
}

use Again::{Refused, Same, Twice};

/// The other requests of the app.
#[rustfmt::skip]
const APP_ROUTES: &[(&str, Again)] = &[
    ("POST /api/contacts", Twice),
    ("POST /api/contacts/import", Same),
    ("PATCH /api/contacts/{id}", Same),
    ("DELETE /api/contacts/{id}", Refused(404)),
    ("PUT /api/contacts/{id}/members", Same),
    ("POST /api/channels", Refused(409)),
    ("PATCH /api/channels/{id}", Same),
    ("POST /api/channels/{id}/close", Same),
    ("POST /api/channels/{id}/open", Same),
    ("PUT /api/channels/{id}/members", Same),
    ("POST /api/channels/{id}/leave", Refused(404)),
    ("POST /api/channels/{id}/read", Same),
    ("POST /api/buckets", Refused(409)),
    ("PATCH /api/buckets/{id}", Same),
    ("DELETE /api/buckets/{id}", Refused(404)),
    ("POST /api/buckets/{id}/hooks", Twice),
    ("PATCH /api/buckets/{id}/hooks/{hook}", Same),
    ("POST /api/buckets/{id}/hooks/{hook}/revoke", Refused(404)),
    ("POST /api/channels/{id}/messages", Same),
    ("PUT /api/messages/{id}/reactions", Same),
    ("PATCH /api/messages/{id}", Same),
    ("DELETE /api/messages/{id}", Refused(404)),
    ("POST /api/messages/{id}/restore", Refused(409)),
    ("POST /api/uploads/presign", Twice),
    ("POST /api/attachments/{id}/complete", Same),
    ("POST /api/attachments/{id}/fail", Same),
    ("POST /api/attachments/{id}/retry", Same),
    ("POST /api/uploads/{id}/rename", Same),
    ("DELETE /api/uploads/{id}", Same),
    ("DELETE /api/attachments/{id}", Refused(404)),
    ("POST /api/attachments/{id}/restore", Refused(409)),
    ("POST /api/attachments/{id}/purge", Same),
    ("PATCH /api/photo-location", Same),
    ("PATCH /api/storage/retention", Same),
    ("POST /api/access-tokens", Twice),
    ("DELETE /api/access-tokens/{id}", Refused(404)),
    ("POST /api/bots", Refused(409)),
    ("PATCH /api/bots/{id}", Same),
    ("DELETE /api/bots/{id}", Refused(404)),
    ("POST /api/pictures/{id}/complete", Same),
    ("DELETE /api/pictures/{id}", Refused(404)),
    ("DELETE /api/emoji/{id}", Same),
    ("POST /api/emoji/{id}/restore", Same),
    ("POST /api/share-links", Twice),
    ("POST /api/share-links/{id}/revoke", Same),
    ("POST /api/file-requests", Twice),
    ("POST /api/file-requests/{id}/revoke", Same),
    ("POST /api/webhooks", Twice),
    ("PATCH /api/webhooks/{id}", Same),
    ("DELETE /api/webhooks/{id}", Refused(404)),
    ("POST /api/webhooks/{id}/rotate-secret", Twice),
    ("POST /api/webhooks/{id}/test", Twice),
    ("POST /api/webhooks/{id}/deliveries/{delivery}/resend", Same),
    ("POST /r/{token}/uploads", Twice),
    ("POST /r/{token}/send", Same),
];

/// Returns the requests that meet every fault.
pub fn routes() -> impl Iterator<Item = (&'static str, Again)> {
    people::ROUTES.iter().chain(marks::ROUTES).chain(APP_ROUTES).chain(PROGRAM_ROUTES).copied()
}

/// Tables whose rows are counted: after any failure, rows that are written together exist together.
#[rustfmt::skip]
const TABLES: [&str; 26] = [
    "users", "organizations", "members", "roles", "invites", "password_resets",
    "contacts", "contact_phones", "contact_members", "channels", "channel_members", "messages",
    "message_attachments", "attachments", "pictures", "bots", "emojis", "reactions",
    "share_links", "file_requests", "webhooks", "webhook_deliveries", "events", "audit_entries",
    "access_tokens", "bucket_hooks",
];

/// A request that is ready to be sent.
#[derive(Clone)]
pub struct Act {
    pub by: User,
    method: &'static str,
    path: String,
    body: Value,
    /// Of the program that sends it.
    secret: Option<String>,
    idempotency_key: Option<String>,
    /// The rows that exist, or no longer exist, after it is done, by the id.
    rows: String,
    id: String,
}

impl Act {
    pub async fn send(&self) -> Answer {
        // No response changes the session of the retry.
        self.by.copy_of_session().send_request(self.request()).await
    }

    /// Returns the same at another address of the server.
    pub fn at(&self, base: &str) -> Self {
        Self { by: self.by.at(base), ..self.clone() }
    }

    pub fn request(&self) -> reqwest::RequestBuilder {
        let request = self.by.request(self.method.parse().expect("a method"), &self.path);
        let request = self.secret.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let request = self.idempotency_key.iter().fold(request, |request, key| request.header("idempotency-key", key));
        match self.body.as_object() {
            None => request,
            Some(fields) if fields.contains_key("file") => {
                request.multipart(fields.iter().fold(Form::new(), with_field))
            }
            Some(_) => request.json(&self.body),
        }
    }

    /// Returns how many of its rows exist.
    pub async fn rows(&self, app: &TestApp) -> i64 {
        app.count(&self.rows, &self.id).await
    }
}

fn with_field(form: Form, (name, value): (&String, &Value)) -> Form {
    let part = Part::text(text(value));
    form.part(name.clone(), if name == "file" { part.file_name("a.txt") } else { part })
}

/// Returns the number of rows of each table.
pub async fn counts(app: &TestApp) -> Vec<(&'static str, i64)> {
    TABLES.into_iter().zip(app.counts(&TABLES, "").await).collect()
}

/// An organization for the requests.
pub struct World<'a> {
    pub app: &'a TestApp,
    owner: User,
    /// A member of two organizations.
    both: User,
    organizations: [String; 2],
    general: String,
    program: OnceCell<Program>,
    made: AtomicUsize,
}

impl<'a> World<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        let (owner, stranger) = (app.owner().await, app.other_organization().await);
        let join = json!({ "token": stranger.invite_token("member").await, "name": "Bo", "email": owner.email, "password": PASSWORD });
        let both = owner.another_device().await;
        both.post("/api/invites/accept", join).await.ok();
        let mut organizations = Vec::new();
        for user in [&owner, &stranger] {
            organizations.push(text(&user.get("/api/auth/session").await.ok()["organization"]["id"]));
        }
        let general = owner.channel("general").await;
        let organizations = organizations.try_into().expect("two organizations");
        let (program, made) = (OnceCell::new(), AtomicUsize::new(0));
        Self { app, owner, both, organizations, general, program, made }
    }

    async fn colleague(&self, unique: &str) -> User {
        self.owner.colleague("member", unique, &format!("{unique}@example.com")).await
    }

    /// Sends a file in its own message. Returns the ids of both.
    async fn sent(&self, unique: &str) -> (String, String) {
        let file = self.owner.upload(&self.general, &format!("{unique}.txt"), "text/plain", unique.as_bytes()).await;
        let message = self.owner.send(&self.general, unique, &[&file]).await.ok();
        (file, text(&message["id"]))
    }

    async fn made(&self, path: &str, body: Value) -> String {
        text(&self.owner.post(path, body).await.ok()["id"])
    }

    /// Creates a bucket with an incoming URL. Returns its id.
    async fn bucket_with_hook(&self, name: &str) -> String {
        let id = self.made("/api/buckets", json!({ "name": name })).await;
        self.made(&format!("/api/buckets/{id}/hooks"), json!({ "name": name })).await;
        id
    }

    async fn removed(&self, path: &str) {
        self.owner.delete(path).await.ok();
    }

    async fn link(&self, path: &str) -> String {
        let link = text(&self.owner.poke(path).await.ok()["url"]);
        link.rsplit('/').next().expect("the link ends with its token").to_owned()
    }

    /// Creates what an unsent request needs.
    #[expect(clippy::too_many_lines, reason = "it is a table")]
    pub async fn prepare(&self, route: &'static str) -> Act {
        // Limits are not tested here.
        self.app.sql("DELETE FROM rate_limits", "").await;
        self.app.sql("UPDATE pictures SET created_at = 0", "").await;
        let unique = format!("act{}", self.made.fetch_add(1, Ordering::Relaxed));
        let (name, owner, general) = (unique.as_str(), self.owner.clone(), self.general.as_str());
        let mut secret = None;
        let (by, id, body, rows) = match route {
            _ if people::ROUTES.iter().any(|(known, _)| *known == route) => self.people_act(route, name).await,
            _ if marks::ROUTES.iter().any(|(known, _)| *known == route) => self.marks_act(route, name).await,
            "POST /api/contacts" => {
                let body = json!({ "firstName": name, "phones": [{ "number": "+1 555 1", "preferred": true }] });
                (owner, String::new(), body, format!("contacts WHERE first_name = '{name}'"))
            }
            "POST /api/contacts/import" => {
                let contact = json!({ "firstName": name, "email": format!("{name}@example.com") });
                let body = json!({ "rows": [{ "line": 2, "contact": contact }], "remaining": 0 });
                (owner, String::new(), body, format!("contacts WHERE first_name = '{name}'"))
            }
            "DELETE /api/contacts/{id}" => {
                let id = text(&owner.contact("Jane", name, "").await["id"]);
                (
                    owner,
                    id,
                    json!({ "name": format!("Jane {name}") }),
                    "contacts WHERE id = {id} AND first_name <> ''".to_owned(),
                )
            }
            "PATCH /api/contacts/{id}" => {
                let id = text(&owner.contact("Jane", "Doe", "").await["id"]);
                (owner, id, json!({ "firstName": name }), format!("contacts WHERE first_name = '{name}'"))
            }
            "PUT /api/contacts/{id}/members" => {
                let id = text(&owner.contact(name, "Doe", "").await["id"]);
                let body = json!({ "memberIds": [owner.member_id] });
                (owner, id, body, "contact_members WHERE contact_id = {id}".to_owned())
            }
            "POST /api/channels" => {
                let body = json!({ "name": name, "kind": "team", "private": true });
                (owner, String::new(), body, format!("channels WHERE name = '{name}'"))
            }
            "PUT /api/channels/{id}/members" => {
                let (id, user) = (owner.private_channel(name).await, self.colleague(name).await);
                let body = json!({ "memberIds": [owner.member_id, user.member_id] });
                (owner, id, body, CHANNEL_MEMBERS.to_owned())
            }
            "PATCH /api/channels/{id}" => {
                let id = owner.channel(&format!("old {name}")).await;
                (owner, id, json!({ "name": name }), format!("channels WHERE name = '{name}'"))
            }
            "POST /api/channels/{id}/close" => {
                let id = text(&owner.contact(name, "Doe", "").await["channelId"]);
                (owner, id, Value::Null, "channels WHERE id = {id} AND closed".to_owned())
            }
            "POST /api/channels/{id}/open" => {
                let id = text(&owner.contact(name, "Doe", "").await["channelId"]);
                owner.poke(&format!("/api/channels/{id}/close")).await.ok();
                (owner, id, Value::Null, "channels WHERE id = {id} AND NOT closed".to_owned())
            }
            "POST /api/channels/{id}/leave" => {
                let (id, user) = (owner.private_channel(name).await, self.colleague(name).await);
                let members = json!({ "memberIds": [owner.member_id, user.member_id] });
                owner.put(&format!("/api/channels/{id}/members"), members).await.ok();
                (user, id, Value::Null, CHANNEL_MEMBERS.to_owned())
            }
            "POST /api/channels/{id}/read" => {
                let (id, user) = (owner.channel(name).await, self.colleague(name).await);
                let message = text(&user.send(&id, "Hello", &[]).await.ok()["id"]);
                (owner, id, json!({ "messageId": message }), "channel_reads WHERE channel_id = {id}".to_owned())
            }
            "POST /api/buckets" => {
                (owner, String::new(), json!({ "name": name }), format!("channels WHERE name = '{name}'"))
            }
            "PATCH /api/buckets/{id}" => {
                let id = self.made("/api/buckets", json!({ "name": format!("old {name}") })).await;
                (owner, id, json!({ "name": name }), format!("channels WHERE name = '{name}'"))
            }
            "DELETE /api/buckets/{id}" => {
                let id = self.made("/api/buckets", json!({ "name": name })).await;
                (owner, id, Value::Null, CHANNEL_ALIVE.to_owned())
            }
            "POST /api/buckets/{id}/hooks" => {
                let id = self.made("/api/buckets", json!({ "name": name })).await;
                (owner, id, json!({ "name": name }), "bucket_hooks WHERE channel_id = {id}".to_owned())
            }
            "PATCH /api/buckets/{id}/hooks/{hook}" => {
                let id = self.bucket_with_hook(name).await;
                let body = json!({ "template": { "title": "{{name}}" } });
                (owner, id, body, "bucket_hooks WHERE channel_id = {id} AND template_title <> ''".to_owned())
            }
            "POST /api/buckets/{id}/hooks/{hook}/revoke" => {
                let id = self.bucket_with_hook(name).await;
                (owner, id, Value::Null, "access_tokens WHERE channel_id = {id} AND revoked_at IS NULL".to_owned())
            }
            "POST /api/channels/{id}/messages" => {
                let file = owner.upload(general, "a.txt", "text/plain", name.as_bytes()).await;
                let body = json!({ "body": name, "attachmentIds": [file], "idempotencyKey": name });
                (owner, general.to_owned(), body, format!("messages WHERE body = '{name}'"))
            }
            "PUT /api/messages/{id}/reactions" => {
                let id = text(&owner.send(general, name, &[]).await.ok()["id"]);
                let body = json!({ "emoji": "👍", "reacted": true });
                (owner, id, body, "reactions WHERE message_id = {id}".to_owned())
            }
            "PATCH /api/messages/{id}" => {
                let id = text(&owner.send(general, name, &[]).await.ok()["id"]);
                (owner, id, json!({ "body": "Edited" }), "messages WHERE id = {id} AND body = 'Edited'".to_owned())
            }
            "DELETE /api/messages/{id}" => {
                let (_, id) = self.sent(name).await;
                (owner, id, Value::Null, LIVE_MESSAGE.to_owned())
            }
            "POST /api/messages/{id}/restore" => {
                let (_, id) = self.sent(name).await;
                self.removed(&format!("/api/messages/{id}")).await;
                (owner, id, Value::Null, LIVE_MESSAGE.to_owned())
            }
            "POST /api/uploads/presign" => {
                let body = json!({ "type": "attachment", "channelId": general, "fileName": format!("{name}.txt"), "fileSize": 3, "contentType": "text/plain" });
                (owner, String::new(), body, format!("attachments WHERE file_name = '{name}.txt'"))
            }
            "POST /api/attachments/{id}/complete" => {
                let id = owner.stage(general, "a.txt", "text/plain", b"abc").await.id;
                (owner, id, Value::Null, "attachments WHERE id = {id} AND status = 'complete'".to_owned())
            }
            "POST /api/attachments/{id}/fail" => {
                let id = owner.presign(general, "a.txt", "text/plain", b"abc").await.id;
                let rows = "attachments WHERE id = {id} AND status = 'failed'".to_owned();
                (owner, id, json!({ "reason": "Gave up" }), rows)
            }
            "POST /api/attachments/{id}/retry" => {
                let id = owner.presign(general, "a.txt", "text/plain", b"abc").await.id;
                owner.fail(&id, "Gave up").await.ok();
                (owner, id, Value::Null, "attachments WHERE id = {id} AND status = 'uploading'".to_owned())
            }
            "POST /api/uploads/{id}/rename" => {
                let id = owner.presign(general, "a.txt", "text/plain", b"abc").await.id;
                let file_name = format!("{name}.txt");
                (owner, id, json!({ "fileName": file_name }), format!("attachments WHERE file_name = '{file_name}'"))
            }
            "DELETE /api/uploads/{id}" => {
                let id = owner.presign(general, "a.txt", "text/plain", b"abc").await.id;
                (owner, id, Value::Null, "attachments WHERE id = {id} AND status = 'uploading'".to_owned())
            }
            "DELETE /api/attachments/{id}" => (owner, self.sent(name).await.0, Value::Null, LIVE_FILE.to_owned()),
            "POST /api/attachments/{id}/restore" => {
                let (id, _) = self.sent(name).await;
                self.removed(&format!("/api/attachments/{id}")).await;
                (owner, id, Value::Null, LIVE_FILE.to_owned())
            }
            "POST /api/attachments/{id}/purge" => {
                let (id, _) = self.sent(name).await;
                self.removed(&format!("/api/attachments/{id}")).await;
                (owner, id, Value::Null, "attachments WHERE id = {id} AND purged_at IS NULL".to_owned())
            }
            "PATCH /api/photo-location" => {
                self.app.sql("UPDATE organizations SET keep_photo_location = FALSE", "").await;
                (owner, String::new(), json!({ "keep": true }), "organizations WHERE keep_photo_location".to_owned())
            }
            "PATCH /api/storage/retention" => {
                self.app.sql("UPDATE organizations SET retention_days = NULL", "").await;
                let rows = "organizations WHERE retention_days = 30".to_owned();
                (owner, String::new(), json!({ "retentionDays": 30 }), rows)
            }
            "POST /api/access-tokens" => {
                let body = json!({ "name": name, "scopes": ["messages:read"] });
                (owner, String::new(), body, format!("access_tokens WHERE name = '{name}'"))
            }
            "DELETE /api/access-tokens/{id}" => {
                let token = owner.access_token(json!({ "name": name, "scopes": ["messages:read"] })).await;
                let rows = "access_tokens WHERE id = {id} AND revoked_at IS NULL".to_owned();
                (owner, text(&token["id"]), Value::Null, rows)
            }
            "POST /api/bots" => (owner, String::new(), json!({ "name": name }), format!("bots WHERE name = '{name}'")),
            "PATCH /api/bots/{id}" => {
                let id = self.made("/api/bots", json!({ "name": format!("old {name}") })).await;
                (owner, id, json!({ "name": name }), format!("bots WHERE name = '{name}'"))
            }
            "DELETE /api/bots/{id}" => {
                let id = self.made("/api/bots", json!({ "name": name })).await;
                (owner, id, Value::Null, "bots WHERE id = {id} AND removed_at IS NULL".to_owned())
            }
            "POST /api/pictures/{id}/complete" => {
                let bytes = files::picture(16, 16);
                let body =
                    json!({ "type": "organization-avatar", "fileSize": bytes.len(), "contentType": "image/png" });
                let upload = Upload::new(owner.post("/api/uploads/presign", body).await.ok(), &bytes);
                assert_eq!(upload.put().await.status, 200);
                (owner, upload.id, Value::Null, "pictures WHERE id = {id} AND status = 'complete'".to_owned())
            }
            "DELETE /api/pictures/{id}" => {
                let id = owner.picture(json!({ "type": "organization-avatar" }), &files::picture(16, 16)).await;
                (owner, id, Value::Null, "pictures WHERE id = {id} AND status = 'complete'".to_owned())
            }
            "DELETE /api/emoji/{id}" => (owner, self.emoji(name).await, Value::Null, LIVE_EMOJI.to_owned()),
            "POST /api/emoji/{id}/restore" => {
                let id = self.emoji(name).await;
                self.removed(&format!("/api/emoji/{id}")).await;
                (owner, id, Value::Null, LIVE_EMOJI.to_owned())
            }
            "POST /api/share-links" => {
                let (id, _) = self.sent(name).await;
                (owner, id.clone(), json!({ "attachmentId": id }), "share_links WHERE attachment_id = {id}".to_owned())
            }
            "POST /api/share-links/{id}/revoke" => {
                let (file, _) = self.sent(name).await;
                let id = self.made("/api/share-links", json!({ "attachmentId": file })).await;
                (owner, id, Value::Null, "share_links WHERE id = {id} AND revoked_at IS NULL".to_owned())
            }
            "POST /api/file-requests" => {
                let body = json!({ "channelId": general, "note": name });
                (owner, String::new(), body, format!("messages WHERE body = '{name}' AND file_request_id IS NOT NULL"))
            }
            "POST /api/file-requests/{id}/revoke" => {
                let id = self.made("/api/file-requests", json!({ "channelId": general })).await;
                (owner, id, Value::Null, "file_requests WHERE id = {id} AND revoked_at IS NULL".to_owned())
            }
            "POST /r/{token}/uploads" => {
                let body = json!({ "fileName": format!("{name}.txt"), "fileSize": 3, "contentType": "text/plain" });
                (self.app.anonymous(), String::new(), body, format!("attachments WHERE file_name = '{name}.txt'"))
            }
            "POST /r/{token}/send" => {
                let body = json!({ "body": name, "idempotencyKey": name });
                (self.app.anonymous(), String::new(), body, format!("messages WHERE submission_key = '{name}'"))
            }
            _ if route.contains(" /api/webhooks") => self.webhook_act(route, name).await,
            _ => {
                let act = self.program_act(route, name).await;
                secret = act.secret;
                (owner, act.id, act.body, act.rows)
            }
        };
        let mut words = route.split(' ');
        let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
        let idempotency_key = route.ends_with(" with a key").then_some(unique);
        let mut path = path.replace("{id}", &id).replace("{invite}", &id);
        if path.contains("{token}") {
            let request = self.owner.post("/api/file-requests", json!({ "channelId": general })).await.ok();
            let url = text(&request["url"]);
            path = path.replace("{token}", url.rsplit('/').next().expect("the link ends with its token"));
        }
        if path.contains("{delivery}") {
            let log = self.owner.get(&format!("/api/webhooks/{id}/deliveries")).await.ok();
            path = path.replace("{delivery}", &text(&log[0]["id"]));
        }
        if path.contains("{hook}") {
            let hooks = by.get(&format!("/api/buckets/{id}/hooks")).await.ok();
            path = path.replace("{hook}", &text(&hooks[0]["id"]));
        }
        Act { by, method, path, body, secret, idempotency_key, rows, id }
    }

    async fn emoji(&self, name: &str) -> String {
        self.owner.picture(json!({ "type": "custom-emoji", "name": name }), &files::picture(16, 16)).await
    }
}

const SESSIONS: &str = "sessions WHERE user_id IN (SELECT user_id FROM members WHERE id = {id})";
const CHANNEL_MEMBERS: &str = "channel_members WHERE channel_id = {id}";
const CHANNEL_ALIVE: &str = "channels WHERE id = {id} AND deleted_at IS NULL";
const LIVE_MESSAGE: &str = "messages WHERE id = {id} AND deleted_at IS NULL";
const LIVE_FILE: &str = "attachments WHERE id = {id} AND deleted_at IS NULL";
const LIVE_EMOJI: &str = "emojis WHERE id = {id} AND removed_at IS NULL";
