//! Many who stay connected: each open page holds a connection for what happens live.

use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Engines, Installation};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_may_stay_connected_than_a_shell_allows_open_files() {
    let server = Installation::new(Engines::SqliteLocal).await.start_with_open_files(64);
    let address = server.base.trim_start_matches("http://").to_owned();
    let idle: Vec<_> = (0..200).map(|_| TcpStream::connect(&address).expect("the server listens")).collect();
    let asked = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
    let answer = asked.get(format!("{}/healthz", server.base)).send().await.expect("it answers beside them");
    assert_eq!(answer.status(), 200);
    drop(idle);
}
