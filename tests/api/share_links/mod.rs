//! Share links: permissions, what visitors get, and that invalid links don't say why.

mod constant_work;
mod contents;
mod downloads;
mod limits;
mod making;
mod opening;
mod page;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, TestApp, User, text};

async fn create(user: &User, body: Value) -> Value {
    user.post("/api/share-links", body).await.ok()
}

/// Returns the path of a link's page.
fn path(app: &TestApp, link: &Value) -> String {
    let url = text(&link["url"]);
    url.strip_prefix(&app.base).expect("the link leads to this server").to_owned()
}

/// Fetches a file of a link like a browser: redirects are followed.
async fn fetch(app: &TestApp, link: &Value, id: &str, query: &str) -> Answer {
    let answer = app.anonymous().get(&format!("{}/{id}{query}", path(app, link))).await;
    if answer.status == 302 { app.anonymous().get(answer.header("location")).await } else { answer }
}

/// Submits the form of a page like a browser.
async fn form(app: &TestApp, page: &str, password: &str) -> Answer {
    form_from(app, page, password, &app.base).await
}

async fn form_from(app: &TestApp, page: &str, password: &str, origin: &str) -> Answer {
    let anonymous = app.anonymous();
    let request = anonymous
        .request(Method::POST, page)
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("password={password}"));
    anonymous.send_request(request).await
}

async fn with_cookie(app: &TestApp, page: &str, cookie: &str) -> Answer {
    let anonymous = app.anonymous();
    anonymous.send_request(anonymous.request(Method::GET, page).header("cookie", cookie)).await
}

/// Returns the download count of a link.
async fn count_of(user: &User, link: &Value) -> Value {
    let links = user.get("/api/share-links").await.ok();
    links.as_array().unwrap().iter().find(|one| one["id"] == link["id"]).expect("the link is listed")["downloadCount"]
        .clone()
}
