//! The plain form, for browsers without a script.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{Link, contact};
use crate::support::{Answer, Engines, TestApp, files, on_both_engines, text};

on_both_engines![
    a_form_with_files_is_answered_by_the_page,
    a_photo_of_twelve_megabytes_passes,
    what_is_too_much_is_refused_as_a_page,
    a_kind_that_was_not_asked_for_is_refused,
    a_form_that_is_sent_twice_is_one_message,
    an_empty_form_is_refused,
    a_broken_form_leaves_nothing,
];

fn file(name: &str, content_type: &str, bytes: &[u8]) -> Part {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    if content_type.is_empty() { part } else { part.mime_str(content_type).unwrap() }
}

async fn submit(app: &TestApp, link: &Link, form: Form) -> Answer {
    let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base).multipart(form);
    link.visitor.send_request(request).await
}

/// All files of the request that are stored, sent or not.
async fn stored(app: &TestApp, link: &Link) -> i64 {
    app.count("attachments WHERE file_request_id = {id}", &link.id).await
}

async fn a_form_with_files_is_answered_by_the_page(app: TestApp) {
    let (owner, jane, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let form = Form::new()
        .text("key", "one")
        // Nothing was photographed.
        .part("file", file("", "application/octet-stream", b""))
        .part("file", file("IMG_0231.png", "image/png", &files::png("tap")))
        .part("file", file("b.txt", "text/plain", b"b"))
        .text("message", "It drips.");
    let answer = submit(&app, &link, form).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = link.visitor.get(answer.header("location")).await;
    assert!(page.text().contains("Sent") && page.text().contains("IMG_0231.png"), "{}", page.text());
    let message = owner.messages(&channel).await[0].clone();
    assert_eq!((&message["author"]["id"], &message["body"]), (&jane["id"], &json!("It drips.")));
    let sent = message["attachments"].as_array().unwrap();
    assert_eq!(sent.iter().map(|file| text(&file["fileName"])).collect::<Vec<_>>(), ["IMG_0231.png", "b.txt"]);
    assert_eq!(sent[0]["contentType"], "image/png");
    assert_eq!(owner.download(&text(&sent[1]["id"]), "").await.bytes, b"b");
}

async fn a_photo_of_twelve_megabytes_passes(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    // More than the limit of files that programs send through the server.
    let mut photo = files::jpeg("tap");
    photo.resize(12_000_000, 0);
    let answer = submit(&app, &link, Form::new().part("file", file("tap.jpg", "image/jpeg", &photo))).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let sent = owner.messages(&channel).await[0]["attachments"][0].clone();
    assert_eq!((&sent["fileSize"], &sent["contentType"]), (&json!(12_000_000), &json!("image/jpeg")));
}

async fn what_is_too_much_is_refused_as_a_page(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 2, "maxBytes": 1000 })).await;
    let texts = |sizes: &[usize]| {
        let part = |size: &usize| file("a.txt", "text/plain", &vec![b'a'; *size]);
        sizes.iter().fold(Form::new(), |form, size| form.part("file", part(size)))
    };
    for (sizes, reason) in
        [(&[1001][..], "1.0 kB in total"), (&[600, 600][..], "400 B is left"), (&[1, 1, 1][..], "at most 2 files")]
    {
        let answer = submit(&app, &link, texts(sizes)).await;
        assert_eq!(answer.status, 413, "{}", answer.text());
        assert!(answer.header("content-type").starts_with("text/html"), "{:?}", answer.headers);
        assert!(answer.text().contains(reason), "{reason}: {}", answer.text());
        assert_eq!(stored(&app, &link).await, 0, "nothing is kept");
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(submit(&app, &link, texts(&[500, 500])).await.status, 303);
    let session = owner.get("/api/auth/session").await.ok();
    let organization = text(&session["organization"]["id"]);
    let other = Link::create(&app, &owner, &channel, json!({})).await;
    app.sql("UPDATE organizations SET quota_bytes = 1500 WHERE id = {id}", &organization).await;
    assert_eq!(submit(&app, &other, texts(&[600])).await.status, 413);
    // And of the daily limit.
    app.sql("UPDATE organizations SET quota_bytes = NULL WHERE id = {id}", &organization).await;
    let set = format!("UPDATE rate_limits SET tries = 5000 WHERE key = 'request-files:{organization}'");
    assert_eq!(app.sql(&set, &organization).await, 1);
    let late = submit(&app, &other, texts(&[1])).await;
    assert_eq!((late.status, late.header("retry-after").is_empty()), (429, false));
    assert!(late.header("content-type").starts_with("text/html"));
    assert_eq!(stored(&app, &other).await, 0);
    let reset = format!("UPDATE rate_limits SET tries = 0 WHERE key = 'request-files:{organization}'");
    app.sql(&reset, &organization).await;
    let set = format!("UPDATE rate_limits SET tries = 2000 WHERE key = 'request-messages:{organization}'");
    assert_eq!(app.sql(&set, &organization).await, 1);
    assert_eq!(submit(&app, &other, texts(&[1])).await.status, 429);
    assert_eq!(stored(&app, &other).await, 0, "what was stored before is taken back");
}

async fn a_kind_that_was_not_asked_for_is_refused(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "kinds": ["image"] })).await;
    for (content_type, bytes) in
        [("text/plain", b"a text".as_slice()), ("application/octet-stream", b"a text".as_slice())]
    {
        let answer = submit(&app, &link, Form::new().part("file", file("a.txt", content_type, bytes))).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains("only images"), "{}", answer.text());
    }
    let hostile = file("tap.png", "image/png", b"<script>alert(1)</script>");
    assert_eq!(submit(&app, &link, Form::new().part("file", hostile)).await.status, 422);
    assert_eq!(stored(&app, &link).await, 0);
}

async fn a_form_that_is_sent_twice_is_one_message(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let page = link.visitor.get(&link.page).await.text();
    let key = page.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = || Form::new().text("key", key.clone()).part("file", file("a.txt", "text/plain", b"a"));
    let (first, again) = (submit(&app, &link, form()).await, submit(&app, &link, form()).await);
    assert_eq!((first.status, again.status), (303, 303));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(owner.messages(&channel).await.len(), 2);
    assert_eq!(stored(&app, &link).await, 1);
}

async fn an_empty_form_is_refused(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    for form in [Form::new().text("message", " "), Form::new().part("file", file("a.txt", "text/plain", b""))] {
        let answer = submit(&app, &link, form).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(submit(&app, &link, Form::new().text("message", "Only text")).await.status, 303);
}

async fn a_broken_form_leaves_nothing(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let whole = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n";
    for body in [String::new(), "--b\r\n".to_owned(), whole.to_owned(), format!("{whole}--b\r\nContent-Disp")] {
        let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base);
        let request = request.header("content-type", "multipart/form-data; boundary=b").body(body.clone());
        let answer = link.visitor.send_request(request).await;
        assert_eq!(answer.status, 400, "{body:?}: {}", answer.text());
    }
    assert_eq!(stored(&app, &link).await, 0);
    assert_eq!(owner.messages(&channel).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_upload_of_the_server_holds_for_forms() {
    let app = TestApp::start_with(Engines::SqliteLocal, |config| config.max_upload_size = Some(1000)).await;
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let form = |size: usize| Form::new().part("file", file("a.txt", "text/plain", &vec![b'a'; size]));
    let refused = submit(&app, &link, form(1001)).await;
    assert_eq!(refused.status, 413);
    assert!(refused.text().contains("at most 1.0 kB"), "{}", refused.text());
    assert_eq!(submit(&app, &link, form(1000)).await.status, 303);
    link.begin("a.txt", "text/plain", 1001).await.refused(413, "too_large");
    assert_eq!(link.listed(&owner).await["receivedFiles"], 1);
}
