//! The connection between browser and server: a request that is lost, a response that is lost, and a request that a
//! proxy sends twice.

use std::time::Duration;

use futures::future::join;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::acts::{Act, Again, World, routes};
use crate::support::{Answer, TestApp, lose_answer, on_both_engines, relay, until};

on_both_engines![
    requests_that_do_not_arrive_whole_do_nothing,
    requests_whose_answer_is_lost_are_done,
    requests_that_arrive_twice_at_once_are_done_as_if_one_after_the_other,
];

/// Forwards all but the last byte of the first request, and disconnects.
async fn lose_request(mut client: TcpStream, mut server: TcpStream) {
    let mut request = vec![0; 64 * 1024];
    if let Ok(length @ 1..) = client.read(&mut request).await {
        let _ = server.write_all(&request[..length - 1]).await;
    }
}

/// Sends a request, again while its idempotency key belongs to one that the server still processes.
async fn send_when_free(act: &Act) -> Answer {
    let sent = async {
        loop {
            let answer = act.send().await;
            if answer.status != 409 || !answer.text().contains("still in progress") {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), sent).await.expect("a key is free soon")
}

async fn requests_that_do_not_arrive_whole_do_nothing(app: TestApp) {
    let world = World::new(&app).await;
    let line = relay(&app.base, lose_request).await;
    let mut wrong = Vec::new();
    for (route, _) in routes() {
        let act = world.prepare(route).await;
        let rows = act.rows(&app).await;
        assert!(act.at(&line).request().send().await.is_err(), "{route}: the line is cut");
        let was_done = act.rows(&app).await != rows;
        let sent = send_when_free(&act).await;
        if was_done || sent.status >= 300 || act.rows(&app).await == rows {
            wrong.push(format!("{route}: done at once: {was_done}, sent again: {} {}", sent.status, sent.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn requests_whose_answer_is_lost_are_done(app: TestApp) {
    let world = World::new(&app).await;
    let line = relay(&app.base, lose_answer).await;
    let mut wrong = Vec::new();
    for (route, again) in routes() {
        let act = world.prepare(route).await;
        let rows = act.rows(&app).await;
        assert!(act.at(&line).request().send().await.is_err(), "{route}: the answer is lost");
        until(route, async || act.rows(&app).await != rows).await;
        let done = act.rows(&app).await;
        let sent = send_when_free(&act).await;
        let is_right = match again {
            Again::Refused(status) => sent.status == status,
            _ => sent.status < 300,
        };
        if !is_right || (act.rows(&app).await != done) != (again == Again::Twice) {
            wrong.push(format!("{route}: sent again: {} {}", sent.status, sent.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn requests_that_arrive_twice_at_once_are_done_as_if_one_after_the_other(app: TestApp) {
    let world = World::new(&app).await;
    let mut wrong = Vec::new();
    for (route, again) in routes() {
        let act = world.prepare(route).await;
        let rows = act.rows(&app).await;
        let both = timeout(Duration::from_secs(30), join(send_when_free(&act), send_when_free(&act)));
        let (one, other) = both.await.unwrap_or_else(|_| panic!("{route} waits for itself"));
        let done = (act.rows(&app).await - rows).abs();
        let (first, second) = if one.status <= other.status { (one, other) } else { (other, one) };
        let is_right = match again {
            // One that lost a race can be rejected for another reason than a late one, or find nothing to do.
            Again::Refused(_) => first.status < 300 && second.status < 500,
            _ => second.status < 300,
        };
        if !is_right || done != if again == Again::Twice { 2 } else { 1 } {
            let (one, other) = (first.text(), second.text());
            wrong.push(format!("{route}: done {done} times: {} {one}, {} {other}", first.status, second.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
