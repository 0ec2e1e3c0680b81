//! The permission matrix of the REST API: every route, with every scope, from every bucket. A route of the document
//! that is not in it fails the test, and so does one whose declared scope differs.

use std::collections::BTreeMap;

use attache::programs::access_tokens::model::Scope;
use serde_json::{Value, json};

use crate::support::{Program, TestApp, User, files, on_both_engines, text};

on_both_engines![every_route_responds_by_the_callers_token];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Scope(&'static str),
    /// A log-in: no access token.
    Person,
    Nothing,
}

/// A channel with the subjects of requests. New after each request that may have changed them.
struct Place {
    channel: String,
    message: String,
    /// In the message.
    attachment: String,
    /// With nothing put yet.
    uploading: String,
    token: String,
    count: usize,
}

struct Row {
    route: &'static str,
    needs: Needs,
    /// Status for admitted callers.
    allowed: u16,
    /// Status for a token of another organization, and one that is bound to another bucket.
    elsewhere: u16,
    path: fn(&Place) -> String,
    body: fn(&Place) -> Value,
}

fn nothing(_: &Place) -> Value {
    Value::Null
}

const WRITE: Needs = Needs::Scope("messages:write");
const STORE: Needs = Needs::Scope("attachments:write");
const FETCH: Needs = Needs::Scope("attachments:read");
const BUCKETS: Needs = Needs::Scope("buckets:write");
const READ: Needs = Needs::Scope("messages:read");
const WEBHOOKS: Needs = Needs::Scope("webhooks:write");
const REQUESTS: Needs = Needs::Scope("requests:write");

#[rustfmt::skip]
const MATRIX: &[Row] = &[
    // The place is a bucket, in which nobody is asked for files.
    Row { route: "POST /file-requests", needs: REQUESTS, allowed: 422, elsewhere: 404, path: |_| "/file-requests".into(), body: |p| json!({ "channelId": p.channel }) },
    Row { route: "GET /file-requests", needs: REQUESTS, allowed: 200, elsewhere: 200, path: |_| "/file-requests".into(), body: nothing },
    Row { route: "POST /file-requests/{id}/revoke", needs: REQUESTS, allowed: 404, elsewhere: 404, path: |p| format!("/file-requests/{}/revoke", p.message), body: nothing },
    Row { route: "POST /auth/login", needs: Needs::Nothing, allowed: 200, elsewhere: 200, path: |_| "/auth/login".into(), body: |_| json!({ "email": "owner@example.com", "password": "correct horse battery" }) },
    Row { route: "POST /auth/refresh", needs: Needs::Nothing, allowed: 401, elsewhere: 401, path: |_| "/auth/refresh".into(), body: |_| json!({ "refreshToken": "zrt_nobody" }) },
    Row { route: "POST /auth/logout", needs: Needs::Nothing, allowed: 204, elsewhere: 204, path: |_| "/auth/logout".into(), body: |_| json!({ "refreshToken": "zrt_nobody" }) },
    Row { route: "POST /access-tokens", needs: Needs::Person, allowed: 201, elsewhere: 403, path: |_| "/access-tokens".into(), body: |_| json!({ "name": "more", "scopes": ["messages:write"] }) },
    Row { route: "GET /access-tokens", needs: Needs::Person, allowed: 200, elsewhere: 403, path: |_| "/access-tokens".into(), body: nothing },
    Row { route: "DELETE /access-tokens/{id}", needs: Needs::Person, allowed: 204, elsewhere: 403, path: |p| format!("/access-tokens/{}", p.token), body: nothing },
    Row { route: "POST /messages", needs: WRITE, allowed: 201, elsewhere: 404, path: |_| "/messages".into(), body: |p| json!({ "bucketId": p.channel, "body": format!("{}", p.count) }) },
    Row { route: "GET /messages", needs: READ, allowed: 200, elsewhere: 404, path: |p| format!("/messages?bucketId={}", p.channel), body: nothing },
    Row { route: "GET /messages/{id}", needs: READ, allowed: 200, elsewhere: 404, path: |p| format!("/messages/{}", p.message), body: nothing },
    Row { route: "PATCH /messages/{id}", needs: WRITE, allowed: 200, elsewhere: 404, path: |p| format!("/messages/{}", p.message), body: |_| json!({ "body": "changed" }) },
    // By a form and from a non-public URL: admitted callers get that error.
    Row { route: "POST /messages/with-attachment", needs: WRITE, allowed: 415, elsewhere: 415, path: |_| "/messages/with-attachment".into(), body: |_| json!({}) },
    Row { route: "POST /attachments/upload", needs: STORE, allowed: 415, elsewhere: 415, path: |_| "/attachments/upload".into(), body: |_| json!({}) },
    Row { route: "POST /attachments/download-from-url", needs: STORE, allowed: 400, elsewhere: 400, path: |_| "/attachments/download-from-url".into(), body: |_| json!({ "url": "ftp://example.com" }) },
    // Uploads belong to their uploader.
    Row { route: "POST /attachments/presign", needs: STORE, allowed: 201, elsewhere: 201, path: |_| "/attachments/presign".into(), body: |_| json!({ "fileSize": 1 }) },
    // Nothing was put.
    Row { route: "POST /attachments/{id}/complete", needs: STORE, allowed: 422, elsewhere: 404, path: |p| format!("/attachments/{}/complete", p.uploading), body: nothing },
    Row { route: "POST /attachments/{id}/fail", needs: STORE, allowed: 200, elsewhere: 404, path: |p| format!("/attachments/{}/fail", p.uploading), body: nothing },
    Row { route: "GET /attachments", needs: FETCH, allowed: 200, elsewhere: 200, path: |_| "/attachments".into(), body: nothing },
    Row { route: "GET /attachments/{id}", needs: FETCH, allowed: 200, elsewhere: 404, path: |p| format!("/attachments/{}", p.attachment), body: nothing },
    Row { route: "GET /attachments/{id}/download", needs: FETCH, allowed: 200, elsewhere: 404, path: |p| format!("/attachments/{}/download", p.attachment), body: nothing },
    // The bucket's files are public.
    Row { route: "GET /attachments/{id}/download/public", needs: Needs::Nothing, allowed: 200, elsewhere: 200, path: |p| format!("/attachments/{}/download/public", p.attachment), body: nothing },
    Row { route: "GET /attachments/message/{messageId}", needs: FETCH, allowed: 200, elsewhere: 404, path: |p| format!("/attachments/message/{}", p.message), body: nothing },
    Row { route: "DELETE /attachments/{id}", needs: Needs::Scope("attachments:delete"), allowed: 204, elsewhere: 404, path: |p| format!("/attachments/{}", p.attachment), body: nothing },
    // Admitted callers get an error for the name.
    Row { route: "POST /buckets", needs: BUCKETS, allowed: 422, elsewhere: 422, path: |_| "/buckets".into(), body: |_| json!({ "name": "" }) },
    Row { route: "GET /buckets", needs: BUCKETS, allowed: 200, elsewhere: 200, path: |_| "/buckets".into(), body: nothing },
    Row { route: "GET /buckets/{id}", needs: BUCKETS, allowed: 200, elsewhere: 404, path: |p| format!("/buckets/{}", p.channel), body: nothing },
    Row { route: "PATCH /buckets/{id}", needs: BUCKETS, allowed: 200, elsewhere: 404, path: |p| format!("/buckets/{}", p.channel), body: |_| json!({ "color": "sky" }) },
    // A missing one, so that the bucket stays for the others.
    Row { route: "DELETE /buckets/{id}", needs: BUCKETS, allowed: 404, elsewhere: 404, path: |p| format!("/buckets/{}", p.message), body: nothing },
    Row { route: "GET /buckets/{id}/icon", needs: Needs::Nothing, allowed: 200, elsewhere: 200, path: |p| format!("/buckets/{}/icon", p.channel), body: nothing },
    Row { route: "GET /channels", needs: READ, allowed: 200, elsewhere: 200, path: |_| "/channels".into(), body: nothing },
    Row { route: "GET /me", needs: READ, allowed: 200, elsewhere: 200, path: |_| "/me".into(), body: nothing },
    Row { route: "POST /contacts", needs: Needs::Scope("contacts:write"), allowed: 422, elsewhere: 422, path: |_| "/contacts".into(), body: |_| json!({}) },
    Row { route: "GET /contacts", needs: Needs::Scope("contacts:read"), allowed: 200, elsewhere: 200, path: |_| "/contacts".into(), body: nothing },
    // There is no such contact.
    Row { route: "GET /contacts/{id}", needs: Needs::Scope("contacts:read"), allowed: 404, elsewhere: 404, path: |p| format!("/contacts/{}", p.message), body: nothing },
    Row { route: "PATCH /contacts/{id}", needs: Needs::Scope("contacts:write"), allowed: 404, elsewhere: 404, path: |p| format!("/contacts/{}", p.message), body: |_| json!({}) },
    Row { route: "PATCH /messages/{id}/delivery", needs: WRITE, allowed: 200, elsewhere: 404, path: |p| format!("/messages/{}/delivery", p.message), body: |_| json!({ "status": "sent" }) },
    Row { route: "GET /attachments/{id}/download/signed", needs: Needs::Nothing, allowed: 403, elsewhere: 403, path: |p| format!("/attachments/{0}/download/signed?organization={0}&member={0}&expires=1&signature=x", p.attachment), body: nothing },
    // Admitted callers get an error for the events.
    Row { route: "POST /webhooks", needs: WEBHOOKS, allowed: 422, elsewhere: 422, path: |_| "/webhooks".into(), body: |_| json!({ "url": "https://8.8.8.8/", "events": [] }) },
    Row { route: "GET /webhooks", needs: WEBHOOKS, allowed: 200, elsewhere: 200, path: |_| "/webhooks".into(), body: nothing },
    // There is no such webhook.
    Row { route: "GET /webhooks/{id}", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{}", p.message), body: nothing },
    Row { route: "PATCH /webhooks/{id}", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{}", p.message), body: |_| json!({ "enabled": false }) },
    Row { route: "DELETE /webhooks/{id}", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{}", p.message), body: nothing },
    Row { route: "POST /webhooks/{id}/rotate-secret", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{}/rotate-secret", p.message), body: nothing },
    Row { route: "POST /webhooks/{id}/test", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{}/test", p.message), body: nothing },
    Row { route: "GET /webhooks/{id}/deliveries", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{}/deliveries", p.message), body: nothing },
    Row { route: "POST /webhooks/{id}/deliveries/{deliveryId}/resend", needs: WEBHOOKS, allowed: 404, elsewhere: 404, path: |p| format!("/webhooks/{0}/deliveries/{0}/resend", p.message), body: nothing },
    Row { route: "GET /events", needs: READ, allowed: 200, elsewhere: 200, path: |_| "/events".into(), body: nothing },
    Row { route: "DELETE /messages/{id}", needs: WRITE, allowed: 204, elsewhere: 404, path: |p| format!("/messages/{}", p.message), body: nothing },
];

/// Returns the documented requirement of each route.
async fn declared(app: &TestApp) -> BTreeMap<String, Needs> {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    let mut declared = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let route = format!("{} {}", method.to_uppercase(), path.strip_prefix("/api/v1").unwrap());
            let ways = operation["security"].as_array().unwrap_or_else(|| panic!("{route} declares nothing"));
            let scope = ways.iter().find_map(|way| way["accessToken"][0].as_str());
            let needs = match scope {
                Some(scope) => Needs::Scope(Scope::from_name(scope).unwrap().name()),
                None if ways.is_empty() => Needs::Nothing,
                None => Needs::Person,
            };
            declared.insert(route, needs);
        }
    }
    declared
}

async fn new_place(owner: &User, channel: &str, count: usize) -> Place {
    let attachment = owner.upload(channel, "a.png", "image/png", &files::png("a")).await;
    let uploading = owner.presign(channel, "b.txt", "text/plain", b"b").await.id;
    let message = text(&owner.send(channel, "hello", &[&attachment]).await.ok()["id"]);
    let token = owner.access_token(json!({ "name": "a", "scopes": ["messages:read"] })).await;
    Place { channel: channel.to_owned(), message, attachment, uploading, token: text(&token["id"]), count }
}

async fn every_route_responds_by_the_callers_token(app: TestApp) {
    let declared = declared(&app).await;
    let here: BTreeMap<_, _> = MATRIX.iter().map(|row| (row.route.to_owned(), row.needs)).collect();
    assert_eq!(here, declared, "the matrix and the document name the same routes with the same scopes");

    let owner = app.owner().await;
    let bucket =
        text(&owner.post("/api/buckets", json!({ "name": "bucket", "publicDownloads": true })).await.ok()["id"]);
    let other = owner.channel("other").await;
    let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let log_in = json!({ "email": owner.email, "password": "correct horse battery" });
    let log_in = app.anonymous().post("/api/v1/auth/login", log_in).await.ok();
    let person = Program::new(&app.base, &text(&log_in["accessToken"]));
    let everything = owner.program(&all).await;
    let foreign = app.other_organization().await.program(&all).await;
    let bound = owner.bound_program(&all, &bucket).await;
    let bound_elsewhere = owner.bound_program(&all, &other).await;
    let nobody = Program::new(&app.base, "zat_nobody");

    let mut programs = Vec::new();
    for scope in &all {
        // A scope does not help in another bucket.
        programs.push((*scope, owner.program(&[scope]).await, owner.bound_program(&[scope], &other).await));
    }

    let mut wrong = Vec::new();
    let mut count = 0;
    let mut place = new_place(&owner, &bucket, count).await;
    for row in MATRIX {
        let without = match row.needs {
            Needs::Nothing => (row.allowed, row.allowed),
            _ => (401, 403),
        };
        let with_token = if row.needs == Needs::Person { 403 } else { row.allowed };
        let mut columns = vec![
            ("nobody".to_owned(), nobody.clone(), without.0),
            ("a person".to_owned(), person.clone(), row.allowed),
            ("all scopes".to_owned(), everything.clone(), with_token),
            ("bound to it".to_owned(), bound.clone(), with_token),
            ("bound elsewhere".to_owned(), bound_elsewhere.clone(), row.elsewhere),
            ("another organization".to_owned(), foreign.clone(), row.elsewhere),
        ];
        for (scope, program, elsewhere) in &programs {
            let fits = row.needs == Needs::Scope(scope);
            columns.push(((*scope).to_owned(), program.clone(), if fits { row.allowed } else { without.1 }));
            let expected = if fits { row.elsewhere } else { without.1 };
            columns.push((format!("{scope} elsewhere"), elsewhere.clone(), expected));
        }
        let method = row.route.split(' ').next().unwrap();
        for (column, program, expected) in columns {
            let body = Some((row.body)(&place)).filter(|body| !body.is_null());
            let request = program.request(method.parse().unwrap(), &(row.path)(&place));
            let request = if let Some(body) = body { request.json(&body) } else { request };
            // Not read to its end: the event stream has none.
            let status = request.send().await.unwrap().status().as_u16();
            // An S3 store serves downloads itself, except public ones, which can be turned off immediately.
            let is_redirected = !app.is_local_disk() && row.route.ends_with("/download") && expected == 200;
            let expected = if is_redirected { 302 } else { expected };
            if status != expected {
                wrong.push(format!("{} as {column}: {status}, not {expected}", row.route));
            }
            if method != "GET" && !matches!(status, 401 | 403 | 404) {
                count += 1;
                place = new_place(&owner, &bucket, count).await;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
