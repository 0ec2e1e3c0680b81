//! The page of a link, before and after a password.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use super::{count_of, create, form, path, with_cookie};
use crate::support::{Answer, TestApp, User, files, on_both_engines, text};

on_both_engines![
    the_page_says_from_whom_how_often_and_until_when,
    the_password_page_says_whose_link_it_is,
    a_small_picture_is_shown_by_its_preview,
    several_files_have_a_grid_and_a_viewer,
];

async fn a_link(owner: &User, body: Value) -> Value {
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let mut body = body;
    body["attachmentId"] = json!(id);
    create(owner, body).await
}

/// Sets the organization's logo, and returns its bytes.
async fn set_logo(owner: &User) -> Vec<u8> {
    let bytes = files::png("logo");
    owner.picture(json!({ "type": "organization-avatar" }), &bytes).await;
    bytes
}

async fn get(app: &TestApp, path: &str) -> Answer {
    app.anonymous().get(path).await
}

async fn the_page_says_from_whom_how_often_and_until_when(app: TestApp) {
    let owner = app.owner().await;
    let link = a_link(&owner, json!({ "maxDownloads": 2 })).await;
    let page = path(&app, &link);
    let id = text(&link["attachmentId"]);
    let html = get(&app, &page).await.text();
    let expires = text(&link["expiresAt"]);
    assert!(html.contains("Harbour") && html.contains("2 downloads left") && html.contains(&expires), "{html}");
    // With the attribute a browser would save the error page of an invalid link.
    assert!(!html.contains(" download="), "{html}");
    assert!(html.contains("Open a.pdf"), "looking and saving are one download");
    get(&app, &format!("{page}/{id}?download=1")).await;
    let html = get(&app, &page).await.text();
    assert!(html.contains("1 download left") && !html.contains("/logo\""), "{html}");
    set_logo(&owner).await;
    assert!(get(&app, &page).await.text().contains(&format!("src=\"{page}/logo\"")));
    let unlimited = create(&owner, json!({ "attachmentId": id })).await;
    assert!(!get(&app, &path(&app, &unlimited)).await.text().contains("left"));
}

async fn the_password_page_says_whose_link_it_is(app: TestApp) {
    let owner = app.owner().await;
    let link = a_link(&owner, json!({ "password": "letmein" })).await;
    let page = path(&app, &link);
    let asked = get(&app, &page).await.text();
    assert!(asked.contains("Harbour") && !asked.contains("a.pdf") && !asked.contains("/logo\""), "{asked}");
    assert_eq!(get(&app, &format!("{page}/logo")).await.status, 404, "there is none");
    let logo = set_logo(&owner).await;
    assert!(get(&app, &page).await.text().contains(&format!("src=\"{page}/logo\"")));
    let shown = get(&app, &format!("{page}/logo")).await;
    assert_eq!((shown.status, shown.header("content-type"), &shown.bytes), (200, "image/png", &logo));
    assert_eq!(shown.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(shown.header("cache-control"), "private, no-store");
    let wrong = form(&app, &page, "letmeout").await;
    assert!(wrong.status == 403 && wrong.text().contains("Harbour"));
    owner.poke(&format!("/api/share-links/{}/revoke", text(&link["id"]))).await.ok();
    assert_eq!(get(&app, &format!("{page}/logo")).await.status, 404);
    assert_eq!(get(&app, "/s/nothing/logo").await.text(), get(&app, &format!("{page}/logo")).await.text());
    assert!(!get(&app, &page).await.text().contains("Harbour"));
}

async fn a_small_picture_is_shown_by_its_preview(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::picture(40, 30)).await;
    for limits in [json!({}), json!({ "maxDownloads": 3 })] {
        let mut body = limits;
        body["attachmentId"] = json!(id);
        let link = create(&owner, body).await;
        let page = path(&app, &link);
        let file = format!("{page}/{id}");
        run_due(&app.platform, JOBS).await.unwrap();
        let html = get(&app, &page).await.text();
        assert!(html.contains(&format!("src=\"{file}/thumbnail?size=feed\"")), "{html}");
        assert!(!html.contains(&format!("src=\"{file}\"")), "{html}");
        assert!(html.contains(&format!("href=\"{file}\"")) && html.contains(&format!("href=\"{file}?download=1\"")));
        let preview = get(&app, &format!("{file}/thumbnail?size=feed")).await;
        assert!(matches!(preview.status, 200 | 302));
        assert_eq!(count_of(&owner, &link).await, 0);
    }
}

async fn several_files_have_a_grid_and_a_viewer(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.upload(&channel, "a.png", "image/png", &files::picture(40, 30)).await;
    let second = owner.upload(&channel, "b.png", "image/png", &files::picture(60, 30)).await;
    // Without pages to render.
    let document = owner.upload(&channel, "c.pdf", "application/pdf", &files::pdf("x")).await;
    let other = owner.upload(&channel, "d.bin", "application/octet-stream", &[7; 20]).await;
    let message = text(&owner.send(&channel, "", &[&first, &second, &document, &other]).await.ok()["id"]);
    run_due(&app.platform, JOBS).await.unwrap();
    let link = create(&owner, json!({ "messageId": message, "password": "letmein" })).await;
    let page = path(&app, &link);
    let cookie = form(&app, &page, "letmein").await.header("set-cookie").split(';').next().unwrap().to_owned();
    let html = with_cookie(&app, &page, &cookie).await.text();
    for file in [&first, &second] {
        assert!(html.contains(&format!("href=\"#view-{file}\"")), "{html}");
        assert!(html.contains(&format!("id=\"view-{file}\"")), "{html}");
    }
    assert!(html.contains("1 of 2") && html.contains("2 of 2") && html.contains("4 files"), "{html}");
    for file in [&document, &other] {
        assert!(!html.contains(&format!("view-{file}")), "there is nothing to see of it");
        assert!(html.contains(&format!("href=\"{page}/{file}?download=1\"")), "{html}");
    }
    assert!(html.contains("Open c.pdf") && !html.contains("Open d.bin") && html.contains("Download all"));
    for attribute in [" download=", "<script", "style=\"", "onclick"] {
        assert!(!html.contains(attribute), "{attribute}");
    }
    let request = app.anonymous().request(Method::GET, &format!("{page}/zip")).header("cookie", &cookie);
    assert_eq!(app.anonymous().send_request(request).await.header("content-type"), "application/zip");
}
