//! A move that is stopped or killed leaves the installation in use, and can be continued. A damaged copy is noticed.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use attache::admin::moving::move_to;
use attache::platform::config::{MoveTarget, StorageConfig};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;

use super::{assert_moved, both, moved, other, refusal};
use crate::backup::{Empty, fill};
use crate::support::{Engines, TestApp, alone_on_both_engines, until};

alone_on_both_engines![
    a_move_that_is_killed_at_any_moment_goes_on,
    a_stopped_move_leaves_the_installation_in_use,
    a_damaged_copy_is_noticed_and_replaced,
    two_runs_do_not_move_at_the_same_time,
    a_run_during_which_people_could_write_is_not_completed,
];

async fn a_move_that_is_killed_at_any_moment_goes_on(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let target = both(&empty);
    let (mut killed, mut moment) = (0, Duration::from_millis(20));
    for attempt in 1.. {
        moment = moment * 3 / 2;
        let moving = move_to(&app.platform.config, &target, pending());
        match tokio::time::timeout(moment, moving).await {
            Ok(moved) => {
                moved.expect("it goes on");
                break;
            }
            Err(_) => killed += 1,
        }
        // As time ends the lease and the read-only moment of what was killed.
        let is_complete = app.count("moves WHERE state = 'moved'", "").await > 0;
        app.sql("UPDATE moves SET leased_until = 1, read_only_until = 1", "").await;
        let answer = owner.send(&channel, &format!("after {attempt}"), &[]).await;
        if is_complete {
            answer.refused(503, "read_only");
        } else {
            answer.ok();
            let name = format!("{attempt}.txt");
            owner.send_file(&channel, &name, "text/plain", name.as_bytes()).await;
        }
    }
    assert!(killed >= 3, "it was killed {killed} times");
    let started = empty.start().await;
    assert_moved(&app, &started).await;
}

async fn a_stopped_move_leaves_the_installation_in_use(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let stopped = move_to(&app.platform.config, &both(&empty), ready(())).await;
    assert!(stopped.expect_err("it was stopped").to_string().contains("Run the same command again"));
    owner.send(&channel, "work goes on", &[]).await.ok();
    assert_eq!(app.count("moves WHERE leased_until IS NULL AND read_only_until IS NULL", "").await, 1);
    moved(&app, &both(&empty)).await;
    assert_moved(&app, &empty.start().await).await;
}

/// A proxy before a store, which changes the bytes of objects while it is set to.
async fn damaging(endpoint: String, bucket: String, is_damaging: Arc<AtomicBool>, read: Arc<AtomicUsize>) -> String {
    let client = reqwest::Client::new();
    let forward = move |request: Request| {
        let (client, endpoint, bucket) = (client.clone(), endpoint.clone(), bucket.clone());
        let (is_damaging, read) = (is_damaging.clone(), read.clone());
        async move {
            let (parts, body) = request.into_parts();
            let is_object = parts.uri.path().trim_start_matches('/').len() > bucket.len() + 1;
            let is_read = parts.method == "GET" && is_object;
            let body = to_bytes(body, 20_000_000).await.expect("files of these tests are small");
            let url = format!("{endpoint}{}", parts.uri);
            let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
            let answer = answer.expect("the store answers");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            response.headers_mut().remove("transfer-encoding");
            let mut bytes = answer.bytes().await.expect("the store answers").to_vec();
            if is_read
                && is_damaging.load(Ordering::SeqCst)
                && read.fetch_add(1, Ordering::SeqCst) >= 2
                && let Some(first) = bytes.first_mut()
            {
                *first ^= 1;
            }
            *response.body_mut() = bytes.into();
            response
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(forward)).await });
    format!("http://{address}")
}

async fn a_damaged_copy_is_noticed_and_replaced(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let mut empty = Empty::new(&app, Engines::PostgresGarage).await;
    let is_damaging = Arc::new(AtomicBool::new(true));
    let StorageConfig::S3(store) = &mut empty.config.storage else { panic!("Garage speaks S3") };
    store.endpoint = damaging(store.endpoint.clone(), store.bucket.clone(), is_damaging.clone(), Arc::default()).await;
    let target = MoveTarget { database: None, storage: Some(empty.config.storage.clone()) };
    let refused = refusal(&app.platform.config, &target).await;
    assert!(refused.contains("Cannot move ") && refused.contains("damaged"), "{refused}");
    owner.send(&channel, "work goes on", &[]).await.ok();
    // What was copied without damage is cut off since.
    is_damaging.store(false, Ordering::SeqCst);
    let secret = attache::platform::secret::Secret::random(&app.platform.clock);
    let storage = attache::platform::storage::Storage::open(&empty.config.storage, secret).await.expect("a storage");
    let copies = crate::backup::objects_of(&storage).await;
    let (key, bytes) = copies.iter().find(|(_, bytes)| bytes.len() > 1).expect("some were copied");
    let cut = bytes[..bytes.len() - 1].to_vec();
    storage.put_bytes(&key.parse().expect("a key"), "text/plain", cut).await.expect("it can be written");
    moved(&app, &target).await;
    assert!(super::kept_objects(&app).await == crate::backup::objects_of(&storage).await, "the bytes differ");
}

async fn two_runs_do_not_move_at_the_same_time(app: TestApp) {
    fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let target = both(&empty);
    let (one, two) = tokio::join!(
        move_to(&app.platform.config, &target, pending()),
        move_to(&app.platform.config, &target, pending())
    );
    let outcomes = [one, two];
    assert!(outcomes.iter().any(Result::is_ok), "{outcomes:?}");
    assert_moved(&app, &empty.start().await).await;
}

async fn a_run_during_which_people_could_write_is_not_completed(app: TestApp) {
    let (owner, channel) = fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let target = both(&empty);
    // As for a run that is suspended for longer than its lease.
    let lapse = async {
        let is_read_only = async || app.count("moves WHERE read_only_until IS NOT NULL", "").await == 1;
        until("it is read-only", is_read_only).await;
        app.sql("UPDATE moves SET read_only_until = 1 WHERE state = 'copying'", "").await
    };
    let (refused, lapsed) = tokio::join!(refusal(&app.platform.config, &target), lapse);
    assert_eq!(lapsed, 1);
    assert!(refused.contains("people could write again"), "{refused}");
    owner.send(&channel, "work goes on", &[]).await.ok();
    moved(&app, &target).await;
    assert_moved(&app, &empty.start().await).await;
}
