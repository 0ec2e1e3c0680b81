//! An S3 store that takes connections and answers nothing.

use std::time::Duration;

use attache::platform::config::StorageConfig;
use attache::platform::readiness::KEPT;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::support::{Engines, TestApp};

/// Stands before the store; gives its address, and what makes it hang.
async fn stand_before(store: String) -> (String, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let (hangs, watched) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (store, mut watched) = (store.clone(), watched.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(store).await.expect("the store can be reached");
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    // Kept open, and nothing passes.
                    () = async { drop(watched.wait_for(|hangs| *hangs).await) } => std::future::pending().await,
                }
            });
        }
    });
    (format!("http://{address}"), hangs)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_hangs_is_told_soon() {
    let storage = Engines::PostgresGarage.storage(std::path::Path::new(""));
    let StorageConfig::S3(mut config) = storage else { panic!("Garage speaks S3") };
    let (address, hangs) = stand_before(config.endpoint["http://".len()..].to_owned()).await;
    config.endpoint = address;
    let app = TestApp::start_with(Engines::PostgresGarage, |all| all.storage = StorageConfig::S3(config)).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    assert_eq!(app.anonymous().get("/readyz").await.status, 200);
    hangs.send_replace(true);
    let asked = Instant::now();
    app.advance(KEPT);
    app.anonymous().get("/readyz").await.refused(503, "unavailable");
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    owner.complete(&upload.id).await.refused(503, "unavailable");
    assert!(asked.elapsed() < Duration::from_mins(1), "{:?}", asked.elapsed());
}
