//! Public files: their bytes, from either storage, for exactly as long as they are public.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, files, on_both_engines, text};

on_both_engines![parts_conditions_and_head_of_a_public_file, what_is_turned_off_is_off_at_once_for_who_had_it_too,];

/// A bucket with a file in it, and the file's public path.
async fn posted(app: &TestApp, bytes: &[u8]) -> (String, String) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door" })).await.ok()["id"]);
    let id = owner.send_file(&bucket, "a.png", "image/png", bytes).await;
    (bucket, format!("/api/v1/attachments/{id}/download/public"))
}

async fn ask(app: &TestApp, method: Method, path: &str, header: (&str, &str)) -> Answer {
    let nobody = app.anonymous();
    nobody.send_request(nobody.request(method, path).header(header.0, header.1)).await
}

async fn parts_conditions_and_head_of_a_public_file(app: TestApp) {
    let bytes = files::picture(40, 30);
    let (_, path) = posted(&app, &bytes).await;
    let whole = app.anonymous().get(&path).await;
    assert_eq!((whole.status, &whole.bytes), (200, &bytes));
    assert_eq!(whole.header("cache-control"), "public, no-cache");
    assert_eq!(whole.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let part = ask(&app, Method::GET, &path, ("range", "bytes=8-15")).await;
    assert_eq!((part.status, &part.bytes[..]), (206, &bytes[8..16]));
    assert_eq!(part.header("content-range"), format!("bytes 8-15/{}", bytes.len()));
    let end = ask(&app, Method::GET, &path, ("range", "bytes=-4")).await;
    assert_eq!((end.status, &end.bytes[..]), (206, &bytes[bytes.len() - 4..]));
    ask(&app, Method::GET, &path, ("range", "bytes=100000-")).await.refused(416, "range_not_satisfiable");
    let known = ask(&app, Method::GET, &path, ("if-none-match", whole.header("etag"))).await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let head = ask(&app, Method::HEAD, &path, ("accept", "*/*")).await;
    assert_eq!((head.status, head.header("content-length")), (200, bytes.len().to_string().as_str()));
}

async fn what_is_turned_off_is_off_at_once_for_who_had_it_too(app: TestApp) {
    let (bucket, path) = posted(&app, &files::picture(8, 8)).await;
    let before = app.anonymous().get(&path).await;
    // There is no other URL that one could have kept.
    assert_eq!((before.status, before.header("location")), (200, ""));
    let bucket = format!("/api/buckets/{bucket}");
    app.owner().await.patch(&bucket, json!({ "publicDownloads": false })).await.ok();
    let condition = ("if-none-match", before.header("etag"));
    ask(&app, Method::GET, &path, condition).await.refused(404, "not_found");
    ask(&app, Method::GET, &path, ("range", "bytes=0-3")).await.refused(404, "not_found");
    app.owner().await.patch(&bucket, json!({ "publicDownloads": true })).await.ok();
    assert_eq!(ask(&app, Method::GET, &path, condition).await.status, 304);
}
