//! Hundreds of expensive files, by all ways of upload. Others are still served, and memory and processor time stay
//! within their limits.

mod attacker;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::{StreamExt, stream};
use image::ImageFormat;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use self::attacker::{Attacker, Way};
use super::hostile::{Kind, kinds};
use super::random::{Random, seed, setting};
use super::watcher::Watcher;
use super::{on_both_engines, process_tree};
use crate::support::{Installation, Process, files};

on_both_engines![hostile_files_stop_nobody];

/// Number of files sent at a time.
const AT_ONCE: usize = 8;
/// Maximum processor time of a file from `complete` to its preview.
const PROCESSOR_MAX: Duration = Duration::from_secs(10);

struct Hostile {
    kind: Kind,
    path: PathBuf,
}

/// Generates the files before anything is measured, alternating kinds.
async fn made(folder: &Path, count: usize, mut random: Random) -> Vec<Hostile> {
    let folder = folder.to_owned();
    let made = spawn_blocking(move || {
        let kinds = kinds();
        let make = |(index, kind): (usize, &Kind)| {
            let path = folder.join(index.to_string());
            std::fs::write(&path, (kind.make)(&mut random)).expect("the file can be written");
            Hostile { kind: *kind, path }
        };
        kinds.iter().cycle().take(count).enumerate().map(make).collect()
    });
    made.await.expect("the files can be made")
}

fn total_size(hostile: &[Hostile]) -> u64 {
    hostile.iter().map(|file| file.path.metadata().expect("it is there").len()).sum()
}

async fn hostile_files_stop_nobody(installation: Installation) {
    let count = usize::try_from(setting("STRESS_FILES", 500)).expect("it is small");
    let mut random = seed("hostile files");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let hostile = made(folder.path(), count, random.split()).await;
    let server = installation.start_with(&[("API_REQUESTS_PER_MINUTE", "1000000".to_owned())].into());
    let attacker = Attacker::sign_up(&server).await;
    let others = attacker::sign_up(&server, "others@example.org", "Lighthouse").await;
    others.channel("general").await;
    assert_eq!(others.get("/inbox").await.status, 200);

    let started = Instant::now();
    let watcher = Watcher::start(&server, Some(&others));
    let ways = [Way::Browser, Way::Program, Way::Public];
    stream::iter(hostile.iter().enumerate())
        .for_each_concurrent(AT_ONCE, |(index, file)| {
            // Each kind is sent in each way, for any numbers.
            let way = ways[(index + index / kinds().len()) % ways.len()];
            let attacker = &attacker;
            async move {
                let bytes = tokio::fs::read(&file.path).await.expect("it is there");
                attacker.send(file.kind, bytes, way).await;
            }
        })
        .await;
    let sent = started.elapsed();
    attacker.wait_for_previews().await;
    attacker.look_at_everything().await;
    let seen = watcher.stop();
    println!(
        "{count} hostile files on {:?}, {} MB, sent within {} s, read within {} s of processor time {} s: {seen}; answers: {}",
        installation.engines,
        total_size(&hostile) / 1_000_000,
        sent.as_secs(),
        started.elapsed().as_secs(),
        process_tree::processor_time(server.id()).as_secs(),
        attacker.answers()
    );
    seen.assert_memory();
    assert_processor_time(&server, &attacker, random.split()).await;
    assert_eq!(server.logged("panicked"), 0);
    for user in [&attacker.user, &others] {
        attacker::assert_photo_gets_preview(user, &photo(&mut random)).await;
    }
    assert_eq!(attacker.user.get("/healthz").await.status, 200, "it is the same process");
}

/// Sends one file of each kind alone, on an idle server.
async fn assert_processor_time(server: &Process, attacker: &Attacker, mut random: Random) {
    let mut costs = Vec::new();
    for kind in kinds() {
        let bytes = (kind.make)(&mut random);
        let before = process_tree::processor_time(server.id());
        attacker.send(kind, bytes, Way::Browser).await;
        attacker.wait_for_previews().await;
        costs.push((process_tree::processor_time(server.id()).saturating_sub(before), kind.name));
    }
    costs.sort();
    costs.reverse();
    println!("most processor time of one file: {:?}", &costs[..costs.len().min(5)]);
    assert!(costs[0].0 <= PROCESSOR_MAX, "{:?}", costs[0]);
    assert!(costs[0].0 > Duration::ZERO, "nothing was measured");
}

fn photo(random: &mut Random) -> Vec<u8> {
    let noise =
        image::RgbImage::from_raw(1200, 800, random.bytes(1200 * 800 * 3)).expect("there are bytes for all pixels");
    files::encoded(noise.into(), ImageFormat::Jpeg)
}
