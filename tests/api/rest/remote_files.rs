//! Files that the server fetches for programs. 127.0.0.2 is the internet, under the name files.test.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use attache::platform::remote_fetch::{Lookup, Network, RemoteFetchConfig};
use axum::Router;
use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Barrier;

use crate::support::{Engines, Program, TestApp, files, on_both_engines, text};

on_both_engines![
    names_from_elsewhere_survive_or_are_made_safe,
    a_file_is_fetched_and_stored,
    failed_fetches_have_a_reason,
    a_server_that_never_answers_is_left,
    a_message_stores_copies_of_its_urls,
    the_copies_of_a_message_are_fetched_at_the_same_time,
    a_picture_elsewhere_gets_a_preview_that_is_fetched_once,
];

/// Resolves all hosts to files.test, except internal ones.
struct Dns;

impl Lookup for Dns {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let address = if host == "inside.test" { [127, 0, 0, 1] } else { [127, 0, 0, 2] };
        async move { Ok(vec![address.into()]) }.boxed()
    }
}

/// File names of other servers.
const NAMES: [(&str, &str); 8] = [
    ("attachment; filename=\"../../etc/passwd.png\"", "passwd.png"),
    ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fx.png", "x.png"),
    ("attachment; filename=\"C:\\\\windows\\\\x.png\"", "x.png"),
    ("attachment; filename*=UTF-8''a%00b%0D%0Ac.png", "a_b__c.png"),
    ("attachment; filename*=UTF-8''%E2%80%AEgnp.png", "gnp.png"),
    ("attachment; filename*=UTF-8''%E5%86%99%E7%9C%9F.png", "写真.png"),
    ("attachment; filename*=UTF-8''%D8%B5%D9%88%D8%B1%D8%A9.png", "صورة.png"),
    ("attachment; filename=\"con.png\"", "_con.png"),
];

async fn sly(Path(number): Path<usize>) -> impl IntoResponse {
    ([(CONTENT_DISPOSITION, NAMES[number].0)], files::png("s"))
}

/// Starts the internet, and an app that can reach it.
async fn connected(engines: Engines) -> (TestApp, String) {
    connected_within(engines, RemoteFetchConfig::default().timeout).await
}

async fn connected_within(engines: Engines, timeout: Duration) -> (TestApp, String) {
    let listener = TcpListener::bind(("127.0.0.2", 0)).await.expect("the address is free");
    let address: SocketAddr = listener.local_addr().expect("a bound socket has an address");
    let named = [
        (CONTENT_DISPOSITION, "attachment; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE.png"),
        (CONTENT_TYPE, "text/html"),
    ];
    let both = Arc::new(Barrier::new(2));
    let together = move || {
        let both = both.clone();
        async move {
            both.wait().await;
            files::png("t")
        }
    };
    let was_asked = Arc::new(AtomicBool::new(false));
    let once = move || {
        let is_first = !was_asked.swap(true, Ordering::SeqCst);
        async move { if is_first { files::picture(16, 8) } else { b"asked again".to_vec() } }
    };
    let site = Router::new()
        .route("/once.png", get(once))
        .route("/image.png", get(|| async { files::picture(16, 8) }))
        .route("/{name}/picture", get(sly))
        .route("/pictures/{folder}/{name}", get(|| async { files::png("p") }))
        .route("/named", get(move || async move { (named, files::png("n")) }))
        .route("/moved", get(|| async { Redirect::temporary("/image.png") }))
        .route("/inside", get(|| async { Redirect::temporary("http://169.254.169.254/latest/meta-data/") }))
        .route("/page.png", get(|| async { files::HTML }))
        .route("/large.png", get(|| async { [files::png(""), vec![0; 10_000_001]].concat() }))
        .route("/together/{name}", get(together))
        .route("/never", get(std::future::pending::<()>));
    tokio::spawn(async move { axum::serve(listener, site).await });
    let app = TestApp::start_with(engines, |config| {
        config.remote_fetch.network = Network::opened(Dns, &[address]);
        config.remote_fetch.timeout = timeout;
    });
    (app.await, format!("http://files.test:{}", address.port()))
}

async fn program(app: &TestApp) -> Program {
    app.owner().await.program(&["attachments:write", "attachments:read"]).await
}

async fn a_file_is_fetched_and_stored(app: TestApp) {
    let (app, site) = connected(app.engines).await;
    let program = program(&app).await;
    for (path, name) in [("/image.png", "image.png"), ("/moved?x=/y", "image.png"), ("/named", "фото.png")] {
        let made =
            program.post("/attachments/download-from-url", json!({ "url": format!("{site}{path}") })).await.created();
        assert_eq!(made["filename"], name);
        // By the bytes, whatever type the other server reports.
        assert_eq!((&made["mediaType"], &made["contentType"]), (&json!("IMAGE"), &json!("image/png")));
    }
    let body = json!({ "url": format!("{site}/image.png"), "filename": "promo.png", "mediaType": "IMAGE" });
    let made = program.post("/attachments/download-from-url", body).await.created();
    assert_eq!(made["filename"], "promo.png");
    assert_eq!(program.download(&text(&made["id"])).await.bytes, files::picture(16, 8));
}

async fn names_from_elsewhere_survive_or_are_made_safe(app: TestApp) {
    let (app, site) = connected(app.engines).await;
    let program = program(&app).await;
    let fetch = async |url: String| program.post("/attachments/download-from-url", json!({ "url": url })).await;
    for (number, (said, kept)) in NAMES.iter().enumerate() {
        let made = fetch(format!("{site}/{number}/picture")).await.created();
        assert_eq!(made["filename"], *kept, "{said}");
        let answer = program.get(&format!("/attachments/{}/download", text(&made["id"]))).await;
        assert!(matches!(answer.status, 200 | 302), "{said}: {}", answer.status);
    }
    for (path, kept) in [
        ("/pictures/写真/фото.png", "фото.png"),
        ("/pictures/%E5%86%99%E7%9C%9F/%F0%9F%A6%80.png", "🦀.png"),
        ("/pictures/%E5%86%99%E7%9C%9F/..%2F..%2Fx.png", ".._.._x.png"),
    ] {
        assert_eq!(fetch(format!("{site}{path}")).await.created()["filename"], kept, "{path}");
    }
    // International host names in Punycode.
    let port = site.rsplit(':').next().expect("the site has a port").to_owned();
    fetch(format!("http://xn--bcher-kva.test:{port}/image.png")).await.created();
    let refused = fetch(format!("http://bücher.test:{port}/image.png")).await.refused(400, "invalid_url");
    assert!(text(&refused["message"]).contains("Punycode"), "{refused}");
}

async fn failed_fetches_have_a_reason(app: TestApp) {
    let (app, site) = connected(app.engines).await;
    let program = program(&app).await;
    let port = site.rsplit(':').next().expect("the site has a port").to_owned();
    for (url, kind) in [
        (format!("http://127.0.0.1:{port}/"), "invalid_url"),
        (format!("http://0x7f.1:{port}/"), "invalid_url"),
        (format!("http://2130706433:{port}/"), "invalid_url"),
        (format!("http://[::1]:{port}/"), "invalid_url"),
        (format!("http://[::ffff:127.0.0.1]:{port}/"), "invalid_url"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "invalid_url"),
        (format!("http://inside.test:{port}/"), "invalid_url"),
        (format!("http://user:password@files.test:{port}/image.png"), "invalid_url"),
        ("file:///etc/passwd".to_owned(), "invalid_url"),
        ("gopher://files.test/".to_owned(), "invalid_url"),
        ("http://files.test:22/".to_owned(), "invalid_url"),
        ("not a url".to_owned(), "invalid_url"),
        (format!("{site}/inside"), "invalid_url"),
        (format!("{site}/missing.png"), "remote_fetch_failed"),
        (format!("{site}/large.png"), "file_too_large"),
        (format!("{site}/page.png"), "file_type_not_allowed"),
    ] {
        let answer = program.post("/attachments/download-from-url", json!({ "url": url })).await;
        let refused = answer.refused(400, kind);
        if kind != "file_type_not_allowed" {
            assert_eq!(refused["data"]["field"], "url", "{refused}");
        }
        assert!(!text(&refused["message"]).contains("password@"), "{refused}");
    }
    let body = json!({ "url": format!("{site}/image.png"), "mediaType": "VIDEO" });
    program.post("/attachments/download-from-url", body).await.refused(400, "media_type_mismatch");
    let body = json!({ "url": format!("{site}/image.png"), "mediaType": "../../x" });
    program.post("/attachments/download-from-url", body).await.refused(400, "invalid_media_type");
    let body = json!({ "url": format!("{site}/image.png"), "saveOnServer": true });
    program.post("/attachments/download-from-url", body).await.refused(400, "malformed_request");
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
        assert_eq!(app.files_under("tmp"), [""; 0]);
    }
}

async fn a_server_that_never_answers_is_left(app: TestApp) {
    let (app, site) = connected_within(app.engines, Duration::from_millis(300)).await;
    let owner = app.owner().await;
    let channel = owner.channel("releases").await;
    let program = owner.program(&["attachments:write", "messages:write"]).await;
    let url = format!("{site}/never");
    let refused = program.post("/attachments/download-from-url", json!({ "url": url })).await;
    assert_eq!(refused.refused(400, "remote_fetch_timeout")["data"]["field"], "url");
    let body = json!({ "bucketId": channel, "attachments": [{ "url": url, "saveOnServer": true }] });
    let refused = program.post("/messages", body).await.refused(400, "remote_fetch_timeout");
    assert_eq!(refused["data"]["field"], "attachments[0]");
    assert!(text(&refused["message"]).contains("0.3 seconds"), "{refused}");
    assert!(owner.messages(&channel).await.is_empty());
}

async fn a_message_stores_copies_of_its_urls(app: TestApp) {
    let (app, site) = connected(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("releases").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let saved = |path: &str| json!({ "url": format!("{site}{path}"), "saveOnServer": true });
    let named =
        json!({ "url": format!("{site}/image.png"), "saveOnServer": true, "mediaType": "IMAGE", "name": "Banner.png" });
    let linked = json!({ "url": "https://example.com/a.mp3", "mediaType": "AUDIO" });
    let body = json!({ "bucketId": channel, "attachments": [saved("/named"), linked, named] });
    let sent = program.post("/messages", body).await.created();
    let shown: Vec<_> = sent["attachments"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
    assert_eq!(shown, [json!("фото.png"), json!(null), json!("Banner.png")]);
    assert_eq!(sent["attachments"][1]["url"], "https://example.com/a.mp3");
    let copy = text(&sent["attachments"][2]["attachmentUuid"]);
    assert_eq!(owner.download(&copy, "").await.bytes, files::picture(16, 8));

    // One failure fails the message; nothing of it stays.
    let used = owner.get("/api/storage").await.ok()["usedBytes"].clone();
    for (path, kind) in [
        ("/missing.png", "remote_fetch_failed"),
        ("/inside", "invalid_url"),
        ("/large.png", "file_too_large"),
        ("/page.png", "file_type_not_allowed"),
    ] {
        let body = json!({ "bucketId": channel, "body": "x", "attachments": [saved("/image.png"), saved(path)] });
        let refused = program.post("/messages", body).await.refused(400, kind);
        assert_eq!(refused["data"]["field"], "attachments[1]", "{refused}");
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], used);
}

/// Neither responds before the other is requested.
async fn the_copies_of_a_message_are_fetched_at_the_same_time(app: TestApp) {
    let (app, site) = connected(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("releases").await;
    let program = owner.program(&["messages:write"]).await;
    let saved = |name: &str| json!({ "url": format!("{site}/together/{name}.png"), "saveOnServer": true });
    let body = json!({ "bucketId": channel, "attachments": [saved("a"), saved("b")] });
    let sent = program.post("/messages", body).await.created();
    assert_eq!(sent["attachments"].as_array().map(Vec::len), Some(2));
}

async fn a_picture_elsewhere_gets_a_preview_that_is_fetched_once(app: TestApp) {
    let (app, site) = connected(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.private_channel("releases").await;
    let program = owner.program(&["messages:write"]).await;
    let names = |path: &str, media_type: &str| json!({ "url": format!("{site}{path}"), "mediaType": media_type });
    // A picture, then URLs without preview: nothing, internal, a web page, too many bytes, a video.
    let carried = json!([
        names("/once.png", "IMAGE"),
        names("/missing.png", "IMAGE"),
        names("/inside", "IMAGE"),
        names("/page.png", "GIF"),
        names("/large.png", "IMAGE"),
        names("/image.png", "VIDEO"),
    ]);
    program.post("/messages", json!({ "bucketId": channel, "attachments": carried })).await.created();
    let shown = async || owner.messages(&channel).await[0]["remoteFiles"].as_array().unwrap().clone();
    assert!(shown().await.iter().all(|file| file["preview"].is_null()), "nothing is shown before it was fetched");
    let mut events = owner.listen().await;
    run_due(&app.platform, JOBS).await.unwrap();
    events.next_named("message.changed").await;
    let files = shown().await;
    let preview = &files[0]["preview"];
    assert_eq!((&preview["width"], &preview["height"]), (&json!(16), &json!(8)));
    assert_eq!(files[0]["url"], format!("{site}/once.png"), "the original stays where it is");
    for file in &files[1..] {
        assert_eq!(file["preview"], json!(null), "{file}");
    }
    let path = text(&preview["url"]);
    let answer = owner.download_public(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/webp"));
    let picture = image::load_from_memory_with_format(&answer.bytes, image::ImageFormat::WebP).unwrap();
    assert_eq!((picture.width(), picture.height()), (16, 8));
    // Others can't view it, and after the message is deleted nobody can.
    app.member().await.get(&path).await.refused(404, "not_found");
    app.other_organization().await.get(&path).await.refused(404, "not_found");
    app.anonymous().get(&path).await.refused(401, "unauthenticated");
    // It stays as long as the message, and is not fetched again.
    app.advance(Duration::from_hours(48));
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(owner.download_public(&path).await.status, 200);
    let message = text(&owner.messages(&channel).await[0]["id"]);
    assert_eq!(owner.delete(&format!("/api/messages/{message}")).await.status, 200);
    owner.get(&path).await.refused(404, "not_found");
}
