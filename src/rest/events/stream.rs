//! `GET /events`: server-sent events from the log. Each is checked against what the caller can view now.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event as Sse, KeepAlive, Sse as SseResponse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep};

use super::payload::{Subject, envelope, render};
use crate::event_log::{self, EventKind, LoggedEvent};
use crate::ids::OrganizationId;
use crate::live_event::Notice;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::events::{Signal, Start};
use crate::platform::http::BaseUrl;
use crate::platform::tally::Share;
use crate::programs::access_tokens::model::Scope;
use crate::rest::caller::Caller;

/// How often the stream authenticates its caller again.
const RECHECK: Duration = Duration::from_mins(1);
/// How often the log is read if nothing announces an event.
const POLL: Duration = Duration::from_secs(10);
/// Interval of comments, by which clients notice a lost connection.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(20);
/// Maximum number of open streams of a member on one server, with those of browsers.
const STREAMS_MAX: u64 = 50;
/// Seconds to wait before requesting another stream.
const RETRY_AFTER: u32 = 30;
/// Number of events that are read at a time.
const BATCH: i64 = 100;
/// The event for a client that has missed some.
const RESYNC: &str = "resync";

/// Streams events as they happen.
///
/// Each event has an `id`. A client that reconnects sends the last one as `Last-Event-ID` and receives the events since then, up
/// to a day. If some of them are no longer known, the stream begins with the event `resync`: list what you need. The data is that of webhooks.
/// Events about contacts require `contacts:read`.
#[utoipa::path(
    get,
    path = "/events",
    tag = "Events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The ID of the last event that you received.")),
    responses((status = 200, description = "Server-sent events: `id`, `event` and `data`.", content_type = "text/event-stream", body = String))
)]
pub async fn stream_events(
    platform: Platform,
    caller: Caller,
    BaseUrl(base_url): BaseUrl,
    headers: HeaderMap,
) -> Result<Response> {
    let mut open = platform.event_streams.share(caller.member.id.0);
    if open.add(1) > STREAMS_MAX {
        let message = "Too many event streams are open. Close some, then try again.";
        return Err(AppError::retry_later(ErrorKind::RateLimited, message, RETRY_AFTER));
    }
    // Before the log is read, so that no event falls between the two.
    let (_, signals) = platform.events.subscribe(Start::Now);
    let (position, is_missed) = start(&platform, &caller, &headers).await?;
    let reader = Reader {
        checked_at: Instant::now(),
        organization: caller.member.organization_id(),
        platform,
        caller,
        headers,
        base_url,
        signals,
        position,
        pending: VecDeque::new(),
        _open: open,
    };
    let hello = Sse::default().comment("listening").retry(Duration::from_secs(2));
    let missed = is_missed.then(|| Sse::default().event(RESYNC).id(position.to_string()).data("{}"));
    let live = stream::unfold(reader, |mut reader| async move { Some((reader.next().await?, reader)) });
    let events = stream::iter(std::iter::once(hello).chain(missed)).chain(live).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(HEARTBEAT_INTERVAL).text("heartbeat");
    Ok(SseResponse::new(events).keep_alive(keep_alive).into_response())
}

/// Returns the number of the event to continue after, and whether events before the next one were missed.
async fn start(platform: &Platform, caller: &Caller, headers: &HeaderMap) -> Result<(i64, bool)> {
    let organization = caller.member.organization_id();
    let last = event_log::last_number(platform.db.on(), organization).await?;
    let Some(heard) = headers.get("last-event-id") else { return Ok((last, false)) };
    let heard = heard.to_str().ok().and_then(|text| text.trim().parse::<i64>().ok());
    // A number that was never given is of another database.
    let Some(heard) = heard.filter(|heard| (0..=last).contains(heard)) else { return Ok((last, true)) };
    let first = event_log::first_number(platform.db.on(), organization).await?;
    // Numbers have no gaps.
    let is_missed = heard < last && first.is_none_or(|first| first > heard + 1);
    Ok((heard, is_missed))
}

struct Reader {
    platform: Platform,
    caller: Caller,
    /// The credentials.
    headers: HeaderMap,
    organization: OrganizationId,
    base_url: String,
    signals: Receiver<Signal>,
    /// The number of the last event that was read.
    position: i64,
    pending: VecDeque<LoggedEvent>,
    checked_at: Instant,
    /// Counts the stream while it is open.
    _open: Share,
}

impl Reader {
    /// Waits for an event that the caller can view. `None` ends the stream.
    async fn next(&mut self) -> Option<Sse> {
        loop {
            while let Some(event) = self.pending.pop_front() {
                if self.checked_at.elapsed() >= RECHECK {
                    self.authenticate().await?;
                }
                match self.show(&event).await {
                    Ok(Some(sse)) => return Some(sse),
                    Ok(None) => {}
                    // The client reconnects and continues after the last event that it has received.
                    Err(error) => {
                        tracing::warn!(%error, "an event stream ends");
                        return None;
                    }
                }
            }
            let read = event_log::after(self.platform.db.on(), self.organization, self.position, BATCH).await;
            let events = read.inspect_err(|error| tracing::warn!(%error, "an event stream ends")).ok()?;
            match events.last() {
                Some(last) => {
                    self.position = last.number;
                    self.pending.extend(events);
                    // Revoked tokens are noticed during a long replay too.
                    self.authenticate().await?;
                }
                None => self.wait().await?,
            }
        }
    }

    /// Waits until there may be another event. `None` if the server stops or the caller may no longer listen.
    async fn wait(&mut self) -> Option<()> {
        let platform = self.platform.clone();
        let deadline = Instant::now() + POLL;
        loop {
            tokio::select! {
                signal = self.signals.recv() => match signal {
                    Ok(signal) if !self.is_about_us(&signal) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return None,
                },
                () = sleep(deadline.saturating_duration_since(Instant::now())) => break,
                () = platform.stopping() => return None,
            }
        }
        self.authenticate().await
    }

    fn is_about_us(&self, signal: &Signal) -> bool {
        match signal {
            Signal::Resync => true,
            Signal::Event(event) => {
                Notice::deserialize(&event.message).is_ok_and(|notice| notice.organization == Some(self.organization))
            }
        }
    }

    /// Loads the caller again; `None` if the token was revoked or has expired.
    async fn authenticate(&mut self) -> Option<()> {
        self.caller = Caller::again(&self.platform, &self.headers).await.ok()?;
        self.caller.require(Scope::MessagesRead).ok()?;
        self.checked_at = Instant::now();
        Some(())
    }

    async fn show(&self, event: &LoggedEvent) -> Result<Option<Sse>> {
        let Some(subject) = Subject::of(event).filter(|subject| self.may_hear(subject.kind)) else { return Ok(None) };
        let data = render(&self.platform, &self.caller.member, subject, &self.base_url).await?;
        Ok(data.map(|data| {
            let body = envelope(subject.kind.name(), event.created_at, data);
            Sse::default().event(subject.kind.name()).id(event.number.to_string()).data(body.to_string())
        }))
    }

    /// Returns whether the token's scopes include the data of an event.
    fn may_hear(&self, kind: EventKind) -> bool {
        match kind {
            EventKind::ContactCreated | EventKind::ContactUpdated => self.caller.require(Scope::ContactsRead).is_ok(),
            _ => true,
        }
    }
}
