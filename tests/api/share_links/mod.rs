//! Share links: who makes them, what strangers get, and that no link tells why it does not work.

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

/// The path of a link's page.
fn path(app: &TestApp, link: &Value) -> String {
    let url = text(&link["url"]);
    url.strip_prefix(&app.base).expect("the link leads to this server").to_owned()
}

/// A file of a link as a browser gets it: redirects are followed.
async fn fetch(app: &TestApp, link: &Value, id: &str, query: &str) -> Answer {
    let answer = app.anonymous().get(&format!("{}/{id}{query}", path(app, link))).await;
    if answer.status == 302 { app.anonymous().get(answer.header("location")).await } else { answer }
}

/// Sends the form of a page as a browser does.
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

/// How often a link says that it was used.
async fn count_of(user: &User, link: &Value) -> Value {
    let links = user.get("/api/share-links").await.ok();
    links.as_array().unwrap().iter().find(|one| one["id"] == link["id"]).expect("the link is listed")["downloadCount"]
        .clone()
}
