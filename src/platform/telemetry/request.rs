//! What is seen of each request: its id, one log line, its numbers.
//!
//! Nothing here reads a body, a query or a path. Paths can contain tokens, so the route's pattern is logged.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio::time::Instant;
use tower_http::trace::TraceLayer;
use tracing::{Span, field};
use uuid::Uuid;

use super::RequestId;
use super::http_metrics::{Bytes as ByteCounter, count_answer};
use crate::platform::Platform;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the pattern of a page's path, for paths that are no route of the API.
pub type NamePage = fn(&str) -> &'static str;

/// The pattern of the route that a request goes to, such as `/s/{token}`.
#[derive(Debug, Clone)]
pub enum RoutePattern {
    Api(MatchedPath),
    Page(&'static str),
}

impl RoutePattern {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Api(path) => path.as_str(),
            Self::Page(pattern) => pattern,
        }
    }

    /// Whether so many come, and say so little, that they are logged for debugging only.
    fn is_quiet(&self) -> bool {
        matches!(self.as_str(), "/healthz" | "/readyz" | "/metrics" | "/assets/{file}")
    }
}

/// The span of a request, to which is added who asks once that is known.
#[derive(Clone)]
struct Caller {
    span: Span,
    is_known: Arc<AtomicBool>,
}

/// Notes who sends a request: in its log line and in all others that it causes.
pub fn note_caller(extensions: &axum::http::Extensions, member: Uuid, organization: Uuid) {
    if let Some(caller) = extensions.get::<Caller>()
        && !caller.is_known.swap(true, Ordering::Relaxed)
    {
        caller.span.record("member", field::display(member)).record("organization", field::display(organization));
    }
}

/// Wraps all routes and everything that answers in their place.
pub fn observe(router: Router, platform: &Platform, name_page: NamePage) -> Router {
    let trace = TraceLayer::new_for_http().make_span_with(span_of).on_response(log_answer);
    let trace = trace.on_request(()).on_body_chunk(()).on_eos(()).on_failure(());
    router
        .layer(from_fn_with_state(platform.clone(), follow))
        .layer(trace)
        .layer(from_fn_with_state((platform.clone(), name_page), identify))
}

/// Gives a request its id, before anything can refuse it.
async fn identify(
    State((platform, name_page)): State<(Platform, NamePage)>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => RoutePattern::Api(path.clone()),
        None => RoutePattern::Page(name_page(request.uri().path())),
    };
    let id = RequestId(platform.clock.new_id());
    request.headers_mut().remove(REQUEST_ID);
    request.extensions_mut().insert(route);
    request.extensions_mut().insert(id);
    id.scope(next.run(request)).await
}

/// At the highest level, so that each warning is logged with its request at any log level.
fn span_of(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>().map(field::display);
    let route = request.extensions().get::<RoutePattern>().map_or("", RoutePattern::as_str);
    let method = method_name(request);
    tracing::error_span!("request", request_id = id, method, route, member = field::Empty, organization = field::Empty)
}

/// A client may make methods up.
fn method_name(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The one line of a request, once its answer begins. That of a stream or a download may still go on.
fn log_answer(response: &Response, took: Duration, _: &Span) {
    let status = response.status().as_u16();
    let duration_ms = millis(took);
    if response.extensions().get::<RoutePattern>().is_some_and(RoutePattern::is_quiet) {
        tracing::debug!(status, duration_ms, "answered");
    } else {
        tracing::info!(status, duration_ms, "answered");
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Follows a request to the last byte of its answer.
async fn follow(State(platform): State<Platform>, mut request: Request, next: Next) -> Response {
    let (id, route) = (RequestId::of_request(&request), request.extensions().get::<RoutePattern>().cloned());
    let Some((id, route)) = id.zip(route) else { return next.run(request).await };
    request.extensions_mut().insert(Caller { span: Span::current(), is_known: Arc::default() });
    let running = Running::begin(&platform.requests_running);
    let method = method_name(&request);
    let bytes = platform.metrics.is_some().then(|| ByteCounter::of(&route));
    let (received, sent) = bytes.map(|bytes| (bytes.received, bytes.sent)).unzip();
    if received.is_some() {
        request = request.map(|inner| Body::new(Followed { inner, counter: received, _running: None }));
    }
    let mut waiting = Waiting { span: Span::current(), since: Instant::now(), is_answered: false };
    let mut response = next.run(request).await;
    waiting.is_answered = true;
    if platform.metrics.is_some() {
        count_answer(method, &route, response.status(), waiting.since.elapsed());
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response.extensions_mut().insert(route);
    response.map(|inner| Body::new(Followed { inner, counter: sent, _running: Some(running) }))
}

impl RequestId {
    fn of_request(request: &Request) -> Option<Self> {
        request.extensions().get().copied()
    }
}

/// Logs a request whose client left before the answer. What it changes is done all the same.
struct Waiting {
    span: Span,
    since: Instant,
    is_answered: bool,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.is_answered {
            let duration_ms = millis(self.since.elapsed());
            self.span.in_scope(|| tracing::info!(duration_ms, "the client left before the answer"));
        }
    }
}

/// One of the requests that are answered now.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn begin(all: &Arc<AtomicUsize>) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body that counts its bytes, and its request as running until it ends.
struct Followed {
    inner: Body,
    counter: Option<metrics::Counter>,
    _running: Option<Running>,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some(counter)) = (&frame, &self.counter)
            && let Some(bytes) = frame.data_ref()
        {
            counter.increment(bytes.len() as u64);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}
