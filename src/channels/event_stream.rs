//! `GET /api/events`: server-sent events for open browsers. Each event is checked against what its listener can view
//! now.

use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::sse::{Event as Sse, KeepAlive, Sse as SseResponse};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::model::Conversation;
use super::service;
use crate::ids::ChannelId;
use crate::live_event::{Audience, LiveEvent, Notice};
use crate::people::accounts::service::Session;
use crate::people::organizations::service::{Member, load, of_session};
use crate::platform::Platform;
use crate::platform::db::Db;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::events::{Signal, Start};
use crate::platform::live::HEARTBEAT;
use crate::platform::tally::Share;
use crate::platform::timestamp::Timestamp;

/// How often a stream checks its session. An expired session receives no events after this time; a session that was
/// ended, immediately.
const RECHECK: Duration = Duration::from_mins(1);

/// Interval of the event `heartbeat`, which has no id.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(20);
/// Maximum number of open streams of a member on one server. Tabs share one, unless their page is on plain http.
const STREAMS_MAX: u64 = 50;
/// Seconds to wait before requesting another stream.
const RETRY_AFTER: u32 = 30;

/// Where to resume: after the `Last-Event-ID` header of a browser that reconnects, else after the event `?after=`, which
/// another tab received last, else at `?since=`, when the page was rendered.
pub struct TakeUp(Start);

#[derive(Deserialize)]
struct StartQuery {
    after: Option<Uuid>,
    since: Option<Timestamp>,
}

impl<S: Send + Sync> FromRequestParts<S> for TakeUp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        if let Some(last_heard) = parts.headers.get("last-event-id") {
            let id = last_heard.to_str().ok().and_then(|text| text.parse().ok());
            return Ok(Self(id.map_or(Start::Unknown, Start::After)));
        }
        Ok(Self(match Query::try_from_uri(&parts.uri) {
            Ok(Query(StartQuery { after: Some(id), .. })) => Start::After(id),
            Ok(Query(StartQuery { since: Some(moment), .. })) => Start::Since(moment),
            Ok(Query(StartQuery { .. })) => Start::Now,
            Err(_) => Start::Unknown,
        }))
    }
}

/// Streams until the session ends, the browser disconnects or the server stops.
///
/// # Errors
/// [`ErrorKind::RateLimited`] if the member has [`STREAMS_MAX`] open.
pub async fn stream_events(
    platform: Platform,
    session: Session,
    member: Member,
    take_up: TakeUp,
) -> Result<SseResponse<impl Stream<Item = Result<Sse, Infallible>>>> {
    let mut open = platform.event_streams.share(member.id.0);
    if open.add(1) > STREAMS_MAX {
        let message = "Too many pages are open. Close some, then reload this one.";
        return Err(AppError::retry_later(ErrorKind::RateLimited, message, RETRY_AFTER));
    }
    let (replay, receiver) = platform.events.subscribe(take_up.0);
    let is_relayed = matches!(platform.db, Db::Postgres(_));
    let listener = Listener {
        platform: platform.clone(),
        session,
        member,
        checked_at: Instant::now(),
        hidden: HashSet::new(),
        _open: open,
    };
    let hello = stream::iter([Sse::default().comment("listening").retry(Duration::from_secs(2))]);
    let live = stream::unfold(
        (listener, receiver, replay.into_iter()),
        move |(mut listener, mut receiver, mut replay)| async move {
            loop {
                let signal = tokio::select! {
                    biased;
                    Some(signal) = std::future::ready(replay.next()) => signal,
                    live = receiver.recv() => match live {
                        Ok(signal) => signal,
                        Err(RecvError::Lagged(_)) => Signal::Resync,
                        Err(RecvError::Closed) => return None,
                    },
                    () = sleep_until(listener.checked_at + RECHECK) => {
                        listener.refresh().await?;
                        continue;
                    }
                    () = listener.platform.stopping() => return None,
                };
                // Rows are of now, so permissions must be too. A client that reads slowly is behind: an event that changes its
                // permissions may be among those that wait. One that comes through the database may not even be here yet.
                let is_behind = is_relayed || replay.len() > 0 || !receiver.is_empty();
                if listener.checked_at.elapsed() >= RECHECK {
                    listener.refresh().await?;
                }
                if let Some(event) = listener.hear(&signal, is_behind).await? {
                    return Some((event, (listener, receiver, replay)));
                }
            }
        },
    );
    let events = SseResponse::new(hello.chain(live).map(Ok));
    // An event and not a comment: scripts can't see comments, and a page must know that its stream still works.
    let heartbeat = Sse::default().event(HEARTBEAT).data("{}");
    Ok(events.keep_alive(KeepAlive::new().interval(HEARTBEAT_INTERVAL).event(heartbeat)))
}

struct Listener {
    platform: Platform,
    session: Session,
    member: Member,
    /// When session and permissions were loaded.
    checked_at: Instant,
    /// Channels that the member can't view, cached until their permissions change.
    hidden: HashSet<ChannelId>,
    /// Counts the stream while it is open.
    _open: Share,
}

impl Listener {
    /// Returns what to send for a signal. The outer `None` ends the stream, because the session has ended.
    /// `is_behind`: the member's permissions may have changed without an event so far.
    async fn hear(&mut self, signal: &Signal, is_behind: bool) -> Option<Option<Sse>> {
        let read = match signal {
            Signal::Resync => None,
            Signal::Event(event) => Notice::deserialize(&event.message).ok().map(|notice| (event.id, notice)),
        };
        let Some((id, Notice { organization, audience, event })) = read else {
            // The missed events may include the end of the session or a lost permission.
            self.refresh().await?;
            return Some(Some(resync()));
        };
        if let LiveEvent::SessionEnded { user_id } = event
            && user_id == self.session.user_id
        {
            self.refresh().await?;
        }
        if organization != Some(self.member.organization_id()) {
            return Some(None);
        }
        if matches!(event, LiveEvent::AccessChanged {}) {
            self.refresh().await?;
        }
        let is_addressed = match audience {
            Audience::Organization | Audience::Channel(_) => true,
            Audience::Servers => false,
            Audience::Member(id) => id == self.member.id,
        };
        if !is_addressed {
            return Some(None);
        }
        let Some(channel) = event.channel() else { return Some(Some(render(&event, None).id(id.to_string()))) };
        if self.hidden.contains(&channel) {
            return Some(None);
        }
        if is_behind {
            match of_session(&self.platform, self.session.id).await {
                Ok(member) if member.id == self.member.id => self.member = member,
                Err(error) if error.status().is_server_error() => return Some(Some(resync())),
                Ok(_) | Err(_) => return None,
            }
        }
        match service::conversation(&self.platform, &self.member, channel).await {
            Ok(Some(row)) => Some(Some(render(&event, Some(&row)).id(id.to_string()))),
            Ok(None) => {
                self.hidden.insert(channel);
                Some(None)
            }
            // It may concern the member or not: a resync does not say.
            Err(_) => Some(Some(resync())),
        }
    }

    /// Reloads session and role; `None` if the session has ended.
    async fn refresh(&mut self) -> Option<()> {
        self.checked_at = Instant::now();
        self.hidden.clear();
        if !crate::people::accounts::service::is_live(&self.platform, &self.session).await {
            return None;
        }
        self.member = load(&self.platform, &self.session).await.ok()?;
        Some(())
    }
}

/// Creates the event that makes a page reload its data.
fn resync() -> Sse {
    render(&LiveEvent::Resync {}, None)
}

fn render(event: &LiveEvent, row: Option<&Conversation>) -> Sse {
    let (name, data) = event.wire(row);
    Sse::default().event(name).data(data)
}
