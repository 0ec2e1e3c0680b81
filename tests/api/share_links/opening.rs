//! What visitors of a link get, and what an invalid link reveals.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{create, fetch, form, path};
use crate::support::{Answer, TestApp, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_link_leads_to_a_file_without_an_account,
    the_name_of_the_contact_stays_inside,
    all_invalid_links_look_the_same,
    too_frequent_requests_must_wait,
];
on_one_pair![sqlite_local_only, SqliteLocal: parts_of_a_shared_file_are_served];

async fn a_link_leads_to_a_file_without_an_account(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a & b.txt", "text/plain", b"hello").await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    assert_eq!(text(&link["url"]).rsplit('/').next().unwrap().len(), 43, "256 bits in base64");
    assert_eq!(
        (&link["downloadCount"], &link["hasPassword"], &link["active"]),
        (&json!(0), &json!(false), &json!(true))
    );

    let page = app.anonymous().get(&path(&app, &link)).await;
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("Harbour") && html.contains("a &#38; b.txt"), "{html}");
    assert!(!html.contains("<script") && !html.contains("Olga"), "{html}");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(page.header("cache-control"), "private, no-store");
    let cookie = page.header("set-cookie").to_owned();
    for part in ["attache_visitor=", "HttpOnly", "SameSite=Lax", &format!("Path={}", path(&app, &link))] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Domain"), "{cookie}");

    let file = fetch(&app, &link, &id, "?download=1").await;
    assert_eq!((file.status, file.bytes.as_slice()), (200, b"hello".as_slice()));
    let head = app.anonymous().call("HEAD", &format!("{}/{id}", path(&app, &link)), None).await;
    assert_eq!((head.status, head.header("content-length")), (200, "5"));
    assert_eq!(head.header("x-robots-tag"), "noindex, nofollow");
}

async fn the_name_of_the_contact_stays_inside(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    let id = owner.send_file(&channel, "report.txt", "text/plain", b"r").await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let page = app.anonymous().get(&path(&app, &link)).await.text();
    assert!(!page.contains("Jane") && !page.contains("5551234"), "{page}");
    let file = fetch(&app, &link, &id, "?download=1").await;
    let expected = "attachment; filename=\"report.txt\"; filename*=UTF-8''report.txt";
    assert_eq!(file.header("content-disposition"), expected);
}

async fn all_invalid_links_look_the_same(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let send = async |name: &str| owner.send_file(&channel, name, "text/plain", b"a").await;
    let (first, second, third, fourth) = (send("a").await, send("b").await, send("c").await, send("d").await);
    let expired = create(&owner, json!({ "attachmentId": first, "expiresIn": 60 })).await;
    app.advance(Duration::from_secs(61));
    let revoked = create(&owner, json!({ "attachmentId": first, "password": "letmein" })).await;
    owner.poke(&format!("/api/share-links/{}/revoke", text(&revoked["id"]))).await.ok();
    let used_up = create(&owner, json!({ "attachmentId": first, "maxDownloads": 1 })).await;
    assert_eq!(fetch(&app, &used_up, &first, "?download=1").await.status, 200);
    let deleted = create(&owner, json!({ "attachmentId": second })).await;
    owner.delete(&format!("/api/attachments/{second}")).await.ok();
    let locked_and_deleted = create(&owner, json!({ "attachmentId": third, "password": "letmein" })).await;
    owner.delete(&format!("/api/attachments/{third}")).await.ok();
    let message = text(&owner.messages(&channel).await[0]["id"]);
    let message_deleted = create(&owner, json!({ "messageId": message })).await;
    owner.delete(&format!("/api/messages/{message}")).await.ok();

    let what = |answer: &Answer| {
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "date" && *name != "x-request-id")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        (answer.status, headers, answer.text())
    };
    let wrong = format!("/s/{}", "A".repeat(43));
    let expected = what(&app.anonymous().get(&wrong).await);
    assert_eq!(expected.0, 404);
    let links = [&expired, &revoked, &used_up, &deleted, &locked_and_deleted, &message_deleted];
    for (place, link) in links.into_iter().enumerate() {
        let page = path(&app, link);
        assert_eq!(what(&app.anonymous().get(&page).await), expected, "page {place}");
        for id in [&first, &second, &third, &fourth] {
            assert_eq!(what(&app.anonymous().get(&format!("{page}/{id}?download=1")).await), expected, "file {place}");
        }
    }
    for odd in ["/s/x", "/s/%00", "/s/%F0%9F%92%A9", &format!("{wrong}/{first}"), &format!("{wrong}/x")] {
        assert_eq!(what(&app.anonymous().get(odd).await), expected, "{odd}");
    }
    let (by_form, to_form) = (form(&app, &path(&app, &revoked), "letmein").await, form(&app, &wrong, "letmein").await);
    assert_eq!((what(&by_form), what(&to_form)), (expected.clone(), expected.clone()));
    // A file of the organization that is not in the link.
    let good = create(&owner, json!({ "attachmentId": first })).await;
    assert_eq!(what(&app.anonymous().get(&format!("{}/{fourth}", path(&app, &good))).await), expected);
}

async fn too_frequent_requests_must_wait(app: TestApp) {
    let wrong = format!("/s/{}", "A".repeat(43));
    let mut answers = Vec::new();
    for _ in 0..601 {
        answers.push(app.anonymous().get(&wrong).await.status);
    }
    assert_eq!((answers[599], answers[600]), (404, 429));
    app.advance(Duration::from_mins(6));
    assert_eq!(app.anonymous().get(&wrong).await.status, 404);
}

async fn parts_of_a_shared_file_are_served(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let request =
        app.anonymous().request(Method::GET, &format!("{}/{id}", path(&app, &link))).header("range", "bytes=0-3");
    let part = app.anonymous().send_request(request).await;
    assert_eq!((part.status, part.bytes.as_slice()), (206, b"%PDF".as_slice()));
    assert_eq!(part.header("content-range"), "bytes 0-3/10");
}
