//! File requests: who may ask, what the link allows, and what becomes of what visitors send.

mod asking;
mod broken_lines;
mod forms;
mod hostile;
mod limits;
mod opening;
mod receiving;
mod uploading;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, Upload, User, text};

/// A link, and somebody without an account who has it.
pub struct Link {
    pub visitor: User,
    /// Such as `/r/…`.
    pub page: String,
    pub id: String,
}

impl Link {
    /// Asks for files in a channel; `terms` are the other fields.
    pub async fn create(app: &TestApp, user: &User, channel: &str, mut terms: Value) -> Self {
        terms["channelId"] = json!(channel);
        let created = user.post("/api/file-requests", terms).await.ok();
        Self::of(app, &created)
    }

    fn of(app: &TestApp, created: &Value) -> Self {
        let url = text(&created["url"]);
        let page = url.strip_prefix(&app.base).expect("the link leads to this server").to_owned();
        Self { visitor: app.anonymous(), page, id: text(&created["id"]) }
    }

    pub async fn begin(&self, name: &str, content_type: &str, size: usize) -> Answer {
        let body = json!({ "fileName": name, "fileSize": size, "contentType": content_type });
        self.visitor.post(&format!("{}/uploads", self.page), body).await
    }

    /// Presigns and sends the bytes, and says no more.
    pub async fn stage(&self, name: &str, content_type: &str, bytes: &[u8]) -> String {
        let upload = Upload::new(self.begin(name, content_type, bytes.len()).await.ok(), bytes);
        assert_eq!(upload.put().await.status, 200);
        upload.id
    }

    pub async fn complete(&self, id: &str) -> Answer {
        self.visitor.poke(&format!("{}/uploads/{id}/complete", self.page)).await
    }

    /// Uploads a file completely. Returns its id.
    pub async fn upload(&self, name: &str, content_type: &str, bytes: &[u8]) -> String {
        let id = self.stage(name, content_type, bytes).await;
        assert_eq!(self.complete(&id).await.ok()["status"], "complete");
        id
    }

    pub async fn send(&self, body: &str, files: &[&str], key: &str) -> Answer {
        let body = json!({ "body": body, "attachmentIds": files, "idempotencyKey": key });
        self.visitor.post(&format!("{}/send", self.page), body).await
    }

    /// How the owner's list shows it.
    pub async fn listed(&self, user: &User) -> Value {
        let list = user.get("/api/file-requests").await.ok();
        let found = list.as_array().expect("a list").iter().find(|row| row["id"] == self.id.as_str());
        found.expect("it is listed").clone()
    }
}

/// A contact's conversation and the owner of the organization.
pub async fn contact(app: &TestApp) -> (User, Value, String) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    let channel = text(&jane["channelId"]);
    (owner, jane, channel)
}
