//! Events for open browsers: in-process on SQLite, LISTEN/NOTIFY on PostgreSQL so that several servers receive each
//! other's.
//!
//! An event contains ids only: its receiver loads what they can view.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgPool};
use tokio::sync::broadcast;
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use super::clock::Clock;
use super::db::Db;
use super::live::MAX_CLOCK_SKEW;
use super::timestamp::Timestamp;

/// The PostgreSQL channel of all servers of an installation.
const NOTIFY_CHANNEL: &str = "attache_events";
/// Number of past events that a server keeps for browsers that reconnect.
const MAX_REMEMBERED: usize = 2048;

/// Interval of a server's heartbeat to itself over PostgreSQL, which shows that events arrive.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A listener without any event for this time, not even heartbeats, is replaced: a firewall may have dropped its
/// connection.
const LISTENER_TIMEOUT: Duration = Duration::from_secs(15);
/// Timeout for connecting a new listener.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause before a retry.
const RETRY: Duration = Duration::from_secs(1);

/// More than this many events are sent to a new page as one resync.
const MAX_REPLAYED: usize = 20;

/// What servers tell each other. This module carries it and does not read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// A UUIDv7.
    pub id: Uuid,
    /// Ids only: PostgreSQL takes 8000 bytes.
    pub message: serde_json::Value,
}

/// A signal to a listener.
#[derive(Debug, Clone)]
pub enum Signal {
    Event(Arc<Event>),
    /// Events may have been missed: reload.
    Resync,
}

/// Where a listener resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Now,
    /// After the event with this id, for a browser that was connected before.
    After(Uuid),
    /// When the page that now begins to listen was rendered.
    Since(Timestamp),
    /// The listener's position can't be parsed.
    Unknown,
}

#[derive(Clone)]
pub struct Events {
    sender: broadcast::Sender<Signal>,
    recent: Arc<Mutex<Recent>>,
    postgres: Option<PgPool>,
    /// Whether events of other servers arrive.
    hears: Arc<AtomicBool>,
}

/// The past events of a server.
struct Recent {
    events: VecDeque<Arc<Event>>,
    /// Events before this time are not remembered.
    since: Timestamp,
}

impl Recent {
    fn from(now: Timestamp) -> Self {
        Self { events: VecDeque::new(), since: now }
    }

    fn push(&mut self, event: Arc<Event>) {
        if self.events.len() == MAX_REMEMBERED
            && let Some(oldest) = self.events.pop_front()
        {
            self.since = Timestamp(Timestamp::of_id(oldest.id).0 + 1);
        }
        self.events.push_back(event);
    }
}

impl Events {
    /// Begins to listen. On PostgreSQL at `listen_url`, if there is one, else where the database is.
    pub async fn open(db: &Db, clock: Arc<Clock>, listen_url: Option<&str>) -> anyhow::Result<Self> {
        let (sender, _) = broadcast::channel(1024);
        let postgres = match db {
            Db::Sqlite(_) => None,
            Db::Postgres(pools) => Some(pools.requests.clone()),
        };
        let recent = Arc::new(Mutex::new(Recent::from(clock.now())));
        let events = Self { sender, recent, postgres, hears: Arc::new(AtomicBool::new(true)) };
        if let Some(pool) = &events.postgres {
            let server = match listen_url {
                Some(url) => url.parse::<PgConnectOptions>()?.disable_statement_logging(),
                None => (*pool.connect_options()).clone(),
            };
            let listener = listen(&server).await.map_err(|error| {
                anyhow::anyhow!(
                    "PostgreSQL rejects LISTEN ({error}). Set DATABASE_LISTEN_URL to the database itself, without a \
                     pooler."
                )
            })?;
            tokio::spawn(events.clone().relay(pool.clone(), server, clock, listener));
        }
        Ok(events)
    }

    /// Returns whether this server receives the events of others. On SQLite there are no others.
    pub fn hears(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }

    /// Publishes an event to every server. Call it after the commit; a failure delays browsers but loses no data, so it
    /// is only logged.
    pub async fn publish(&self, event: Event) {
        let Some(pool) = &self.postgres else {
            return self.deliver(event);
        };
        let payload = serde_json::to_string(&event).unwrap_or_default();
        let told = sqlx::query("SELECT pg_notify($1, $2)").bind(NOTIFY_CHANNEL).bind(payload).execute(pool).await;
        if let Err(error) = told {
            tracing::error!(%error, "failed to publish an event");
        }
    }

    /// Subscribes, after the remembered events since then; if they are no longer remembered, returns
    /// [`Signal::Resync`].
    pub fn subscribe(&self, from: Start) -> (Vec<Signal>, broadcast::Receiver<Signal>) {
        // Nothing is delivered under the lock, so that no event is lost between the replay and the receiver.
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let replay = |events: usize| recent.events.iter().skip(events).cloned().map(Signal::Event).collect();
        let replay = match from {
            Start::Now => Vec::new(),
            Start::Unknown => vec![Signal::Resync],
            Start::After(id) => match recent.events.iter().position(|event| event.id == id) {
                Some(position) => replay(position + 1),
                None => vec![Signal::Resync],
            },
            Start::Since(moment) if moment < recent.since => vec![Signal::Resync],
            Start::Since(moment) => {
                let moment = moment.minus(MAX_CLOCK_SKEW);
                match recent.events.iter().position(|event| Timestamp::of_id(event.id) >= moment) {
                    Some(position) if recent.events.len() - position > MAX_REPLAYED => vec![Signal::Resync],
                    Some(position) => replay(position),
                    None => Vec::new(),
                }
            }
        };
        (replay, receiver)
    }

    fn deliver(&self, event: Event) {
        let event = Arc::new(event);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push(event.clone());
        // An error means that nobody listens.
        let _ = self.sender.send(Signal::Event(event));
    }

    /// Delivers events of other servers, until the pool is closed. After each gap all listeners must resync.
    async fn relay(self, pool: PgPool, server: PgConnectOptions, clock: Arc<Clock>, first: Listener) {
        let mut listener = Some(first);
        while !pool.is_closed() {
            if let Some(listener) = listener.take() {
                let reason = self.hear(&pool, listener).await;
                if pool.is_closed() {
                    return;
                }
                self.hears.store(false, Ordering::Relaxed);
                tracing::warn!(reason, "disconnected from the events of other servers");
            }
            match tokio::time::timeout(LISTEN_TIMEOUT, listen(&server)).await {
                Ok(Ok(again)) => {
                    listener = Some(again);
                    let now = clock.now();
                    // Events may have been missed. Under the lock, so that no listener starts between the two.
                    let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
                    *recent = Recent::from(now);
                    let _ = self.sender.send(Signal::Resync);
                    drop(recent);
                    self.hears.store(true, Ordering::Relaxed);
                    tracing::info!("reconnected to the events of other servers");
                }
                Ok(Err(error)) => {
                    tracing::debug!(%error, "no connection for events");
                    tokio::time::sleep(RETRY).await;
                }
                Err(_) => {}
            }
        }
    }

    /// Listens until the connection is lost or silent. Returns the reason.
    async fn hear(&self, pool: &PgPool, mut listener: Listener) -> String {
        let mut beat = tokio::time::interval(HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            let beaten = tokio::select! {
                notification = listener.listener.try_recv() => match notification {
                    Ok(Some(notification)) => {
                        heard = Instant::now();
                        self.take(notification.payload());
                        continue;
                    }
                    Ok(None) => return "the connection was closed".to_owned(),
                    Err(error) => return error.to_string(),
                },
                () = pool.close_event() => return "the server is stopping".to_owned(),
                _ = beat.tick() => heard.elapsed() < LISTENER_TIMEOUT,
            };
            if !beaten {
                return format!("nothing was received for {} seconds", LISTENER_TIMEOUT.as_secs());
            }
            // By another connection. A failure shows as a missing heartbeat.
            let pool = pool.clone();
            tokio::spawn(async move {
                let _ = sqlx::query("SELECT pg_notify($1, '')").bind(NOTIFY_CHANNEL).execute(&pool).await;
            });
        }
    }

    fn take(&self, payload: &str) {
        // A heartbeat.
        if payload.is_empty() {
            return;
        }
        match serde_json::from_str(payload) {
            Ok(event) => self.deliver(event),
            Err(error) => tracing::error!(%error, "failed to read an event"),
        }
    }
}

/// Listens on a separate connection, which the pool does not wait for when it closes.
struct Listener {
    listener: PgListener,
    _pool: PgPool,
}

async fn listen(server: &PgConnectOptions) -> sqlx::Result<Listener> {
    let own = PgPoolOptions::new().max_connections(1).connect_lazy_with(server.clone());
    let mut listener = PgListener::connect_with(&own).await?;
    // A new connection is opened here, where it is noticed.
    listener.eager_reconnect(false);
    listener.listen(NOTIFY_CHANNEL).await?;
    Ok(Listener { listener, _pool: own })
}
