//! PostgreSQL and Garage are killed and started again while clients work: acknowledged data is there, and the server
//! recovers.

use std::time::Duration;

use attache::platform::config::DatabaseUrl;
use futures::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::client::Client;
use super::kills::{all, assert_storage_holds_the_rest, clients};
use super::random::{seed, setting};
use super::watcher::Watcher;
use crate::support::{Engines, Installation, Upload, User, assert_database_is_whole, end_leases};

/// Maximum milliseconds of work before an engine is killed.
const WORK_MAX: usize = 1500;
/// How long clients continue after the engine responds again.
const WORK_AFTER: Duration = Duration::from_secs(1);
/// Timeout for an engine to start, and then for the server to use it.
const RECOVERY: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
struct Engine {
    name: &'static str,
    signal: Signal,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make stress"]
async fn everything_acknowledged_survives_restarts_of_postgresql() {
    everything_acknowledged_survives(Engine { name: "postgres", signal: Signal::USR1 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make stress"]
async fn everything_acknowledged_survives_restarts_of_garage() {
    everything_acknowledged_survives(Engine { name: "garage", signal: Signal::USR2 }).await;
}

impl Engine {
    /// Returns how often it was started again.
    fn restarts(self) -> usize {
        let path = std::env::var("TEST_ENGINES_RESTARTS").expect("scripts/with-engines.sh sets TEST_ENGINES_RESTARTS");
        let log = std::fs::read_to_string(path).expect("scripts/with-engines.sh writes it");
        log.lines().filter(|line| *line == self.name).count()
    }

    /// Kills it and waits until it responds again.
    async fn restart(self) {
        let tender = std::env::var("TEST_ENGINES_PID").expect("scripts/with-engines.sh sets TEST_ENGINES_PID");
        let tender = tender.parse().ok().and_then(Pid::from_raw).expect("it is a process id");
        let before = self.restarts();
        kill_process(tender, self.signal).expect("the process can be signaled");
        let restarted = async {
            while self.restarts() == before {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(RECOVERY, restarted).await.unwrap_or_else(|_| panic!("{} did not start again", self.name));
    }
}

/// Makes commits durable. The engines of the tests may lose acknowledged data with their process; this database may
/// not.
async fn commit_for_good(installation: &Installation) {
    let DatabaseUrl::Postgres(url) = &installation.database else { panic!("PostgreSQL") };
    let name = url.rsplit('/').next().expect("the URL names a database");
    let mut connection = PgConnection::connect(url).await.expect("the database can be reached");
    let statement = AssertSqlSafe(format!("ALTER DATABASE {name} SET synchronous_commit = on"));
    connection.execute(statement).await.expect("the database can be changed");
}

/// Waits until a complete upload and message works again, without a restart of the server. Returns the duration.
async fn recovery(user: &User, channel: &str) -> Duration {
    let started = Instant::now();
    let works = async || {
        let body = json!({ "type": "attachment", "channelId": channel, "fileName": "a.bin", "fileSize": 1 });
        let presigned = user.post("/api/uploads/presign", body).await;
        if presigned.status != 200 {
            return false;
        }
        let upload = Upload::new(presigned.json(), b"a");
        upload.request(&upload.url).body("a").send().await.is_ok_and(|put| put.status() == 200)
            && user.complete(&upload.id).await.status == 200
            && user.send(channel, "", &[&upload.id]).await.status == 200
    };
    let recovered = async {
        while !works().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(RECOVERY, recovered).await.expect("the server uses the engine again");
    started.elapsed()
}

/// Returns how long the server needed until it used the engine again.
async fn round(engine: Engine, clients: &mut Vec<Client>, work: Duration, channel: &str) -> Duration {
    let user = clients[0].user.clone();
    let (goes_on, watched) = watch::channel(true);
    let working: Vec<_> = clients.drain(..).map(|client| tokio::spawn(client.run_while(watched.clone()))).collect();
    sleep(work).await;
    engine.restart().await;
    let took = recovery(&user, channel).await;
    sleep(WORK_AFTER).await;
    goes_on.send_replace(false);
    for client in join_all(working).await {
        clients.push(client.expect("the client works"));
    }
    took
}

async fn everything_acknowledged_survives(engine: Engine) {
    let rounds = setting("STRESS_RESTARTS", 10);
    let mut random = seed(engine.name);
    let started = Instant::now();
    let installation = Installation::as_released(Engines::PostgresGarage).await;
    commit_for_good(&installation).await;
    let server = installation.start_with(&[("API_REQUESTS_PER_MINUTE", "1000000".to_owned())].into());
    let mut clients = clients(&server, &mut random, true).await;
    let channel = clients[0].user.channel("recovery").await;
    let watcher = Watcher::start(&server, None);
    all(&mut clients, Client::open_book).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..rounds {
        let work = Duration::from_millis(random.below(WORK_MAX) as u64);
        slowest = slowest.max(round(engine, &mut clients, work, &channel).await);
        if engine.name == "postgres" {
            // A server without a database could not release its leases.
            end_leases(&installation).await;
        }
        all(&mut clients, Client::verify).await;
    }
    all(&mut clients, Client::verify_all).await;
    let seen = watcher.stop();
    let sum = |count: fn(&Client) -> usize| clients.iter().map(count).sum::<usize>();
    let (acknowledged, unavailable) = (sum(|client| client.acknowledged), sum(|client| client.unavailable));
    let cut_off = sum(|client| client.cut_off);
    println!(
        "{} killed {rounds} times in {} s: {acknowledged} requests acknowledged, {unavailable} answered with 503, {cut_off} cut off; \
         recovered within {slowest:?}; {seen}",
        engine.name,
        started.elapsed().as_secs()
    );
    server.kill();
    assert_database_is_whole(&installation).await;
    assert_storage_holds_the_rest(&installation, &clients).await;
    let enough = usize::try_from(rounds).expect("it is small");
    assert!(unavailable + cut_off > 0, "the engine was never missed");
    assert!(acknowledged >= 20 * enough, "nothing was under way");
}
