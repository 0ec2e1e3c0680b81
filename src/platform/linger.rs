//! What a client still sends when its answer is there already.
//!
//! A server that hangs up on bytes that it has not read makes the client's system throw the answer away with them. So the rest of a
//! body that nobody wants is read for a while, and kept nowhere.

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
const PATIENCE: Duration = Duration::from_secs(5);
/// How many bytes of it are: who sends more at once is cut off.
const MOST: usize = 128 * 1024 * 1024;

/// Answers while the body is still coming. Where it may not come to its end, the client is told to connect anew: this connection cannot
/// take another request. In HTTP/2 each request has a stream of its own, and none of this is needed.
pub async fn linger(request: Request, next: Next) -> Response {
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

/// So little comes to its end soon.
fn is_short(headers: &HeaderMap) -> bool {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    announced.is_some_and(|length| length <= BODY_LIMIT)
}

/// A body whose rest is read when its reader lets go of it.
struct Watched {
    bytes: Option<BodyDataStream>,
    /// Whether the client sends by itself. One with `Expect: 100-continue` waits until its body is asked for, and must not be.
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
        let mut left = MOST;
        while let Some(Ok(bytes)) = rest.next().await {
            let Some(less) = left.checked_sub(bytes.len()) else { return };
            left = less;
        }
    };
    let _ = timeout(PATIENCE, reading).await;
}
