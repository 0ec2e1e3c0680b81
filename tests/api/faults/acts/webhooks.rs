//! The requests about webhooks.

use serde_json::{Value, json};

use super::World;
use crate::support::{User, text};

/// Nothing is sent to it: the workers don't run here.
const URL: &str = "https://8.8.8.8/hook";

impl World<'_> {
    /// Returns who sends the request, the id in its path, its body, and the rows that it changes.
    pub(super) async fn webhook_act(&self, route: &'static str, name: &str) -> (User, String, Value, String) {
        let owner = self.owner.clone();
        let route = route.replace("/api/v1/", "/api/");
        let new = json!({ "url": format!("{URL}/{name}"), "events": ["message.created"] });
        // An organization can have a hundred.
        if self.app.count("webhooks", "").await > 60 {
            self.app.sql("DELETE FROM webhooks", "").await;
        }
        if route == "POST /api/webhooks" {
            return (owner, String::new(), new, format!("webhooks WHERE url = '{URL}/{name}'"));
        }
        let id = text(&owner.post("/api/webhooks", new).await.ok()["id"]);
        let (body, rows) = match route.as_str() {
            "PATCH /api/webhooks/{id}" => {
                (json!({ "enabled": false }), "webhooks WHERE id = {id} AND disabled_at IS NOT NULL")
            }
            "DELETE /api/webhooks/{id}" => (Value::Null, "webhooks WHERE id = {id}"),
            "POST /api/webhooks/{id}/rotate-secret" => {
                (Value::Null, "webhook_previous_secrets WHERE webhook_id = {id}")
            }
            "POST /api/webhooks/{id}/deliveries/{delivery}/resend" => {
                owner.poke(&format!("/api/webhooks/{id}/test")).await.ok();
                let done = "UPDATE webhook_deliveries SET state = 'delivered' WHERE webhook_id = {id}";
                self.app.sql(done, &id).await;
                (Value::Null, "webhook_deliveries WHERE webhook_id = {id} AND state = 'pending'")
            }
            "POST /api/webhooks/{id}/test" => (Value::Null, "webhook_deliveries WHERE webhook_id = {id}"),
            _ => panic!("nobody knows what {route} needs"),
        };
        (owner, id, body, rows.to_owned())
    }
}
