//! Passwords and download limits.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::{count_of, create, fetch, form, form_from, path, with_cookie};
use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    a_password_is_asked_for,
    a_password_is_not_guessed,
    downloads_are_counted_exactly,
    a_link_is_used_up_exactly,
];

async fn a_password_is_asked_for(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "secret.txt", "text/plain", b"s").await;
    let link = create(&owner, json!({ "attachmentId": id, "password": "öffne dich" })).await;
    assert_eq!(link["hasPassword"], true);
    assert!(!link.to_string().contains("ffne"));
    let page = path(&app, &link);
    let asked = app.anonymous().get(&page).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("type=\"password\"") && !asked.text().contains("secret.txt"), "{}", asked.text());
    // Otherwise the browser would send no origin with the form.
    assert_eq!(asked.header("referrer-policy"), "same-origin");
    for elsewhere in ["https://elsewhere.example", "null"] {
        assert_eq!(form_from(&app, &page, "%C3%B6ffne+dich", elsewhere).await.status, 403, "{elsewhere}");
    }
    let file = app.anonymous().get(&format!("{page}/{id}?download=1")).await;
    assert_eq!((file.status, file.header("location")), (303, page.as_str()));

    let wrong = form(&app, &page, "open").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (403, ""));
    let right = form(&app, &page, "%C3%B6ffne+dich").await;
    assert_eq!((right.status, right.header("location")), (303, page.as_str()));
    let cookie = right.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains(&format!("Path={page}")));
    let pair = cookie.split(';').next().unwrap();
    assert!(with_cookie(&app, &page, pair).await.text().contains("secret.txt"));
    assert!(matches!(with_cookie(&app, &format!("{page}/{id}"), pair).await.status, 200 | 302));

    // It is not valid for another link, and can't be forged.
    let other = create(&owner, json!({ "attachmentId": id, "password": "öffne dich" })).await;
    let name = format!("attache_share_{}", text(&other["id"]).replace('-', ""));
    let value = pair.split_once('=').unwrap().1;
    assert!(!with_cookie(&app, &path(&app, &other), &format!("{name}={value}")).await.text().contains("secret.txt"));
}

async fn a_password_is_not_guessed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"s").await;
    let link = create(&owner, json!({ "attachmentId": id, "password": "letmein" })).await;
    let page = path(&app, &link);
    for _ in 0..10 {
        assert_eq!(form(&app, &page, "guess").await.status, 403);
    }
    let refused = form(&app, &page, "letmein").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=900).contains(&seconds)));
    app.advance(Duration::from_mins(16));
    assert_eq!(form(&app, &page, "letmein").await.status, 303);
}

async fn downloads_are_counted_exactly(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let page = path(&app, &link);
    // Viewing, and asking for the size, are not downloads.
    app.anonymous().get(&page).await;
    app.anonymous().call("HEAD", &format!("{page}/{id}?download=1"), None).await;
    assert_eq!(count_of(&owner, &link).await, 0);
    let twenty = join_all((0..20).map(|_| async { fetch(&app, &link, &id, "?download=1").await.status })).await;
    assert_eq!(twenty, [200; 20]);
    assert_eq!(count_of(&owner, &link).await, 20);
    // A continuation after a lost connection was counted when it began.
    let rest = app.anonymous().request(Method::GET, &format!("{page}/{id}?download=1")).header("range", "bytes=4-");
    app.anonymous().send_request(rest).await;
    assert_eq!(count_of(&owner, &link).await, 20);
}

async fn a_link_is_used_up_exactly(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id, "maxDownloads": 5 })).await;
    let page = path(&app, &link);
    // Every way to the bytes counts.
    let paths = [format!("{page}/{id}"), format!("{page}/{id}?download=1")];
    let ask = async |path: &str| app.anonymous().get(path).await.status;
    let answers = join_all((0..20).map(|turn| ask(&paths[turn % 2]))).await;
    let served = answers.iter().filter(|status| matches!(status, 200 | 302)).count();
    assert_eq!((served, answers.iter().filter(|status| **status == 404).count()), (5, 15), "{answers:?}");
    assert_eq!(count_of(&owner, &link).await, 5);
    assert_eq!(owner.get("/api/share-links").await.ok()[0]["active"], false);
}
