//! Requests about accounts, sessions, members, invites and roles.

use serde_json::{Value, json};

use super::{Again, SESSIONS, World};
use crate::support::{PASSWORD, User, text};
use Again::{Refused, Same, Twice};

/// The requests, and the response to a retry of each.
#[rustfmt::skip]
pub const ROUTES: &[(&str, Again)] = &[
    ("POST /api/auth/sign-up", Refused(409)),
    ("POST /api/auth/log-in", Twice),
    ("POST /api/auth/log-out", Same),
    ("POST /api/auth/organization", Same),
    ("PATCH /api/auth/user", Same),
    ("POST /api/auth/password", Same),
    ("DELETE /api/auth/sessions/{id}", Refused(404)),
    ("PATCH /api/organization", Same),
    ("POST /api/invites", Twice),
    ("DELETE /api/invites/{invite}", Refused(404)),
    ("POST /api/invites/accept", Refused(404)),
    ("PATCH /api/members/{id}", Same),
    ("DELETE /api/members/{id}", Refused(404)),
    ("DELETE /api/members/{id}/sessions", Same),
    ("POST /api/members/{id}/password-reset", Same),
    ("POST /api/auth/password-reset", Refused(404)),
    ("POST /api/roles", Refused(409)),
    ("PATCH /api/roles", Same),
];

const RESETS: &str = "password_resets WHERE user_id IN (SELECT user_id FROM members WHERE id = {id})";

impl World<'_> {
    /// Returns who sends the request, the id in its path, its body, and the rows that it changes.
    pub(super) async fn people_act(&self, route: &'static str, name: &str) -> (User, String, Value, String) {
        let (owner, email) = (self.owner.clone(), format!("{name}@example.com"));
        match route {
            "POST /api/auth/sign-up" => {
                let body = json!({ "name": name, "email": email, "password": PASSWORD, "organization": name });
                (self.app.anonymous(), String::new(), body, format!("users WHERE email = '{email}'"))
            }
            "POST /api/auth/log-in" => {
                let user = self.colleague(name).await;
                let body = json!({ "email": user.email, "password": PASSWORD });
                (self.app.anonymous(), user.member_id, body, SESSIONS.to_owned())
            }
            "POST /api/auth/log-out" => {
                let user = self.colleague(name).await;
                (user.clone(), user.member_id, Value::Null, SESSIONS.to_owned())
            }
            "POST /api/auth/organization" => {
                let session = self.both.get("/api/auth/session").await.ok();
                let here = text(&session["organization"]["id"]);
                let other = self.organizations.iter().find(|id| **id != here).expect("there is another").clone();
                let rows = "sessions WHERE organization_id = {id} AND user_id IN
                            (SELECT user_id FROM members GROUP BY user_id HAVING count(*) > 1)";
                (self.both.clone(), other.clone(), json!({ "organizationId": other }), rows.to_owned())
            }
            "PATCH /api/auth/user" => {
                (owner, String::new(), json!({ "name": name }), format!("users WHERE name = '{name}'"))
            }
            "POST /api/auth/password" => {
                let user = self.colleague(name).await;
                user.another_device().await;
                let body = json!({ "currentPassword": PASSWORD, "newPassword": PASSWORD });
                (user.clone(), user.member_id, body, SESSIONS.to_owned())
            }
            "DELETE /api/auth/sessions/{id}" => {
                let device = owner.another_device().await;
                let session = text(&device.get("/api/auth/session").await.ok()["sessionId"]);
                (owner, session, Value::Null, "sessions WHERE id = {id}".to_owned())
            }
            "PATCH /api/organization" => {
                (owner, String::new(), json!({ "name": name }), format!("organizations WHERE name = '{name}'"))
            }
            "POST /api/invites" => (owner, String::new(), json!({ "role": "guest" }), "invites".to_owned()),
            "DELETE /api/invites/{invite}" => {
                let id = self.made("/api/invites", json!({ "role": "guest" })).await;
                (owner, id, Value::Null, "invites WHERE id = {id}".to_owned())
            }
            "POST /api/invites/accept" => {
                let token = owner.invite_token("member").await;
                let body = json!({ "token": token, "name": name, "email": email, "password": PASSWORD });
                (self.app.anonymous(), String::new(), body, format!("users WHERE email = '{email}'"))
            }
            "PATCH /api/members/{id}" => {
                let user = self.colleague(name).await;
                let rows = "members WHERE id = {id} AND role_id IN (SELECT id FROM roles WHERE name = 'guest')";
                (owner, user.member_id, json!({ "role": "guest" }), rows.to_owned())
            }
            "DELETE /api/members/{id}" => {
                let user = self.colleague(name).await;
                (owner, user.member_id, Value::Null, "members WHERE id = {id} AND removed_at IS NULL".to_owned())
            }
            "DELETE /api/members/{id}/sessions" => {
                let user = self.colleague(name).await;
                (owner, user.member_id, Value::Null, SESSIONS.to_owned())
            }
            "POST /api/members/{id}/password-reset" => {
                let user = self.colleague(name).await;
                (owner, user.member_id, Value::Null, RESETS.to_owned())
            }
            "POST /api/auth/password-reset" => {
                let user = self.colleague(name).await;
                let token = self.link(&format!("/api/members/{}/password-reset", user.member_id)).await;
                let body = json!({ "token": token, "password": PASSWORD });
                (self.app.anonymous(), user.member_id, body, RESETS.to_owned())
            }
            "POST /api/roles" => {
                let body = json!({ "name": name, "permissions": [] });
                (owner, String::new(), body, format!("roles WHERE name = '{name}'"))
            }
            "PATCH /api/roles" => {
                let id = self.made("/api/roles", json!({ "name": name, "permissions": [] })).await;
                let body = json!({ "role": id, "permissions": ["Channel:View"] });
                (owner, id, body, "roles WHERE id = {id} AND permissions <> ''".to_owned())
            }
            _ => panic!("nobody knows what {route} needs"),
        }
    }
}
