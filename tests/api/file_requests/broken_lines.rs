//! Visitors whose line is cut: what has arrived stays, the rest is sent again, and nothing counts twice.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Link, contact};
use crate::support::{TestApp, Upload, User, checksum, lose_answer, on_both_engines, relay, text};

on_both_engines![
    an_upload_that_was_cut_is_sent_again,
    an_upload_in_parts_continues_after_a_cut_and_a_restart,
    responses_that_are_lost_leave_one_file_and_one_message,
    a_form_whose_response_is_lost_is_one_message,
    a_form_that_is_cut_leaves_nothing,
];

const PART: usize = 8 * 1024 * 1024;

async fn an_upload_that_was_cut_is_sent_again(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1, "maxBytes": 1_000_000 })).await;
    let bytes = vec![b'x'; 1_000_000];
    let upload = Upload::new(link.begin("tap.txt", "text/plain", bytes.len()).await.ok(), &bytes);
    upload.cut_half_way().await;
    link.complete(&upload.id).await.refused(422, "object_missing");
    let path = format!("{}/uploads/{}", link.page, upload.id);
    assert_eq!(link.visitor.get(&path).await.ok()["status"], "uploading");
    // After the URL has expired.
    app.advance(Duration::from_mins(10));
    let again = Upload::new(link.visitor.poke(&format!("{path}/retry")).await.ok(), &bytes);
    assert_eq!((&again.id, again.put().await.status), (&upload.id, 200));
    assert_eq!(link.complete(&upload.id).await.ok()["status"], "complete");
    link.send("", &[&upload.id], "key").await.ok();
    assert_eq!(link.listed(&owner).await["receivedFiles"], 1);
    assert!(owner.download(&upload.id, "").await.bytes == bytes);
}

/// Signs a part and returns it ready to be sent.
async fn signed(visitor: &User, path: &str, id: &str, number: usize, part: &[u8]) -> Upload {
    let asked = json!({ "parts": [{ "partNumber": number, "checksumSha256": checksum(part) }] });
    let mut signed = visitor.post(&format!("{path}/parts"), asked).await.ok()["parts"][0].clone();
    signed["resourceId"] = json!(id);
    Upload::new(signed, part)
}

async fn arrived(visitor: &User, path: &str) -> Vec<Value> {
    let known = visitor.get(&format!("{path}/parts")).await.ok();
    known["parts"].as_array().expect("a list").iter().map(|part| part["partNumber"].clone()).collect()
}

async fn an_upload_in_parts_continues_after_a_cut_and_a_restart(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
    let bytes: Vec<u8> = (0..PART + 100_000).map(|at| u8::try_from(at % 251).expect("it is small")).collect();
    let id = text(&link.begin("film.bin", "", bytes.len()).await.ok()["resourceId"]);
    let path = format!("{}/uploads/{id}", link.page);
    assert_eq!(signed(&link.visitor, &path, &id, 1, &bytes[..PART]).await.put().await.status, 200);
    signed(&link.visitor, &path, &id, 2, &bytes[PART..]).await.cut_half_way().await;
    assert_eq!(arrived(&link.visitor, &path).await, [1]);
    let app = app.restart().await;
    let (visitor, owner) = (link.visitor.at(&app.base), owner.at(&app.base));
    // As a page that was loaded again does.
    assert_eq!(visitor.get(&path).await.ok()["status"], "uploading");
    assert_eq!(arrived(&visitor, &path).await, [1]);
    assert_eq!(signed(&visitor, &path, &id, 2, &bytes[PART..]).await.put().await.status, 200);
    assert_eq!(visitor.poke(&format!("{path}/complete")).await.ok()["status"], "complete");
    let body = json!({ "body": "", "attachmentIds": [id], "idempotencyKey": "key" });
    visitor.post(&format!("{}/send", link.page), body).await.ok();
    assert!(owner.download(&id, "").await.bytes == bytes);
}

async fn responses_that_are_lost_leave_one_file_and_one_message(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let lossy = link.visitor.at(&relay(&app.base, lose_answer).await);
    let lose = async |path: &str, body: Value| {
        let request = lossy.request(Method::POST, &format!("{}{path}", link.page)).json(&body);
        assert!(request.send().await.is_err(), "the response is lost");
    };
    let id = link.stage("a.txt", "text/plain", b"a").await;
    lose(&format!("/uploads/{id}/complete"), json!({})).await;
    assert_eq!(link.complete(&id).await.ok()["status"], "complete");
    let message = json!({ "body": "Look", "attachmentIds": [id], "idempotencyKey": "key" });
    lose("/send", message).await;
    let again = text(&link.send("Look", &[&id], "key").await.ok()["id"]);
    let messages = owner.messages(&channel).await;
    assert_eq!((messages.len(), &messages[0]["id"]), (2, &json!(again)));
    assert_eq!(link.listed(&owner).await["receivedFiles"], 1);
    // One that was presigned for nobody counts until it is cleaned up, and can't be sent.
    let body = json!({ "fileName": "b.txt", "fileSize": 1, "contentType": "text/plain" });
    lose("/uploads", body).await;
    assert_eq!(app.count("attachments WHERE file_request_id = {id} AND status = 'uploading'", &link.id).await, 1);
    assert_eq!(link.listed(&owner).await["receivedFiles"], 1);
}

async fn a_form_whose_response_is_lost_is_one_message(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
    let lossy = link.visitor.at(&relay(&app.base, lose_answer).await);
    let submit = |visitor: &User| {
        let file = Part::bytes(b"a".to_vec()).file_name("a.txt");
        let form = Form::new().text("key", "one").text("message", "Look").part("file", file);
        visitor.request(Method::POST, &link.page).header("origin", &visitor.base).multipart(form)
    };
    assert!(submit(&lossy).send().await.is_err(), "the response is lost");
    let again = link.visitor.send_request(submit(&link.visitor)).await;
    assert_eq!(again.status, 303, "{}", again.text());
    assert_eq!(owner.messages(&channel).await.len(), 2);
    assert_eq!(link.listed(&owner).await["receivedFiles"], 1);
}

async fn a_form_that_is_cut_leaves_nothing(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
    let address = &app.base["http://".len()..];
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 9000000\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n\
         --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n",
        link.page
    );
    for size in [10, 3_000_000] {
        let mut connection = TcpStream::connect(address).await.expect("the server is there");
        connection.write_all(head.as_bytes()).await.expect("the head can be sent");
        connection.write_all(&vec![b'x'; size]).await.expect("the start of the file can be sent");
        connection.shutdown().await.expect("the connection can be shut");
        let mut answer = Vec::new();
        // The server returns an error or disconnects too: both mean that it has seen the end.
        let _ = connection.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 303"), "a part of a form was accepted");
    }
    assert_eq!(app.count("attachments WHERE file_request_id = {id}", &link.id).await, 0);
    assert_eq!(owner.messages(&channel).await.len(), 1);
    let file = link.upload("a.txt", "text/plain", b"a").await;
    link.send("", &[&file], "key").await.ok();
}
