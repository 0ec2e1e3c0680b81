//! An S3 store that accepts connections and never responds.

use std::time::Duration;

use attache::platform::readiness::SUCCESS_CACHE_TIME;
use tokio::io::copy_bidirectional;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::support::{TestApp, relay};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hanging_store_is_reported_soon() {
    let (hangs, watched) = watch::channel(false);
    let app = TestApp::start_behind(async |store| {
        let carry = move |mut client, mut server| {
            let mut watched = watched.clone();
            async move {
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    // Stays open without data.
                    () = async { drop(watched.wait_for(|hangs| *hangs).await) } => std::future::pending().await,
                }
            }
        };
        relay(&store, carry).await
    });
    let app = app.await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    assert_eq!(app.anonymous().get("/readyz").await.status, 200);
    hangs.send_replace(true);
    let asked = Instant::now();
    app.advance(SUCCESS_CACHE_TIME);
    app.anonymous().get("/readyz").await.refused(503, "unavailable");
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    owner.complete(&upload.id).await.refused(503, "unavailable");
    assert!(asked.elapsed() < Duration::from_mins(1), "{:?}", asked.elapsed());
}
