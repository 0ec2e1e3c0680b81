//! An hour of ordinary use, with aborted requests: memory and open files stay level. `make soak` runs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::random::{Random, seed, setting};
use super::watcher::Watcher;
use super::{on_both_engines, process_tree};
use crate::crashes::owner_of;
use crate::support::{Installation, Process, User, assert_database_is_whole, files, text};

on_both_engines![memory_and_open_files_stay_level];

const PEOPLE: usize = 4;
/// Number of measurements. The first is the base of the comparison.
const INTERVALS: u32 = 6;
/// Idle time before a measurement.
const SETTLE: Duration = Duration::from_secs(5);
/// Pause between two actions of one person.
const PAUSE: Duration = Duration::from_millis(50);
const FILE_MAX: usize = 256 * 1024;
/// Number of files that a person keeps. Older ones are deleted and purged.
const KEPT: usize = 20;
/// Maximum growth of resident memory in bytes: caches, and what the allocator keeps.
const MEMORY_GROWTH_MAX: u64 = 64_000_000;
/// Maximum growth of open files: connections of the pools.
const FILES_GROWTH_MAX: usize = 32;

/// A client that uses the installation until a deadline.
struct Person {
    user: User,
    channel: String,
    random: Random,
    /// Ids and bytes of sent files.
    files: Vec<(String, Vec<u8>)>,
    done: Arc<AtomicUsize>,
}

impl Person {
    async fn use_until(mut self, deadline: Instant) -> Self {
        let owner = self.user.clone();
        self.user = owner.another_device().await;
        while Instant::now() < deadline {
            match self.random.below(8) {
                0 | 1 => self.send_file().await,
                2 => self.read().await,
                3 => self.look_at_pages().await,
                4 => self.search().await,
                5 => self.leave_a_download().await,
                6 => self.leave_an_upload().await,
                _ => self.leave_events().await,
            }
            self.done.fetch_add(1, Ordering::Relaxed);
            sleep(PAUSE).await;
        }
        self.user.poke("/api/auth/log-out").await.ok();
        self.user = owner;
        self
    }

    async fn send_file(&mut self) {
        let is_picture = self.random.percent(30);
        let length = self.random.between(1, FILE_MAX);
        let (name, content_type, bytes) = if is_picture {
            let side = u32::try_from(self.random.between(1, 400)).expect("it is small");
            ("photo.png", "image/png", files::picture(side, side))
        } else {
            ("file.bin", "application/octet-stream", self.random.bytes(length))
        };
        let id = self.user.send_file(&self.channel, name, content_type, &bytes).await;
        self.files.push((id, bytes));
        if self.files.len() > KEPT {
            let (id, _) = self.files.remove(0);
            self.user.delete(&format!("/api/attachments/{id}")).await.ok();
            self.user.poke(&format!("/api/attachments/{id}/purge")).await.ok();
        }
    }

    async fn read(&mut self) {
        let Some((id, bytes)) = self.files.last() else { return };
        assert!(self.user.download(id, "").await.bytes == *bytes, "other bytes are stored");
        let messages = self.user.messages(&self.channel).await;
        let message = text(&messages[0]["id"]);
        let reaction = json!({ "emoji": "👍", "reacted": self.random.percent(50) });
        self.user.put(&format!("/api/messages/{message}/reactions"), reaction).await.ok();
        assert_eq!(self.user.get(&format!("/api/messages/{message}/zip")).await.status, 200);
    }

    async fn look_at_pages(&self) {
        for path in ["/inbox", "/files", "/contacts"] {
            // Without a release build there are no pages.
            assert!([200, 404].contains(&self.user.get(path).await.status), "{path}");
        }
        self.user.get("/api/nothing").await.refused(404, "not_found");
    }

    async fn search(&mut self) {
        let found = self.user.get("/api/messages/found?search=file").await.status;
        assert!([200, 429].contains(&found), "{found}");
    }

    /// Begins a download, and disconnects.
    async fn leave_a_download(&self) {
        let Some((id, _)) = self.files.last() else { return };
        let path = format!("/api/messages/attachments/{id}");
        let request = User::new(&self.user.base).request(Method::GET, &path);
        let cookie = format!("attache_session={}", self.user.token().expect("they are logged in"));
        drop(request.header("cookie", cookie).send().await.expect("the server answers"));
    }

    /// Sends half of a file, and disconnects.
    async fn leave_an_upload(&mut self) {
        let bytes = self.random.bytes(FILE_MAX);
        let upload = self.user.presign(&self.channel, "half.bin", "application/octet-stream", &bytes).await;
        drop(upload.send_half().await);
    }

    async fn leave_events(&self) {
        drop(self.user.listen().await);
    }
}

/// Memory in bytes and open files, of the server and its workers.
#[derive(Debug, Clone, Copy)]
struct Level {
    memory: u64,
    files: usize,
}

impl Level {
    async fn of(server: &Process) -> Self {
        sleep(SETTLE).await;
        Self { memory: process_tree::memory(server.id()), files: process_tree::open_files(server.id()) }
    }
}

async fn memory_and_open_files_stay_level(installation: Installation) {
    let interval = Duration::from_secs(setting("SOAK_SECONDS", 3600)) / (2 * INTERVALS);
    let mut random = seed("soak");
    let server = installation.start_with(&[("API_REQUESTS_PER_MINUTE", "1000000".to_owned())].into());
    let mut owner = owner_of(&server).await;
    "owner@example.com".clone_into(&mut owner.email);
    let done = Arc::new(AtomicUsize::new(0));
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let channel = owner.channel(&format!("soak-{number}")).await;
        let (user, random, done) = (owner.clone(), random.split(), done.clone());
        people.push(Person { user, channel, random, files: Vec::new(), done });
    }
    let watcher = Watcher::start(&server, None);
    let mut levels = Vec::new();
    for _ in 0..INTERVALS {
        let deadline = Instant::now() + interval;
        let using: Vec<_> = people.drain(..).map(|person| tokio::spawn(person.use_until(deadline))).collect();
        for person in join_all(using).await {
            people.push(person.expect("the person goes on"));
        }
        levels.push(Level::of(&server).await);
    }
    let seen = watcher.stop();
    let done = done.load(Ordering::Relaxed);
    println!("soak on {:?}: {done} acts in {:?}; {levels:?}; {seen}", installation.engines, interval * INTERVALS);
    for person in &people {
        for (id, bytes) in &person.files {
            assert!(person.user.download(id, "").await.bytes == *bytes, "other bytes are stored");
        }
    }
    assert_eq!(server.logged("panicked"), 0);
    server.kill();
    assert_database_is_whole(&installation).await;
    assert!(done > 0, "nobody did anything");
    for level in &levels[1..] {
        assert!(level.memory <= levels[0].memory + MEMORY_GROWTH_MAX, "memory grows: {levels:?}");
        assert!(level.files <= levels[0].files + FILES_GROWTH_MAX, "open files grow: {levels:?}");
    }
}
