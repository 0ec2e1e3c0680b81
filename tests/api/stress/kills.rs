//! The server is killed repeatedly while clients work: everything acknowledged is there, byte for byte.

use std::collections::BTreeSet;
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use futures::TryStreamExt;
use futures::future::join_all;
use tokio::time::{Instant, sleep};

use super::client::Client;
use super::facts::Stage;
use super::random::{Random, seed, setting};
use super::{ROUNDS_OF_BOOK, on_both_engines};
use crate::crashes::owner_of;
use crate::support::{Installation, Process, TestApp, assert_database_is_whole, end_leases};

on_both_engines![everything_acknowledged_survives_kills];

const CLIENTS: usize = 6;
/// Maximum milliseconds of work before a kill.
const WORK_MAX: usize = 1500;

/// Returns people and programs of one organization.
pub async fn clients(server: &Process, random: &mut Random, expects_unavailable: bool) -> Vec<Client> {
    let owner = owner_of(server).await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    (0..CLIENTS).map(|_| Client::new(&owner, &program, random.split(), expects_unavailable)).collect()
}

/// Runs the same for all clients in parallel.
pub async fn all(clients: &mut [Client], work: impl AsyncFn(&mut Client) + Copy) {
    join_all(clients.iter_mut().map(|client| async move { work(client).await })).await;
}

async fn everything_acknowledged_survives_kills(installation: Installation) {
    let rounds = setting("STRESS_KILLS", 200).div_ceil(2);
    let mut random = seed("kills");
    let started = Instant::now();
    let unlimited = [("API_REQUESTS_PER_MINUTE", "1000000".to_owned())].into();
    let mut server = installation.start_with(&unlimited);
    let mut clients = clients(&server, &mut random, false).await;
    let mut cut_off = 0;
    for round in 0..rounds {
        if round % ROUNDS_OF_BOOK == 0 {
            all(&mut clients, Client::open_book).await;
        }
        let working: Vec<_> = clients.drain(..).map(|client| tokio::spawn(client.run_until_cut_off())).collect();
        sleep(Duration::from_millis(random.below(WORK_MAX) as u64)).await;
        server.kill();
        for client in join_all(working).await {
            clients.push(client.expect("the client works"));
        }
        cut_off += clients.iter().flat_map(|client| &client.books).map(in_doubt).sum::<usize>();
        assert_database_is_whole(&installation).await;
        end_leases(&installation).await;
        server = installation.start_with(&unlimited);
        let base = server.base.clone();
        for client in &mut clients {
            client.move_to(&base);
        }
        all(&mut clients, Client::verify).await;
    }
    all(&mut clients, Client::verify_all).await;
    server.kill();
    assert_database_is_whole(&installation).await;
    assert_storage_holds_the_rest(&installation, &clients).await;
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged).sum();
    println!(
        "kills on {:?}: {rounds} rounds in {} s, {acknowledged} requests acknowledged, {cut_off} facts in doubt at a kill",
        installation.engines,
        started.elapsed().as_secs()
    );
    let enough = usize::try_from(rounds).expect("it is small");
    assert!(cut_off >= enough && acknowledged >= 20 * enough, "the kills came when nothing was under way");
}

/// Returns how many facts of a book are in doubt.
fn in_doubt(book: &super::facts::Book) -> usize {
    let files = book.files.iter().filter(|file| file.perhaps.is_some()).count();
    files + book.messages.iter().filter(|message| message.perhaps.is_some()).count()
}

/// Asserts that the bytes of purged files are gone, that all others exist, and that the clean-up of a later day removes
/// none of them.
pub async fn assert_storage_holds_the_rest(installation: &Installation, clients: &[Client]) {
    let app = TestApp::start_with(installation.engines, |config| {
        config.database = installation.database.clone();
        config.storage = installation.storage.clone();
    });
    let app = app.await;
    for _ in 0..3 {
        run_due(&app.platform, JOBS).await.expect("jobs can be read");
        app.advance(Duration::from_hours(25));
    }
    let keys: Vec<_> = app.platform.storage.list("").map_ok(|object| object.key).try_collect().await.expect("a list");
    let stored: BTreeSet<_> =
        keys.iter().filter(|key| !key.starts_with("derived")).flat_map(|key| key.split('/')).collect();
    for file in clients.iter().flat_map(|client| &client.books).flat_map(|book| &book.files) {
        assert_eq!(stored.contains(&*file.id), file.stage != Stage::Purged, "{file:?}");
    }
}
