//! SQLite's read connections, separate from the writer: writes never delay reads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// Instructions of SQLite's virtual machine between two checks of the deadline. One may compare a text of 20 kB.
const INSTRUCTIONS_PER_CHECK: i32 = 1000;

/// A fixed number of connections, assigned in the order of the requests.
#[derive(Debug, Clone)]
pub struct Readers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    readers: Vec<Reader>,
    /// Indexes into `readers`; the one that was returned first is next.
    idle: Mutex<VecDeque<usize>>,
    free: Arc<Semaphore>,
    wait: Duration,
}

/// A pool of one connection, which opens it when needed and resets it when returned.
#[derive(Debug)]
struct Reader {
    pool: SqlitePool,
    watch: Arc<Watch>,
}

/// The deadline of the statement that runs on a connection. SQLite itself checks it.
#[derive(Debug)]
struct Watch {
    opened: Instant,
    /// Milliseconds after `opened`. Zero interrupts the running statement.
    until: AtomicU64,
}

impl Watch {
    fn elapsed(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn allow(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.until.store(self.elapsed().saturating_add(time), Ordering::Relaxed);
    }

    fn stop(&self) {
        self.until.store(0, Ordering::Relaxed);
    }

    fn may_run(&self) -> bool {
        self.elapsed() < self.until.load(Ordering::Relaxed)
    }
}

/// A connection for one statement. Interrupts the statement if dropped before it has ended.
pub struct Lease {
    connection: Option<PoolConnection<Sqlite>>,
    shared: Arc<Shared>,
    index: usize,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    /// Creates the readers without opening them. `wait` is how long a statement waits for a free connection.
    pub fn new(count: usize, options: &SqliteConnectOptions, wait: Duration) -> Self {
        // SQLite itself rejects a write that is mistaken for a read.
        let options = options.clone().pragma("query_only", "ON");
        let readers = (0..count).map(|_| Reader::new(options.clone(), wait)).collect();
        let idle = Mutex::new((0..count).collect());
        Self(Arc::new(Shared { readers, idle, free: Arc::new(Semaphore::new(count)), wait }))
    }

    /// Waits for a connection. Its statement is interrupted after `limit`.
    pub async fn lease(&self, limit: Duration) -> Result<Lease, sqlx::Error> {
        let shared = self.0.clone();
        let permit = timeout(shared.wait, shared.free.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let index = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let index = index.ok_or(sqlx::Error::PoolTimedOut)?;
        let mut lease = Lease { connection: None, shared, index, _permit: permit };
        let Reader { pool, watch } = &lease.shared.readers[index];
        let connection = pool.acquire().await?;
        watch.allow(limit);
        lease.connection = Some(connection);
        Ok(lease)
    }

    /// Returns how many connections are open, and how many of these nothing uses.
    pub fn state(&self) -> (u32, usize) {
        let open = self.0.readers.iter().map(|reader| reader.pool.size()).sum::<u32>();
        let free = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
        let in_use = self.0.readers.len() - free;
        (open, usize::try_from(open).unwrap_or(0).saturating_sub(in_use))
    }

    pub async fn close(&self) {
        self.0.free.close();
        for reader in &self.0.readers {
            reader.pool.close().await;
        }
    }
}

impl Reader {
    fn new(options: SqliteConnectOptions, wait: Duration) -> Self {
        let watch = Arc::new(Watch { opened: Instant::now(), until: AtomicU64::new(0) });
        let watched = watch.clone();
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(wait)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let watch = watched.clone();
                Box::pin(async move {
                    let mut handle = connection.lock_handle().await?;
                    handle.set_progress_handler(INSTRUCTIONS_PER_CHECK, move || watch.may_run());
                    Ok(())
                })
            })
            .connect_lazy_with(options);
        Self { pool, watch }
    }
}

impl Lease {
    pub fn connection(&mut self) -> &mut sqlx::SqliteConnection {
        self.connection.as_mut().expect("a lease that was handed out has a connection")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.readers[self.index].watch.stop();
        // The connection returns to its pool, which waits until the statement has ended.
        drop(self.connection.take());
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.index);
    }
}
