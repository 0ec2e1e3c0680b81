//! Events for open browsers: in-process on SQLite, LISTEN/NOTIFY on PostgreSQL so that several servers hear each other.
//!
//! An event names things, it does not carry them: who hears it fetches what they may see.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use uuid::Uuid;

use super::db::Db;
use super::timestamp::Timestamp;

/// The PostgreSQL channel that all servers of an installation listen on.
const NOTIFY_CHANNEL: &str = "attache_events";
/// How many past events a server keeps for browsers that reconnect.
const REMEMBERED: usize = 2048;

/// A page may be made by one server and an event by another whose clock is behind. Hearing an event twice does no harm.
const CLOCKS_DIFFER: Duration = Duration::from_secs(1);
/// More than so many events are told to a fresh page as one: fetch anew.
const TOLD_ONE_BY_ONE: usize = 20;

/// Who may hear an event. Checked again for each listener when it is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Audience {
    /// Every member of the organisation.
    Organization,
    /// Those who may see this channel.
    Channel(Uuid),
    /// One member alone.
    Member(Uuid),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub audience: Audience,
    /// Such as `message.created`.
    pub name: String,
    /// Ids only: PostgreSQL takes 8000 bytes.
    pub data: serde_json::Value,
}

/// What a listener is handed.
#[derive(Debug, Clone)]
pub enum Signal {
    Event(Arc<Event>),
    /// Something may have been missed: fetch anew.
    Resync,
}

/// Where a listener takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Now,
    /// After the event with this id, for a browser that was connected before.
    After(Uuid),
    /// When the page was made that now begins to listen.
    Since(Timestamp),
    /// Where the listener says it was cannot be understood.
    Unknown,
}

/// When the id, a UUIDv7, was made.
fn made_at(id: Uuid) -> Timestamp {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |made| made.to_unix());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000) + i64::from(nanos / 1_000_000))
}

#[derive(Clone)]
pub struct Events {
    sender: broadcast::Sender<Signal>,
    recent: Arc<Mutex<VecDeque<Arc<Event>>>>,
    postgres: Option<PgPool>,
}

impl Events {
    pub async fn open(db: &Db) -> anyhow::Result<Self> {
        let (sender, _) = broadcast::channel(1024);
        let postgres = match db {
            Db::Sqlite(_) => None,
            Db::Postgres(pools) => Some(pools.requests.clone()),
        };
        let events = Self { sender, recent: Arc::default(), postgres };
        if let Some(pool) = &events.postgres {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(NOTIFY_CHANNEL).await?;
            tokio::spawn(events.clone().relay(listener));
        }
        Ok(events)
    }

    /// Tells every server. Called after the commit; a failure costs liveness, not data, so it is logged and no more.
    pub async fn publish(&self, event: Event) {
        let Some(pool) = &self.postgres else {
            return self.deliver(event);
        };
        let payload = serde_json::to_string(&event).unwrap_or_default();
        let told = sqlx::query("SELECT pg_notify($1, $2)").bind(NOTIFY_CHANNEL).bind(payload).execute(pool).await;
        if let Err(error) = told {
            tracing::error!(%error, "an event could not be published");
        }
    }

    /// Listens from now on, after what is remembered since then; what is no longer remembered answers [`Signal::Resync`].
    pub fn subscribe(&self, from: Start) -> (Vec<Signal>, broadcast::Receiver<Signal>) {
        // Under the lock nothing is delivered, so that no event falls between the replay and the receiver.
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let replay = |events: usize| recent.iter().skip(events).cloned().map(Signal::Event).collect();
        let replay = match from {
            Start::Now => Vec::new(),
            Start::Unknown => vec![Signal::Resync],
            Start::After(id) => match recent.iter().position(|event| event.id == id) {
                Some(position) => replay(position + 1),
                None => vec![Signal::Resync],
            },
            Start::Since(moment) => {
                let moment = moment.minus(CLOCKS_DIFFER);
                match recent.iter().position(|event| made_at(event.id) >= moment) {
                    // Older ones may have been forgotten.
                    Some(0) if recent.len() == REMEMBERED => vec![Signal::Resync],
                    Some(position) if recent.len() - position > TOLD_ONE_BY_ONE => vec![Signal::Resync],
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
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(event.clone());
        // An error means that nobody listens.
        let _ = self.sender.send(Signal::Event(event));
    }

    async fn relay(self, mut listener: PgListener) {
        loop {
            match listener.try_recv().await {
                Ok(Some(notification)) => match serde_json::from_str(notification.payload()) {
                    Ok(event) => self.deliver(event),
                    Err(error) => tracing::error!(%error, "an event could not be read"),
                },
                // The connection was lost and is made again: events may have passed meanwhile.
                Ok(None) => {
                    self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
                    let _ = self.sender.send(Signal::Resync);
                }
                // The server stops. The listener must let go of its connection, or the pool would wait for it for ever.
                Err(sqlx::Error::PoolClosed) => return,
                Err(error) => {
                    tracing::error!(%error, "events of other servers cannot be heard");
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    }
}
