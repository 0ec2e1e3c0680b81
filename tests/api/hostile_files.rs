//! Files that would run if they were shown as a page.

use crate::support::{TestApp, files, on_both_engines};

on_both_engines![scripts_are_never_shown_in_the_page, pictures_are_shown_and_can_do_nothing];

async fn scripts_are_never_shown_in_the_page(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, announced, bytes) in [
        ("a.svg", "image/svg+xml", files::SVG),
        ("a.html", "text/html", files::HTML),
        ("a.xhtml", "application/xhtml+xml", files::HTML),
        ("a.xml", "text/xml", b"<?xml version='1.0'?><a/>"),
        ("a.js", "text/javascript", b"alert(1)"),
        ("a.txt", "text/plain", files::HTML),
        ("a.html", "", files::HTML),
        ("a.svg", "", files::SVG),
        ("a.mp3", "audio/mpeg", b"<html>no frames</html>"),
    ] {
        let upload = owner.stage(&channel, name, announced, bytes).await;
        let complete = owner.complete(&upload.id).await;
        if complete.status == 422 {
            complete.refused(422, "type_mismatch");
            continue;
        }
        owner.send(&channel, "", &[&upload.id]).await.ok();
        let file = owner.download(&upload.id, "").await;
        assert_eq!(file.status, 200);
        assert_eq!(file.header("content-type"), "application/octet-stream", "{name} {announced}");
        assert!(file.header("content-disposition").starts_with("attachment;"), "{name} {announced}");
        assert_eq!(file.bytes, bytes);
        assert_guarded(&owner.get(&format!("/api/messages/attachments/{}", upload.id)).await);
    }
}

async fn pictures_are_shown_and_can_do_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.png", "image/png", &files::png("<script>alert(1)</script>")).await;
    let file = owner.download(&id, "").await;
    assert_eq!(file.header("content-type"), "image/png");
    assert!(file.header("content-disposition").starts_with("inline;"));
    assert_guarded(&owner.get(&format!("/api/messages/attachments/{id}")).await);
    assert_guarded(&owner.call("HEAD", &format!("/api/messages/attachments/{id}"), None).await);
}

#[track_caller]
fn assert_guarded(answer: &crate::support::Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
}
