//! Requests about a member's own marks: read, unread, muted, and what notifies them.

use serde_json::{Value, json};

use super::{Again, World};
use crate::support::{User, text};
use Again::Same;

/// The requests, and the response to a retry of each.
#[rustfmt::skip]
pub const ROUTES: &[(&str, Again)] = &[
    ("PUT /api/auth/notifications", Same),
    ("PUT /api/channels/{id}/muted", Same),
    ("POST /api/channels/{id}/unread", Same),
    ("POST /api/conversations/read", Same),
];

impl World<'_> {
    /// Returns who sends the request, the id in its path, its body, and the rows that it changes.
    pub(super) async fn marks_act(&self, route: &'static str, name: &str) -> (User, String, Value, String) {
        let (owner, user) = (self.owner.clone(), self.colleague(name).await);
        match route {
            "PUT /api/auth/notifications" => {
                let (id, body) = (user.member_id.clone(), json!({ "about": "nothing" }));
                (user, id, body, "members WHERE id = {id} AND notify = 'nothing'".to_owned())
            }
            "PUT /api/channels/{id}/muted" => {
                let id = owner.channel(name).await;
                (user, id, json!({ "muted": true }), "muted_channels WHERE channel_id = {id}".to_owned())
            }
            "POST /api/channels/{id}/unread" => {
                let id = owner.channel(name).await;
                let body = json!({ "messageId": text(&owner.send(&id, "Hello", &[]).await.ok()["id"]) });
                user.post(&format!("/api/channels/{id}/read"), body.clone()).await.ok();
                (user, id, body, "channel_reads WHERE channel_id = {id} AND counted".to_owned())
            }
            _ => {
                let id = owner.channel(name).await;
                owner.send(&id, "Hello", &[]).await.ok();
                (user, id, Value::Null, "channel_reads WHERE channel_id = {id}".to_owned())
            }
        }
    }
}
