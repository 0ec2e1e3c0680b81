//! A pool of long-lived workers: each reads one file after the other. One that dies is replaced and fails that one
//! file.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::counter;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use super::SandboxError;
use super::exchange::{Answer, receive_answer, send_request};
use super::limits::Limits;
use crate::platform::allocator;
use crate::platform::fair_limit::{FairLimit, Slot};

/// The argument that makes this binary a worker.
pub const WORKER_COMMAND: &str = "media-worker";
/// How long work waits for a worker.
const WAIT_TIMEOUT: Duration = Duration::from_mins(2);
/// Factor by which a piece of work may exceed its processor time in wall-clock time, on a busy machine.
const SLOWNESS: u32 = 8;
/// Signal that the kernel sends when the processor time is used up.
const SIGXCPU: i32 = 24;
const MEGABYTE: u64 = 1_000_000;
/// Work that needs no more memory than this, in bytes, only waits for a slot: the number of slots limits its total.
const SMALL: u64 = 32 * MEGABYTE;

pub const DEATHS: &str = "attache_media_worker_deaths_total";

pub struct Pool {
    program: PathBuf,
    slots: FairLimit,
    /// Memory for all concurrent work of this server, in megabytes.
    memory: Arc<Semaphore>,
    memory_max: u64,
    idle: Mutex<Vec<Worker>>,
    /// Number of workers that died since the server started.
    deaths: AtomicU64,
}

/// One piece of work for a worker.
pub struct Work<'a> {
    /// The owner of the work: one group's work does not delay another's.
    pub group: Uuid,
    /// The name in the log.
    pub name: &'static str,
    pub request: &'a str,
    pub files: Vec<OwnedFd>,
    /// Bytes of memory.
    pub memory: u64,
    /// Processor time.
    pub processor: Duration,
}

struct Worker {
    child: Child,
    socket: UnixStream,
}

impl Pool {
    /// Creates a pool without starting workers. At most `size` of them run, all but one for the same group; `memory`
    /// bytes are shared by all.
    pub fn new(program: PathBuf, size: usize, memory: u64) -> Self {
        let permits = usize::try_from(memory / MEGABYTE).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            program,
            slots: FairLimit::new(size, size - 1),
            memory: Arc::new(Semaphore::new(permits)),
            memory_max: memory,
            idle: Mutex::default(),
            deaths: AtomicU64::new(0),
        }
    }

    /// Returns the binary that workers run.
    pub fn program(&self) -> &std::path::Path {
        &self.program
    }

    /// Returns the process ids of idle workers.
    pub fn idle_processes(&self) -> Vec<u32> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.iter().filter_map(|worker| worker.child.id()).collect()
    }

    /// Waits for a slot and for memory, which are reserved until the result is dropped.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] after two minutes.
    pub async fn reserve(&self, group: Uuid, memory: u64) -> Result<Reservation, SandboxError> {
        let megabytes = if memory <= SMALL { 0 } else { memory.div_ceil(MEGABYTE).min(self.memory_max / MEGABYTE) };
        let reserve = async {
            let slot = self.slots.take(group).await;
            let permits = u32::try_from(megabytes).unwrap_or(u32::MAX);
            let memory = self.memory.clone().acquire_many_owned(permits).await.expect("the semaphore is never closed");
            Reservation { _slot: slot, _memory: memory }
        };
        timeout(WAIT_TIMEOUT, reserve).await.map_err(|_| SandboxError::Busy)
    }

    /// Runs the work in a worker. If the future is dropped early, the worker is killed.
    pub async fn run(&self, work: Work<'_>) -> Result<Answer, SandboxError> {
        let _reserved = self.reserve(work.group, work.memory).await?;
        let deadline = Instant::now() + work.processor * SLOWNESS + Duration::from_secs(1);
        // A worker that ended while idle is not an error.
        let mut worker = self.take_or_start()?;
        let limits = Limits { memory: work.memory, processor: work.processor };
        let files: Vec<_> = work.files.iter().map(AsFd::as_fd).collect();
        if send_request(&mut worker.socket, work.request, &files, limits).await.is_err() {
            worker = self.start()?;
            if send_request(&mut worker.socket, work.request, &files, limits).await.is_err() {
                return Err(self.died(&work, worker).await);
            }
        }
        match timeout_at(deadline, receive_answer(&mut worker.socket)).await {
            Ok(Ok(Some(answer))) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
                Ok(answer)
            }
            Ok(Ok(None)) => Err(self.died(&work, worker).await),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => {
                self.count(&work, "it ran out of time");
                Err(SandboxError::TimedOut)
            }
        }
    }

    async fn died(&self, work: &Work<'_>, mut worker: Worker) -> SandboxError {
        let ended = timeout(Duration::from_secs(5), worker.child.wait()).await;
        let signal = ended.ok().and_then(Result::ok).and_then(|status| status.signal());
        self.count(work, &signal.map_or("it ended".to_owned(), |signal| format!("signal {signal}")));
        if signal == Some(SIGXCPU) { SandboxError::TimedOut } else { SandboxError::Died }
    }

    fn count(&self, work: &Work<'_>, reason: &str) {
        let deaths = self.deaths.fetch_add(1, Ordering::Relaxed) + 1;
        counter!(DEATHS, "work" => work.name).increment(1);
        tracing::warn!(work = work.name, organization = %work.group, reason, deaths, "a media worker died");
    }

    fn take_or_start(&self) -> Result<Worker, SandboxError> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut worker) = idle else { return self.start() };
            if matches!(worker.child.try_wait(), Ok(None)) {
                return Ok(worker);
            }
        }
    }

    fn start(&self) -> Result<Worker, SandboxError> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = Command::new(&self.program);
        command.arg(WORKER_COMMAND).env_clear().env(allocator::SETTINGS, allocator::WORKER_SETTINGS);
        command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        Ok(Worker { child: command.spawn()?, socket: UnixStream::from_std(ours)? })
    }
}

/// A slot and memory. Freed when dropped.
pub struct Reservation {
    _slot: Slot,
    _memory: tokio::sync::OwnedSemaphorePermit,
}
