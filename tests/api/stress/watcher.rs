//! Watches a server under stress, from a separate thread: its response times for others, and its memory.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, sleep, timeout};

use super::process_tree;
use crate::support::{Process, User};

const REQUEST_INTERVAL: Duration = Duration::from_millis(100);
const MEMORY_INTERVAL: Duration = Duration::from_millis(200);
/// Maximum response time for others.
pub const LATENCY_MAX: Duration = Duration::from_secs(1);
/// Maximum memory over the idle server's, in bytes.
pub const GROWTH_MAX: u64 = 400_000_000;
/// Timeout of a request.
const GIVE_UP: Duration = Duration::from_secs(20);

pub struct Watcher {
    ends: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// The observations so far.
#[derive(Debug, Default)]
pub struct Seen {
    health: Requests,
    others: Requests,
    idle: u64,
    peak: u64,
}

#[derive(Debug, Default)]
struct Requests {
    count: usize,
    slowest: Duration,
    failures: Vec<String>,
}

impl Watcher {
    /// Watches `/healthz` and the pages of `others`, who are in another organization. The current memory is the idle
    /// one.
    pub fn start(server: &Process, others: Option<&User>) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let (ending, process, anonymous) = (ends.clone(), server.id(), User::new(&server.base));
        let others = others.cloned();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async move {
                let idle = process_tree::memory(process);
                let (mut health, mut of_others) = (Requests::default(), Requests::default());
                let other_pages = async {
                    if let Some(others) = &others {
                        of_others.watch(others, &["/inbox", "/api/channels"], &ending).await;
                    }
                };
                let (peak, (), ()) = tokio::join!(
                    watch_memory(process, &ending),
                    health.watch(&anonymous, &["/healthz"], &ending),
                    other_pages
                );
                Seen { health, others: of_others, idle, peak }
            })
        });
        Self { ends, thread }
    }

    /// Stops and returns the observations. Fails if a request failed or was slow.
    pub fn stop(self) -> Seen {
        self.ends.store(true, Ordering::Relaxed);
        let seen = self.thread.join().expect("the watcher ends");
        let failures: Vec<_> = seen.health.failures.iter().chain(&seen.others.failures).collect();
        assert!(failures.is_empty(), "{seen}: {failures:?}");
        seen
    }
}

impl Requests {
    async fn watch(&mut self, user: &User, paths: &[&str], ends: &AtomicBool) {
        while !ends.load(Ordering::Relaxed) {
            let path = paths[self.count % paths.len()];
            let asked = Instant::now();
            let answer = async {
                let response = user.request(Method::GET, path).send().await?;
                let status = response.status();
                response.bytes().await.map(|_| status)
            };
            let outcome = timeout(GIVE_UP, answer).await;
            let took = asked.elapsed();
            if !matches!(&outcome, Ok(Ok(status)) if *status == 200) || took > LATENCY_MAX {
                self.failures.push(format!("{path} after {took:?}: {outcome:?}"));
            }
            self.count += 1;
            self.slowest = self.slowest.max(took);
            sleep(REQUEST_INTERVAL.saturating_sub(took)).await;
        }
    }
}

async fn watch_memory(process: u32, ends: &AtomicBool) -> u64 {
    let mut peak = 0;
    while !ends.load(Ordering::Relaxed) {
        peak = peak.max(process_tree::memory(process));
        sleep(MEMORY_INTERVAL).await;
    }
    peak
}

impl Seen {
    /// Fails if the server used too much memory.
    pub fn assert_memory(&self) {
        assert!(self.idle > 0 && self.peak >= self.idle, "{self}");
        assert!(self.peak - self.idle <= GROWTH_MAX, "{self}");
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes / 1_000_000;
        write!(f, "/healthz {} times, at most {:?}; ", self.health.count, self.health.slowest)?;
        write!(f, "other organization {} times, at most {:?}; ", self.others.count, self.others.slowest)?;
        write!(f, "memory {} MB idle, {} MB at most", megabytes(self.idle), megabytes(self.peak))
    }
}
