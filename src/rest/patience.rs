//! Bodies that trickle: who sends slower than a bad line does is left, so that nobody holds connections for ever with next to nothing.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::attachments::intake::SLOWEST;
use crate::platform::http::too_slow;

/// Whether a body was left.
#[derive(Debug, Clone, Default)]
pub struct Left(Arc<AtomicBool>);

impl Left {
    /// The answer to a request: whatever the handler made of a body that broke off, it says why it did.
    pub fn answer(&self, response: Response) -> Response {
        if !self.0.load(Ordering::Relaxed) {
            return response;
        }
        too_slow()
    }
}

/// The same body, which breaks off once it is behind: it has `patience`, and a second more for each of [`SLOWEST`] bytes that came.
pub fn with_deadline(body: Body, patience: Duration, left: &Left) -> Body {
    let start = Instant::now() + patience;
    Body::from_stream(watched(body.into_data_stream(), start, left.clone()))
}

fn watched<S>(bytes: S, start: Instant, left: Left) -> impl Stream<Item = io::Result<bytes::Bytes>>
where
    S: Stream<Item = Result<bytes::Bytes, axum::Error>> + Unpin,
{
    stream::try_unfold((bytes, start), move |(mut bytes, deadline)| {
        let left = left.clone();
        async move {
            let Ok(next) = timeout_at(deadline, bytes.next()).await else {
                left.0.store(true, Ordering::Relaxed);
                return Err(io::ErrorKind::TimedOut.into());
            };
            let Some(chunk) = next.transpose().map_err(io::Error::other)? else { return Ok(None) };
            let earned = Duration::from_secs(1) * u32::try_from(chunk.len()).unwrap_or(u32::MAX) / SLOWEST;
            Ok(Some((chunk, (bytes, deadline + earned))))
        }
    })
}
