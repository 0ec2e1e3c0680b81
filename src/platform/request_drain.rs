//! Draining of request bodies after the response.
//!
//! If a server closes a connection with unread bytes, the client's system discards the response with them. So the rest
//! of an unwanted body is read for a while, and discarded.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderValue};
use axum::http::{HeaderMap, Version};
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::body_memory::BODY_LIMIT;

/// How long the rest is read.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum number of bytes read. Beyond that the connection is closed.
const MAX_DRAINED_BYTES: usize = 128 * 1024 * 1024;

/// Sends the response while the body is still arriving. If the body may not be read to its end, tells the client to
/// reconnect: this connection can't carry another request. HTTP/2 doesn't need this, because each request has its own
/// stream.
pub async fn drain(request: Request, next: Next) -> Response {
    if request.version() >= Version::HTTP_2 || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let waits = request.headers().contains_key(EXPECT);
    let is_short = !waits && is_short(request.headers());
    let ended = Arc::new(AtomicBool::new(false));
    let (parts, body) = request.into_parts();
    let bytes = Some(body.into_data_stream());
    let body = Body::from_stream(Watched { bytes, wanted: !waits, ended: ended.clone() });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if !is_short && !ended.load(Ordering::Relaxed) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Returns whether the body is short enough to arrive soon.
fn is_short(headers: &HeaderMap) -> bool {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    announced.is_some_and(|length| length <= BODY_LIMIT)
}

/// A body whose rest is drained when its reader drops it.
struct Watched {
    bytes: Option<BodyDataStream>,
    /// Whether the client sends unasked. A client with `Expect: 100-continue` waits until the body is requested, and
    /// must not be asked.
    wanted: bool,
    ended: Arc<AtomicBool>,
}

impl Stream for Watched {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.wanted = true;
        let Some(bytes) = &mut self.bytes else { return Poll::Ready(None) };
        let next = bytes.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = next {
            self.ended.store(true, Ordering::Relaxed);
        }
        next
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.wanted || self.ended.load(Ordering::Relaxed) {
            return;
        }
        if let (Some(rest), Ok(runtime)) = (self.bytes.take(), Handle::try_current()) {
            runtime.spawn(throw_away(rest));
        }
    }
}

async fn throw_away(mut rest: BodyDataStream) {
    let reading = async {
        let mut left = MAX_DRAINED_BYTES;
        while let Some(Ok(bytes)) = rest.next().await {
            let Some(less) = left.checked_sub(bytes.len()) else { return };
            left = less;
        }
    };
    let _ = timeout(DRAIN_TIMEOUT, reading).await;
}
