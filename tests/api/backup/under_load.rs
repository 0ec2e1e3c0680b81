//! A back-up is one moment, however much is written and removed while it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use attache::admin::backup::check_all;
use attache::admin::backup::create::create;
use attache::admin::verify::examine;
use attache::platform::config::ArchiveConfig;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use tokio::sync::Semaphore;

use super::{Empty, Target, back_up, objects_of, rows_of, run_jobs};
use crate::support::{Engines, TestApp, on_both_engines, until};

on_both_engines![
    a_back_up_of_a_busy_installation_is_one_moment,
    files_that_are_purged_meanwhile_are_purged_when_restored,
    a_run_that_was_killed_is_named_and_followed_by_another,
    one_back_up_at_a_time_goes_to_a_target,
];

async fn a_back_up_of_a_busy_installation_is_one_moment(app: TestApp) {
    let app = TestApp::start_alone(app.engines).await;
    let target = Target::new(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (owner, channel, stop, sent) = (owner.clone(), channel.clone(), stop.clone(), sent.clone());
            tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    let name = format!("{writer}-{number}.txt");
                    owner.send_file(&channel, &name, "text/plain", name.as_bytes()).await;
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    until("some messages are sent", async || sent.load(Ordering::Relaxed) >= 6).await;
    let before = sent.load(Ordering::Relaxed);
    let made = back_up(&app, &target).await;
    until("messages are sent after it", async || sent.load(Ordering::Relaxed) >= before + 6).await;
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("every message is accepted");
    }
    assert_eq!(made.missing, [""; 0]);
    let empty = Empty::new(&app, app.engines).await;
    empty.restore(&target).await.expect("it can be restored");
    let restored = empty.start().await;
    let report = examine(&restored.platform, true).await.expect("it can be compared");
    assert_eq!(report.differences, []);
    let (source, copy) = (rows_of(&app.platform.config.database).await, rows_of(&empty.config.database).await);
    let (all, some) = (&source["messages"], &copy["messages"]);
    assert!(some.len() >= before && some.len() < all.len(), "{before} {} {}", some.len(), all.len());
    assert!(some.iter().all(|row| all.contains(row)), "a message differs");
    let (all, some) = (objects_of(&app.platform.storage).await, objects_of(&restored.platform.storage).await);
    assert!(some.len() >= before && some.iter().all(|(key, bytes)| all.get(key) == Some(bytes)), "a file differs");
}

/// Returns a target whose store stops at files, until the gate is opened.
async fn held(engines: Engines) -> (Target, Arc<Semaphore>, Arc<AtomicUsize>) {
    let mut target = Target::new(Engines::PostgresGarage).await;
    let ArchiveConfig::Bucket { store, prefix } = &mut target.config else { panic!("it is a bucket") };
    // Its own place for each pair.
    *prefix = format!("{engines:?}/");
    let (gate, waiting) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    store.endpoint = holding(store.endpoint.clone(), gate.clone(), waiting.clone()).await;
    (target, gate, waiting)
}

/// Starts a proxy that forwards an upload of an object when the gate is open.
async fn holding(endpoint: String, gate: Arc<Semaphore>, waiting: Arc<AtomicUsize>) -> String {
    let client = reqwest::Client::new();
    let forward = move |request: Request| {
        let (client, endpoint, gate, waiting) = (client.clone(), endpoint.clone(), gate.clone(), waiting.clone());
        async move {
            let (parts, body) = request.into_parts();
            let path = parts.uri.path();
            if parts.method == "PUT" && path.contains("/objects/") && !path.contains("snapshots") {
                waiting.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.expect("the gate is not closed").forget();
                gate.add_permits(1);
            }
            let body = to_bytes(body, 10_000_000).await.expect("files of these tests are small");
            let url = format!("{endpoint}{}", parts.uri);
            let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
            let answer = answer.expect("the store answers");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            response.headers_mut().remove("transfer-encoding");
            *response.body_mut() = answer.bytes().await.expect("the store answers").into();
            response
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(forward)).await });
    format!("http://{address}")
}

/// More than are copied at a time.
const FILES: usize = 12;

async fn files_that_are_purged_meanwhile_are_purged_when_restored(app: TestApp) {
    let app = TestApp::start_alone(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut ids = Vec::new();
    for number in 0..FILES {
        let name = format!("{number}.txt");
        ids.push(owner.send_file(&channel, &name, "text/plain", name.as_bytes()).await);
    }
    let (target, gate, waiting) = held(app.engines).await;
    let (platform, config) = (app.platform.clone(), target.config.clone());
    let run = tokio::spawn(async move { create(&platform, &config).await });
    until("files are copied", async || waiting.load(Ordering::SeqCst) >= 1).await;
    let last = ids.last().expect("there are files");
    owner.delete(&format!("/api/attachments/{last}")).await.ok();
    owner.post(&format!("/api/attachments/{last}/purge"), serde_json::json!({})).await.ok();
    run_jobs(&app.platform).await;
    gate.add_permits(1);
    let made = run.await.expect("it does not panic").expect("the back-up is made");
    assert_eq!((made.purged, made.missing.len()), (1, 0), "{made:?}");
    assert_eq!(usize::try_from(made.files).unwrap(), FILES - 1);
    assert_eq!(check_all(&target.archive().await).await.expect("it can be checked"), [""; 0]);
    let empty = Empty::new(&app, app.engines).await;
    empty.restore(&target).await.expect("it can be restored");
    let restored = empty.start().await;
    let report = examine(&restored.platform, true).await.expect("it can be compared");
    assert_eq!(report.differences, []);
    let purged = restored.count("attachments WHERE purged_at IS NOT NULL AND id = {id}", last).await;
    assert_eq!(purged, 1);
}

async fn a_run_that_was_killed_is_named_and_followed_by_another(app: TestApp) {
    let app = TestApp::start_alone(app.engines).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    let (target, gate, waiting) = held(app.engines).await;
    let (platform, config) = (app.platform.clone(), target.config.clone());
    let run = tokio::spawn(async move { create(&platform, &config).await });
    until("files are copied", async || waiting.load(Ordering::SeqCst) >= 1).await;
    run.abort();
    assert!(run.await.is_err());
    let problems = check_all(&target.archive().await).await.expect("it can be checked").join("\n");
    assert!(problems.contains("is incomplete"), "{problems}");
    let empty = Empty::new(&app, app.engines).await;
    assert!(empty.refusal(&target).await.contains("is incomplete"));
    gate.add_permits(1);
    let busy = create(&app.platform, &target.config).await.expect_err("the lease of the killed run lasts");
    assert!(busy.to_string().contains("already running"), "{busy}");
    app.advance(Duration::from_mins(2));
    back_up(&app, &target).await;
    assert_eq!(check_all(&target.archive().await).await.expect("it can be checked"), [""; 0]);
}

async fn one_back_up_at_a_time_goes_to_a_target(app: TestApp) {
    let target = Target::new(app.engines).await;
    app.owner().await;
    let second = app.second_server().await;
    let (one, two) = tokio::join!(create(&app.platform, &target.config), create(&second.platform, &target.config));
    let outcomes = [one, two];
    let made = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(error.to_string().contains("already running"), "{error:#}");
    }
    assert!(made >= 1);
    let manifests = target.files().await.iter().filter(|name| name.ends_with("/manifest.json")).count();
    assert_eq!(manifests, made);
}
