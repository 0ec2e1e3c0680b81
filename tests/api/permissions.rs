//! The permission matrix: every route, for every kind of caller. A route that is not in it fails the test.

use std::collections::BTreeSet;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use attache::platform::storage::{Derived, ObjectKey};
use dioxus::server::ServerFunction;
use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines, text};

on_both_engines![every_route_responds_by_the_callers_role];

/// The callers, in the order of the columns. Each acts on the same organization.
const COLUMNS: [&str; 7] = ["anonymous", "other organization", "guest", "assigned guest", "member", "admin", "owner"];

/// The subjects of the requests.
struct World {
    contact: String,
    /// The channel of the contact.
    channel: String,
    /// A public channel of the team.
    team: String,
    bucket: String,
    message: String,
    /// Sent by the owner, to the contact's channel.
    attachment: String,
    /// Sent by the owner, to the contact's channel, with links.
    shared: String,
    /// The owner's, without bytes.
    uploading: String,
    /// The organization's logo, set by the owner.
    picture: String,
    emoji: String,
    bot: String,
    member: String,
    owner: String,
    assigned: String,
    /// A new one for each request.
    invite: String,
    /// The id of another one.
    open_invite: String,
    /// A guest, new for each request that removes them or sets their password by the link with this token.
    leaver: String,
    reset: String,
    /// Sent to the contact's channel by the owner: new ones for each request that removes or restores.
    removable: Removable,
    /// Created by the owner, new for each request.
    share: Share,
    /// Created by the owner, new for each request, with an upload by its link.
    request: Share,
    received: String,
    /// An incoming URL of the bucket: created by the owner, new for each request.
    hook: Share,
    /// Created by the owner, new for each request, with a delivery.
    webhook: String,
    delivery: String,
    /// Increases with each request.
    count: usize,
}

#[derive(Default)]
struct Removable {
    attachment: String,
    message: String,
}

#[derive(Default)]
struct Share {
    id: String,
    token: String,
}

type Path = fn(&World) -> String;
type Body = fn(&World) -> Value;

struct Row {
    route: &'static str,
    path: Path,
    body: Body,
    expected: [u16; 7],
}

const fn row(route: &'static str, expected: [u16; 7], path: Path, body: Body) -> Row {
    Row { route, path, body, expected }
}

/// For everyone, with or without a session.
const OPEN: [u16; 7] = [200; 7];
/// For everyone with a session: the results differ, and are tested elsewhere.
const LOGGED_IN: [u16; 7] = [401, 200, 200, 200, 200, 200, 200];
/// For members who manage the organization.
const MANAGERS: [u16; 7] = [401, 200, 403, 403, 403, 200, 200];
const MANAGERS_HERE: [u16; 7] = [401, 404, 403, 403, 403, 200, 200];
const TEAM: [u16; 7] = [401, 200, 403, 403, 200, 200, 200];
const WHO_SEES_THE_CONTACT: [u16; 7] = [401, 404, 403, 200, 200, 200, 200];
const WHO_IS_SHOWN_THE_CONTACT: [u16; 7] = [401, 404, 404, 200, 200, 200, 200];
const WHO_EDITS_THE_CONTACT: [u16; 7] = [401, 404, 403, 403, 200, 200, 200];
const WHO_SEES_PUBLIC_CHANNELS: [u16; 7] = [401, 404, 404, 404, 200, 200, 200];
const WHO_IS_HERE: [u16; 7] = [401, 404, 200, 200, 200, 200, 200];
const EMOJI: [u16; 7] = [401, 404, 403, 403, 200, 200, 200];
const UPLOADER: [u16; 7] = [401, 404, 403, 403, 403, 403, 200];
/// The data that a webhook sends is its owner's.
const WEBHOOK_OWNER: [u16; 7] = UPLOADER;

fn nothing(_: &World) -> Value {
    Value::Null
}

#[rustfmt::skip]
const MATRIX: &[Row] = &[
    row("POST /api/auth/sign-up", OPEN, |_| "/api/auth/sign-up".into(), |w| json!({ "name": "New", "email": format!("new{}@example.net", w.count), "password": "correct horse battery", "organization": "New" })),
    row("POST /api/auth/log-in", OPEN, |_| "/api/auth/log-in".into(), |_| json!({ "email": "owner@example.com", "password": "correct horse battery" })),
    row("POST /api/auth/log-out", OPEN, |_| "/api/auth/log-out".into(), nothing),
    row("GET /api/auth/session", LOGGED_IN, |_| "/api/auth/session".into(), nothing),
    row("GET /api/auth/organizations", LOGGED_IN, |_| "/api/auth/organizations".into(), nothing),
    row("POST /api/auth/organization", [401, 404, 404, 404, 404, 404, 404], |_| "/api/auth/organization".into(), |_| json!({ "organizationId": "00000000-0000-7000-8000-000000000000" })),
    row("PATCH /api/auth/user", LOGGED_IN, |_| "/api/auth/user".into(), |_| json!({ "name": "New" })),
    row("PUT /api/auth/notifications", LOGGED_IN, |_| "/api/auth/notifications".into(), |_| json!({ "about": "all" })),
    row("PATCH /api/organization", MANAGERS, |_| "/api/organization".into(), |_| json!({ "name": "New" })),
    row("GET /api/auth/sessions", LOGGED_IN, |_| "/api/auth/sessions".into(), nothing),
    row("DELETE /api/auth/sessions/{id}", [401, 404, 404, 404, 404, 404, 404], |w| format!("/api/auth/sessions/{}", w.member), nothing),
    row("GET /api/auth/sign-up", OPEN, |_| "/api/auth/sign-up".into(), nothing),
    row("GET /api/invites", MANAGERS, |_| "/api/invites".into(), nothing),
    row("DELETE /api/invites/{invite}", MANAGERS_HERE, |w| format!("/api/invites/{}", w.open_invite), nothing),
    row("DELETE /api/members/{id}/sessions", MANAGERS_HERE, |w| format!("/api/members/{}/sessions", w.leaver), nothing),
    row("POST /api/invites", MANAGERS, |_| "/api/invites".into(), |_| json!({ "role": "guest" })),
    row("GET /api/invites/{invite}", OPEN, |w| format!("/api/invites/{}", w.invite), nothing),
    row("POST /api/invites/accept", OPEN, |_| "/api/invites/accept".into(), |w| json!({ "token": w.invite, "name": "New", "email": format!("invited{}@example.net", w.count), "password": "correct horse battery" })),
    row("GET /api/members", LOGGED_IN, |_| "/api/members".into(), nothing),
    row("PATCH /api/members/{id}", MANAGERS_HERE, |w| format!("/api/members/{}", w.member), |_| json!({ "role": "member" })),
    row("DELETE /api/members/{id}", MANAGERS_HERE, |w| format!("/api/members/{}", w.leaver), nothing),
    row("POST /api/members/{id}/password-reset", MANAGERS_HERE, |w| format!("/api/members/{}/password-reset", w.member), nothing),
    row("GET /api/auth/password-reset/{token}", OPEN, |w| format!("/api/auth/password-reset/{}", w.reset), nothing),
    row("POST /api/auth/password-reset", OPEN, |_| "/api/auth/password-reset".into(), |w| json!({ "token": w.reset, "password": "correct horse battery" })),
    row("POST /api/auth/password", LOGGED_IN, |_| "/api/auth/password".into(), |_| json!({ "currentPassword": "correct horse battery", "newPassword": "correct horse battery" })),
    row("GET /api/roles", LOGGED_IN, |_| "/api/roles".into(), nothing),
    row("POST /api/roles", MANAGERS, |_| "/api/roles".into(), |w| json!({ "name": format!("role {}", w.count), "permissions": [] })),
    row("PATCH /api/roles", MANAGERS, |_| "/api/roles".into(), |_| json!({ "role": "guest", "permissions": ["Message:ViewAttachment", "Message:Send", "Contact:ViewAssigned"] })),
    row("POST /api/contacts", TEAM, |_| "/api/contacts".into(), |_| json!({ "firstName": "New" })),
    row("POST /api/contacts/import", TEAM, |_| "/api/contacts/import".into(), |_| json!({ "rows": [{ "line": 2, "contact": { "firstName": "New" } }], "remaining": 0 })),
    // The body is a file, and this one has no rows.
    row("POST /api/contacts/import/preview", [401, 422, 403, 403, 422, 422, 422], |_| "/api/contacts/import/preview".into(), |_| json!("Phone")),
    // A wrong name, so that the contact stays.
    row("DELETE /api/contacts/{id}", [401, 404, 403, 403, 403, 422, 422], |w| format!("/api/contacts/{}", w.contact), |_| json!({ "name": "Somebody else" })),
    row("GET /api/contacts/{id}/export.zip", WHO_EDITS_THE_CONTACT, |w| format!("/api/contacts/{}/export.zip", w.contact), nothing),
    row("GET /api/contacts/export.csv", TEAM, |_| "/api/contacts/export.csv".into(), nothing),
    row("GET /api/contacts", LOGGED_IN, |_| "/api/contacts".into(), nothing),
    row("GET /api/contacts/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/contacts/{}", w.contact), nothing),
    row("PATCH /api/contacts/{id}", WHO_EDITS_THE_CONTACT, |w| format!("/api/contacts/{}", w.contact), |_| json!({ "lastName": "Roe" })),
    row("PUT /api/contacts/{id}/members", WHO_EDITS_THE_CONTACT, |w| format!("/api/contacts/{}/members", w.contact), |w| json!({ "memberIds": [w.assigned] })),
    row("POST /api/channels", TEAM, |_| "/api/channels".into(), |w| json!({ "name": format!("channel {}", w.count) })),
    row("POST /api/buckets", TEAM, |_| "/api/buckets".into(), |w| json!({ "name": format!("bucket {}", w.count) })),
    row("PATCH /api/buckets/{id}", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}", w.bucket), |_| json!({ "color": "sky" })),
    row("GET /api/buckets/{id}/contents", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}/contents", w.bucket), nothing),
    row("GET /api/buckets/{id}/hooks", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}/hooks", w.bucket), nothing),
    row("POST /api/buckets/{id}/hooks", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}/hooks", w.bucket), |_| json!({ "name": "ci" })),
    row("PATCH /api/buckets/{id}/hooks/{hook}", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}/hooks/{}", w.bucket, w.hook.id), |_| json!({ "template": {} })),
    row("POST /api/buckets/{id}/hooks/{hook}/revoke", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}/hooks/{}/revoke", w.bucket, w.hook.id), nothing),
    row("POST /api/buckets/{id}/hooks/preview", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/buckets/{}/hooks/preview", w.bucket), |_| json!({ "body": "{\"text\": \"hello\"}" })),
    // The secret in the URL is enough.
    row("POST /api/hooks/{secret}", OPEN, |w| format!("/api/hooks/{}", w.hook.token), |_| json!({ "text": "hello" })),
    // Not found, after the admin has deleted it.
    row("DELETE /api/buckets/{id}", [401, 404, 404, 404, 403, 200, 404], |w| format!("/api/buckets/{}", w.bucket), nothing),
    row("GET /api/channels", LOGGED_IN, |_| "/api/channels".into(), nothing),
    row("GET /api/channels/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}", w.channel), nothing),
    row("PATCH /api/channels/{id}", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/channels/{}", w.team), |w| json!({ "name": format!("renamed {}", w.count) })),
    row("POST /api/channels/{id}/close", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/close", w.channel), nothing),
    row("POST /api/channels/{id}/open", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/open", w.channel), nothing),
    row("GET /api/channels/{id}/members", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/channels/{}/members", w.team), nothing),
    row("GET /api/channels/{id}/mentionable", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/mentionable?search=a", w.channel), nothing),
    row("PUT /api/channels/{id}/members", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/channels/{}/members", w.team), |w| json!({ "memberIds": [w.owner] })),
    row("POST /api/channels/{id}/leave", WHO_SEES_PUBLIC_CHANNELS, |w| format!("/api/channels/{}/leave", w.team), nothing),
    row("POST /api/channels/{id}/read", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/read", w.channel), |w| json!({ "messageId": w.message })),
    row("POST /api/channels/{id}/unread", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/unread", w.channel), |w| json!({ "messageId": w.message })),
    row("PUT /api/channels/{id}/muted", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/muted", w.channel), |_| json!({ "muted": true })),
    row("POST /api/conversations/read", LOGGED_IN, |_| "/api/conversations/read".into(), nothing),
    row("GET /api/go-to", LOGGED_IN, |_| "/api/go-to?search=a".into(), nothing),
    row("GET /api/conversations", LOGGED_IN, |_| "/api/conversations?kind=contact".into(), nothing),
    row("GET /api/conversations/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/conversations/{}?panel=true", w.channel), nothing),
    row("GET /api/channels/{id}/messages", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/messages", w.channel), nothing),
    row("POST /api/channels/{id}/messages", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/messages", w.channel), |_| json!({ "body": "hello" })),
    row("GET /api/messages/index", LOGGED_IN, |_| "/api/messages/index".into(), nothing),
    row("GET /api/messages/found", LOGGED_IN, |_| "/api/messages/found?search=a".into(), nothing),
    row("GET /api/channels/{id}/found", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/found?search=a", w.channel), nothing),
    row("GET /api/channels/{id}/feed", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/feed", w.channel), nothing),
    row("GET /api/channels/{id}/messages/after/{after}", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/messages/after/{}", w.channel, w.message), nothing),
    row("GET /api/messages/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/messages/{}", w.message), nothing),
    row("PATCH /api/messages/{id}", UPLOADER, |w| format!("/api/messages/{}", w.message), |_| json!({ "body": "Edited" })),
    row("PUT /api/messages/{id}/reactions", WHO_SEES_THE_CONTACT, |w| format!("/api/messages/{}/reactions", w.message), |_| json!({ "emoji": "👍", "reacted": true })),
    row("POST /api/uploads/presign", WHO_EDITS_THE_CONTACT, |_| "/api/uploads/presign".into(), |w| json!({ "type": "attachment", "channelId": w.channel, "fileName": "a.txt", "fileSize": 1, "contentType": "text/plain" })),
    // The owner is admitted, and gets an error because nothing was uploaded.
    row("POST /api/attachments/{id}/complete", [401, 404, 403, 403, 403, 403, 422], |w| format!("/api/attachments/{}/complete", w.uploading), nothing),
    row("POST /api/attachments/{id}/fail", UPLOADER, |w| format!("/api/attachments/{}/fail", w.uploading), |_| json!({ "reason": "given up" })),
    row("POST /api/attachments/{id}/retry", UPLOADER, |w| format!("/api/attachments/{}/retry", w.uploading), nothing),
    row("POST /api/attachments/{id}/parts", UPLOADER, |w| format!("/api/attachments/{}/parts", w.uploading), |_| json!({ "parts": [{ "partNumber": 1, "checksumSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }] })),
    row("GET /api/attachments/{id}/parts", UPLOADER, |w| format!("/api/attachments/{}/parts", w.uploading), nothing),
    row("GET /api/uploads/unsent", LOGGED_IN, |_| "/api/uploads/unsent".into(), nothing),
    row("POST /api/uploads/{id}/rename", UPLOADER, |w| format!("/api/uploads/{}/rename", w.uploading), |_| json!({ "fileName": "b.txt" })),
    row("DELETE /api/uploads/{id}", [401, 404, 404, 404, 404, 404, 200], |w| format!("/api/uploads/{}", w.uploading), nothing),
    row("GET /api/messages/attachments/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/messages/attachments/{}", w.attachment), nothing),
    row("GET /api/messages/attachments/{id}/thumbnail", WHO_SEES_THE_CONTACT, |w| format!("/api/messages/attachments/{}/thumbnail?size=feed", w.attachment), nothing),
    row("GET /api/messages/remote-previews/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/messages/remote-previews/{}", w.message), nothing),
    row("GET /api/photo-location", MANAGERS, |_| "/api/photo-location".into(), nothing),
    row("PATCH /api/photo-location", MANAGERS, |_| "/api/photo-location".into(), |_| json!({ "keep": true })),
    // A picture has no pages: admitted callers get that error.
    row("GET /api/messages/attachments/{id}/pages/{number}", [401, 404, 403, 404, 404, 404, 404], |w| format!("/api/messages/attachments/{}/pages/1", w.attachment), nothing),
    // A picture is not text: admitted callers get that error.
    row("GET /api/attachments/{id}/text", [401, 404, 403, 404, 404, 404, 404], |w| format!("/api/attachments/{}/text", w.attachment), nothing),
    row("HEAD /api/messages/attachments/{id}", WHO_SEES_THE_CONTACT, |w| format!("/api/messages/attachments/{}", w.attachment), nothing),
    row("DELETE /api/attachments/{id}", MANAGERS_HERE, |w| format!("/api/attachments/{}", w.removable.attachment), nothing),
    row("POST /api/attachments/{id}/restore", MANAGERS_HERE, |w| format!("/api/attachments/{}/restore", w.removable.attachment), nothing),
    row("POST /api/attachments/{id}/purge", MANAGERS_HERE, |w| format!("/api/attachments/{}/purge", w.removable.attachment), nothing),
    row("GET /api/deleted-attachments", MANAGERS, |_| "/api/deleted-attachments".into(), nothing),
    row("DELETE /api/messages/{id}", MANAGERS_HERE, |w| format!("/api/messages/{}", w.removable.message), nothing),
    row("POST /api/messages/{id}/restore", MANAGERS_HERE, |w| format!("/api/messages/{}/restore", w.removable.message), nothing),
    row("GET /api/access-tokens", LOGGED_IN, |_| "/api/access-tokens".into(), nothing),
    row("POST /api/access-tokens", LOGGED_IN, |_| "/api/access-tokens".into(), |_| json!({ "name": "doorbell", "scopes": ["messages:write"] })),
    // Only your own, and nobody has this one.
    row("DELETE /api/access-tokens/{id}", [401, 404, 404, 404, 404, 404, 404], |w| format!("/api/access-tokens/{}", w.member), nothing),
    row("GET /api/storage", LOGGED_IN, |_| "/api/storage".into(), nothing),
    row("GET /api/storage/usage", MANAGERS, |_| "/api/storage/usage".into(), nothing),
    row("PATCH /api/storage/retention", MANAGERS, |_| "/api/storage/retention".into(), |_| json!({ "retentionDays": 30 })),
    row("GET /api/files", LOGGED_IN, |_| "/api/files".into(), nothing),
    row("GET /api/files/totals", LOGGED_IN, |_| "/api/files/totals".into(), nothing),
    row("GET /api/channels/{id}/zip", WHO_SEES_THE_CONTACT, |w| format!("/api/channels/{}/zip", w.channel), nothing),
    // A zip without visible files is not found, for any reason.
    row("GET /api/messages/{id}/zip", WHO_IS_SHOWN_THE_CONTACT, |w| format!("/api/messages/{}/zip", w.message), nothing),
    row("POST /api/files/zip", WHO_IS_SHOWN_THE_CONTACT, |_| "/api/files/zip".into(), |w| json!({ "form": { "ids": w.attachment } })),
    row("POST /api/pictures/{id}/complete", [401, 404, 404, 404, 404, 404, 200], |w| format!("/api/pictures/{}/complete", w.picture), nothing),
    row("GET /api/pictures/{id}", WHO_IS_HERE, |w| format!("/api/pictures/{}", w.picture), nothing),
    row("HEAD /api/pictures/{id}", WHO_IS_HERE, |w| format!("/api/pictures/{}", w.picture), nothing),
    // Not found, after the admin has removed it.
    row("DELETE /api/pictures/{id}", [401, 404, 403, 403, 403, 200, 404], |w| format!("/api/pictures/{}", w.picture), nothing),
    row("GET /api/uploads/pictures-left", LOGGED_IN, |_| "/api/uploads/pictures-left".into(), nothing),
    row("POST /api/bots", MANAGERS, |_| "/api/bots".into(), |w| json!({ "name": format!("bot {}", w.count) })),
    row("PATCH /api/bots/{id}", MANAGERS_HERE, |w| format!("/api/bots/{}", w.bot), |w| json!({ "name": format!("bot {}", w.count) })),
    row("DELETE /api/bots/{id}", MANAGERS_HERE, |w| format!("/api/bots/{}", w.bot), nothing),
    row("GET /api/bots", LOGGED_IN, |_| "/api/bots".into(), nothing),
    row("GET /api/emoji", LOGGED_IN, |_| "/api/emoji".into(), nothing),
    row("GET /api/emoji/removed", TEAM, |_| "/api/emoji/removed".into(), nothing),
    row("DELETE /api/emoji/{id}", EMOJI, |w| format!("/api/emoji/{}", w.emoji), nothing),
    row("POST /api/emoji/{id}/restore", EMOJI, |w| format!("/api/emoji/{}/restore", w.emoji), nothing),
    row("GET /api/emoji/unicode", OPEN, |_| "/api/emoji/unicode".into(), nothing),
    row("POST /api/share-links", WHO_EDITS_THE_CONTACT, |_| "/api/share-links".into(), |w| json!({ "attachmentId": w.shared })),
    row("GET /api/share-links", LOGGED_IN, |_| "/api/share-links".into(), nothing),
    // Links of others are not found.
    row("POST /api/share-links/{id}/revoke", [401, 404, 404, 404, 404, 200, 200], |w| format!("/api/share-links/{}/revoke", w.share.id), nothing),
    row("GET /api/audit-entries", MANAGERS, |_| "/api/audit-entries".into(), nothing),
    row("GET /api/audit-entries.csv", MANAGERS, |_| "/api/audit-entries.csv".into(), nothing),
    row("GET /s/{token}/zip", OPEN, |w| format!("/s/{}/zip", w.share.token), nothing),
    row("GET /s/{token}", OPEN, |w| format!("/s/{}", w.share.token), nothing),
    // It was removed above.
    row("GET /s/{token}/logo", [404; 7], |w| format!("/s/{}/logo", w.share.token), nothing),
    row("GET /s/{token}/{file}", OPEN, |w| format!("/s/{}/{}", w.share.token, w.shared), nothing),
    // Text has none.
    row("GET /s/{token}/{file}/thumbnail", [404; 7], |w| format!("/s/{}/{}/thumbnail?size=feed", w.share.token, w.shared), nothing),
    // Nothing to unlock: it redirects to the page.
    row("POST /s/{token}", [303; 7], |w| format!("/s/{}", w.share.token), |_| json!({ "form": { "password": "letmein" } })),
    row("POST /api/file-requests", WHO_EDITS_THE_CONTACT, |_| "/api/file-requests".into(), |w| json!({ "channelId": w.channel })),
    row("GET /api/file-requests", LOGGED_IN, |_| "/api/file-requests".into(), nothing),
    row("POST /api/file-requests/{id}/revoke", [401, 404, 404, 404, 404, 200, 200], |w| format!("/api/file-requests/{}/revoke", w.request.id), nothing),
    row("GET /r/{token}", OPEN, |w| format!("/r/{}", w.request.token), nothing),
    // There is nothing to unlock: it leads to the page.
    row("POST /r/{token}", [303; 7], |w| format!("/r/{}", w.request.token), |_| json!({ "form": { "password": "letmein" } })),
    row("GET /r/{token}/logo", [404; 7], |w| format!("/r/{}/logo", w.request.token), nothing),
    row("POST /r/{token}/send", OPEN, |w| format!("/r/{}/send", w.request.token), |w| json!({ "body": "hello", "idempotencyKey": format!("key {}", w.count) })),
    row("POST /r/{token}/uploads", OPEN, |w| format!("/r/{}/uploads", w.request.token), |_| json!({ "fileName": "a.txt", "fileSize": 1, "contentType": "text/plain" })),
    row("GET /r/{token}/uploads/{id}", OPEN, |w| format!("/r/{}/uploads/{}", w.request.token, w.received), nothing),
    row("DELETE /r/{token}/uploads/{id}", OPEN, |w| format!("/r/{}/uploads/{}", w.request.token, w.received), nothing),
    row("GET /r/{token}/uploads/{id}/parts", OPEN, |w| format!("/r/{}/uploads/{}/parts", w.request.token, w.received), nothing),
    row("POST /r/{token}/uploads/{id}/parts", OPEN, |w| format!("/r/{}/uploads/{}/parts", w.request.token, w.received), |_| json!({ "parts": [{ "partNumber": 1, "checksumSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }] })),
    // Nothing was put.
    row("POST /r/{token}/uploads/{id}/complete", [422; 7], |w| format!("/r/{}/uploads/{}/complete", w.request.token, w.received), nothing),
    row("POST /r/{token}/uploads/{id}/fail", OPEN, |w| format!("/r/{}/uploads/{}/fail", w.request.token, w.received), |_| json!({ "reason": "given up" })),
    row("POST /r/{token}/uploads/{id}/retry", OPEN, |w| format!("/r/{}/uploads/{}/retry", w.request.token, w.received), nothing),
    row("POST /api/webhooks", MANAGERS, |_| "/api/webhooks".into(), |_| json!({ "url": "https://8.8.8.8/", "events": ["message.created"] })),
    row("GET /api/webhooks", MANAGERS, |_| "/api/webhooks".into(), nothing),
    row("PATCH /api/webhooks/{id}", MANAGERS_HERE, |w| format!("/api/webhooks/{}", w.webhook), |_| json!({ "enabled": true })),
    row("DELETE /api/webhooks/{id}", MANAGERS_HERE, |w| format!("/api/webhooks/{}", w.webhook), nothing),
    row("POST /api/webhooks/{id}/rotate-secret", WEBHOOK_OWNER, |w| format!("/api/webhooks/{}/rotate-secret", w.webhook), nothing),
    row("POST /api/webhooks/{id}/test", WEBHOOK_OWNER, |w| format!("/api/webhooks/{}/test", w.webhook), nothing),
    row("GET /api/webhooks/{id}/deliveries", WEBHOOK_OWNER, |w| format!("/api/webhooks/{}/deliveries", w.webhook), nothing),
    row("POST /api/webhooks/{id}/deliveries/{delivery}/resend", WEBHOOK_OWNER, |w| format!("/api/webhooks/{}/deliveries/{}/resend", w.webhook, w.delivery), nothing),
    row("GET /api/events", LOGGED_IN, |_| "/api/events".into(), nothing),
    // Only a signature is accepted. With an S3 store, uploads go there.
    row("PUT /api/storage/{*key}", [403; 7], |w| format!("/api/storage/staging/{}/{}?expires=1&size=1&type=a/b&signature=x", w.uploading, w.member), nothing),
    row("GET /healthz", OPEN, |_| "/healthz".into(), nothing),
    row("GET /readyz", OPEN, |_| "/readyz".into(), nothing),
    // Opened by a token of the operator alone, where one is set.
    row("GET /metrics", [404; 7], |_| "/metrics".into(), nothing),
    row("ANY /api/{*rest}", [404; 7], |_| "/api/nothing".into(), nothing),
];

/// Returns the routes that are not server functions, as in the sources.
fn plain_routes() -> Vec<String> {
    let source = concat!(include_str!("../../src/server.rs"), include_str!("../../src/rest/hooks/mod.rs"));
    let mut routes: Vec<_> =
        source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    routes.extend(source.split(".route(&format!(\"").skip(1).map(|rest| {
        rest.split('"').next().unwrap().replace("{UPLOAD_PATH}", "/api/storage").replace("{{", "{").replace("}}", "}")
    }));
    routes
}

#[test]
fn every_route_is_in_the_matrix() {
    let covered: BTreeSet<_> = MATRIX.iter().map(|row| row.route.to_owned()).collect();
    assert_eq!(covered.len(), MATRIX.len(), "a route stands twice");
    for function in ServerFunction::collect() {
        let path = function.path().split('?').next().unwrap();
        let route = format!("{} {path}", function.method());
        assert!(covered.contains(&route), "{route} is not in the permission matrix");
    }
    let plain = plain_routes();
    assert!(plain.len() >= 6, "{plain:?}");
    for path in plain {
        assert!(
            covered.iter().any(|route| route.ends_with(&format!(" {path}"))),
            "{path} is not in the permission matrix"
        );
    }
    // And every listed route exists.
    let known: BTreeSet<_> = ServerFunction::collect()
        .iter()
        .map(|function| function.path().split('?').next().unwrap().to_owned())
        .chain(plain_routes())
        .collect();
    for row in MATRIX {
        let path = row.route.split(' ').nth(1).unwrap();
        assert!(known.contains(path), "{path} is in the permission matrix and nowhere else");
    }
}

async fn every_route_responds_by_the_callers_role(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let assigned = app.guest_of(&jane).await;
    let channel = text(&jane["channelId"]);
    let attachment = owner.send_file(&channel, "a.png", "image/png", &files::picture(8, 8)).await;
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    let people = [
        app.anonymous(),
        app.other_organization().await,
        app.guest().await,
        assigned.clone(),
        app.member().await,
        app.admin().await,
        owner.clone(),
    ];
    let mut world = World {
        contact: text(&jane["id"]),
        message: text(&owner.messages(&channel).await[0]["id"]),
        team: owner.channel("general").await,
        bucket: text(&owner.post("/api/buckets", json!({ "name": "Door" })).await.ok()["id"]),
        uploading: owner.presign(&channel, "b.txt", "text/plain", b"b").await.id,
        picture: owner.picture(json!({ "type": "organization-avatar" }), &files::png("logo")).await,
        bot: bot(&owner, "Doorbell").await,
        emoji: owner.picture(json!({ "type": "custom-emoji", "name": "party_parrot" }), &files::png("parrot")).await,
        member: app.member().await.member_id,
        owner: owner.member_id.clone(),
        assigned: assigned.member_id,
        invite: String::new(),
        open_invite: String::new(),
        leaver: String::new(),
        reset: String::new(),
        removable: Removable::default(),
        share: Share::default(),
        request: Share::default(),
        received: String::new(),
        hook: Share::default(),
        webhook: String::new(),
        delivery: String::new(),
        shared: owner.send_file(&channel, "d.txt", "text/plain", b"d").await,
        count: 0,
        channel,
        attachment,
    };
    remote_preview(&app, &world.message).await;
    let mut wrong = Vec::new();
    for row in MATRIX {
        for ((person, column), expected) in people.iter().zip(COLUMNS).zip(row.expected) {
            world.count += 1;
            if row.route.contains("/invites/") {
                world.invite = app.invite_token("guest").await;
                let open = owner.post("/api/invites", json!({ "role": "guest" })).await.ok();
                world.open_invite = text(&open["id"]);
            }
            if row.route.starts_with("DELETE /api/members/{id}") || row.route.contains("/auth/password-reset") {
                (world.leaver, world.reset) = leaver(&app, &owner, world.count).await;
            }
            if is_removal(row) {
                world.removable = removable(&owner, &world.channel, row).await;
            }
            if row.route == "DELETE /api/bots/{id}" {
                world.bot = bot(&owner, &format!("bot of {column}")).await;
            }
            if row.route.contains("/s/{") || row.route.ends_with("/revoke") {
                world.share = share(&owner, &world.shared).await;
            }
            if row.route.contains("/r/{") || row.route.contains("/file-requests/{") {
                (world.request, world.received) = file_request(&app, &owner, &world.channel).await;
            }
            if row.route.contains("/hooks/{") {
                world.hook = hook(&owner, &world.bucket).await;
            }
            if row.route.contains("/webhooks/{") {
                (world.webhook, world.delivery) = webhook(&owner).await;
            }
            let status = ask(person, row, &world).await;
            let expected = expected_here(&app, row, expected);
            if status != expected {
                wrong.push(format!("{} as {column}: {status}, not {expected}", row.route));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Stores a preview of a picture that a message names by URL, with the id of the message.
async fn remote_preview(app: &TestApp, message: &str) {
    let statement =
        "INSERT INTO message_attachments (message_id, position, url, media_type, preview_id, preview, width, height)
         VALUES ({id}, 9, 'https://example.com/a.png', 'IMAGE', {id}, 'ready', 8, 8)";
    assert_eq!(app.sql(statement, message).await, 1);
    let key = ObjectKey::Derived(message.parse().expect("an id"), Derived::Feed);
    app.platform.storage.put_bytes(&key, "image/webp", vec![0]).await.expect("it is stored");
}

fn is_removal(row: &Row) -> bool {
    row.route.starts_with("DELETE /api/attachments")
        || row.route.starts_with("DELETE /api/messages")
        || row.route.ends_with("/restore")
        || row.route.ends_with("/purge")
}

/// Creates a file in its own message, in the state that the route requires.
async fn removable(owner: &User, channel: &str, row: &Row) -> Removable {
    let attachment = owner.send_file(channel, "c.txt", "text/plain", b"c").await;
    let message = text(&owner.messages(channel).await[0]["id"]);
    let deleted = match row.route {
        route if route.starts_with("DELETE") => None,
        route if route.contains("/messages/") => Some(format!("/api/messages/{message}")),
        _ => Some(format!("/api/attachments/{attachment}")),
    };
    if let Some(path) = deleted {
        owner.delete(&path).await.ok();
    }
    Removable { attachment, message }
}

async fn bot(owner: &User, name: &str) -> String {
    text(&owner.post("/api/bots", json!({ "name": name })).await.ok()["id"])
}

/// Creates an incoming URL.
async fn hook(owner: &User, bucket: &str) -> Share {
    let made = owner.post(&format!("/api/buckets/{bucket}/hooks"), json!({ "name": "ci" })).await.ok();
    let token = text(&made["url"]).rsplit('/').next().expect("the URL ends with its secret").to_owned();
    Share { id: text(&made["id"]), token }
}

/// Creates a webhook with a delivery.
async fn webhook(owner: &User) -> (String, String) {
    let body = json!({ "url": "https://8.8.8.8/", "events": ["message.created"] });
    let id = text(&owner.post("/api/webhooks", body).await.ok()["id"]);
    let delivery = owner.poke(&format!("/api/webhooks/{id}/test")).await.ok();
    (id, text(&delivery["id"]))
}

async fn share(owner: &User, attachment: &str) -> Share {
    let link = owner.post("/api/share-links", json!({ "attachmentId": attachment })).await.ok();
    let token = text(&link["url"]).rsplit('/').next().expect("the link ends with its token").to_owned();
    Share { id: text(&link["id"]), token }
}

/// Creates a file request, and an upload by its link with nothing put yet.
async fn file_request(app: &TestApp, owner: &User, channel: &str) -> (Share, String) {
    let request = owner.post("/api/file-requests", json!({ "channelId": channel })).await.ok();
    let token = text(&request["url"]).rsplit('/').next().expect("the link ends with its token").to_owned();
    let body = json!({ "fileName": "tap.txt", "fileSize": 3, "contentType": "text/plain" });
    let upload = app.anonymous().post(&format!("/r/{token}/uploads"), body).await.ok();
    (Share { id: text(&request["id"]), token }, text(&upload["resourceId"]))
}

/// Creates a guest, and the token of a link for their password.
async fn leaver(app: &TestApp, owner: &User, count: usize) -> (String, String) {
    let id = app.invited("guest", &format!("Leaver {count}")).await.member_id;
    let link = owner.poke(&format!("/api/members/{id}/password-reset")).await.ok();
    let token = text(&link["url"]).rsplit('/').next().expect("the link ends with its token").to_owned();
    (id, token)
}

/// Returns the expected status: with an S3 store a file is a redirect, and nothing is uploaded to the server.
fn expected_here(app: &TestApp, row: &Row, expected: u16) -> u16 {
    match (app.is_local_disk(), row.route, expected) {
        (
            false,
            "GET /api/messages/attachments/{id}"
            | "GET /api/messages/attachments/{id}/thumbnail"
            | "GET /api/messages/remote-previews/{id}"
            | "GET /s/{token}/{file}",
            200,
        ) => 302,
        (false, "PUT /api/storage/{*key}", _) => 404,
        _ => expected,
    }
}

async fn ask(person: &User, row: &Row, world: &World) -> u16 {
    let method = row.route.split(' ').next().unwrap().replace("ANY", "POST");
    // A route that ends a session gets a separate device.
    let person = match row.route {
        "POST /api/auth/sign-up"
        | "POST /api/auth/log-in"
        | "POST /api/auth/log-out"
        | "POST /api/invites/accept"
        | "POST /api/auth/password-reset"
            if person.token().is_some() =>
        {
            person.another_device().await
        }
        _ => person.copy_of_session(),
    };
    let request = person.request(method.parse().unwrap(), &(row.path)(world));
    let request = match (row.body)(world) {
        Value::Null => request,
        body if body["form"].is_object() => request.form(&body["form"]),
        body => request.json(&body),
    };
    // Not read to its end: the event stream has none.
    request.send().await.unwrap().status().as_u16()
}
