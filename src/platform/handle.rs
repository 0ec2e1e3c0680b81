//! The handle that every service receives.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use metrics_exporter_prometheus::PrometheusHandle;

use super::body_memory::BodyMemory;
use super::clock::Clock;
use super::config::{Config, DatabaseUrl};
use super::db::Db;
use super::error::AppError;
use super::events::Events;
use super::moves;
use super::private_folder::make_private;
use super::readiness::Readiness;
use super::remote_fetch::RemoteFetch;
use super::sandbox::Pool;
use super::search_slots::SearchSlots;
use super::secret::Secret;
use super::storage::Storage;
use super::tally::Tally;
use super::telemetry::recorder;
use super::wait_queue::WaitQueue;

/// Maximum memory of all work on large media together, in bytes: one picture of the maximum decoded size, or several
/// smaller ones.
pub const MEDIA_MEMORY: u64 = 256_000_000;

/// A temporary file that was not modified for this long is unused: every writer has a shorter timeout.
const TEMPORARY_FILE_AGE: Duration = Duration::from_mins(10);

/// Returns the number of workers. One organization can use all processors, but never all workers. Each worker may use
/// 32 MB in addition to [`MEDIA_MEMORY`], so there are few.
fn media_workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, 3) + 1
}

/// All open resources of a server. Cheap to clone.
#[derive(Clone)]
pub struct Platform(Arc<Resources>);

pub struct Resources {
    pub config: Config,
    pub db: Db,
    pub storage: Storage,
    pub events: Events,
    pub clock: Arc<Clock>,
    /// Fetches URLs that users provide.
    pub remote_fetch: RemoteFetch,
    /// Worker processes that read untrusted files.
    pub media: Pool,
    /// Memory for request bodies.
    pub bodies: BodyMemory,
    /// Bytes of files that are arriving, by organization.
    pub incoming_bytes: Tally,
    /// Open event streams, by member.
    pub event_streams: Tally,
    /// Signs data that this installation verifies later; the same on all its servers.
    pub secret: Secret,
    /// Wakes a waiting job worker.
    pub job_added: tokio::sync::Notify,
    /// Wakes a waiting worker for deliveries.
    pub delivery_added: tokio::sync::Notify,
    /// Queues of requests for the same upload.
    pub wait_queue: WaitQueue,
    /// The last result of `GET /readyz`.
    pub readiness: Readiness,
    /// Limits of searches.
    pub searches: SearchSlots,
    /// Requests whose response is not complete yet.
    pub requests_running: Arc<AtomicUsize>,
    /// Jobs that this server does now.
    pub jobs_running: AtomicUsize,
    /// `None` where nobody may read them.
    pub metrics: Option<PrometheusHandle>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Platform {
    /// Opens the database and the storage that `config` names.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let clock = Arc::new(Clock::default());
        let db = Db::open_with(&config.database, config.database_connections.max).await?;
        if let DatabaseUrl::Sqlite(path) = &config.database
            && path.parent() == Some(config.data_dir.as_path())
        {
            make_private(&config.data_dir, path);
        }
        moves::admit(&db, &config).await?;
        let secret = Secret::load_or_create(&db, &clock).await?;
        let storage = Storage::open(&config.storage, secret.clone()).await?;
        // Leftovers of a crash use space that nothing counts.
        if let Err(error) = storage.sweep_temporary(clock.now().minus(TEMPORARY_FILE_AGE)).await {
            tracing::warn!(%error, "failed to delete temporary files of an earlier run");
        }
        let events = Events::open(&db, clock.clone(), config.database_connections.listen_url.as_deref()).await?;
        let remote_fetch = RemoteFetch::new(config.remote_fetch.clone())?;
        let media = Pool::new(config.worker_program.clone(), media_workers(), MEDIA_MEMORY);
        let metrics = if config.metrics.is_on() { recorder::install() } else { None };
        Ok(Self(Arc::new(Resources {
            config,
            db,
            storage,
            events,
            clock,
            remote_fetch,
            media,
            bodies: BodyMemory::default(),
            incoming_bytes: Tally::default(),
            event_streams: Tally::default(),
            secret,
            job_added: tokio::sync::Notify::new(),
            delivery_added: tokio::sync::Notify::new(),
            wait_queue: WaitQueue::default(),
            readiness: Readiness::default(),
            searches: SearchSlots::default(),
            requests_running: Arc::default(),
            jobs_running: AtomicUsize::new(0),
            metrics,
            stop: tokio::sync::watch::Sender::new(false),
        })))
    }

    /// Asks all endless work to end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until the server stops.
    pub async fn stopping(&self) {
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }
}

impl Deref for Platform {
    type Target = Resources;

    fn deref(&self) -> &Resources {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Platform {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| AppError::unexpected("no platform in this request", "the router lacks its extension"))
    }
}
