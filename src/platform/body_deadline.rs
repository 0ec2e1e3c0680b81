//! Request bodies that end with an error when they arrive too slowly, so that a slow sender can't hold a connection forever.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

/// The limit on how slowly a body may arrive.
#[derive(Debug, Clone, Copy)]
pub enum BodyDeadline {
    /// The longest pause between two chunks.
    Idle(Duration),
    /// The whole body may take `grace` plus the time it needs at `bytes_per_second`.
    MinRate { grace: Duration, bytes_per_second: u32 },
}

impl BodyDeadline {
    /// Returns the time by which the first chunk must arrive.
    fn first(self) -> Instant {
        let (Self::Idle(timeout) | Self::MinRate { grace: timeout, .. }) = self;
        Instant::now() + timeout
    }

    /// Returns the time by which the next chunk must arrive, after a chunk of `len` bytes that was due at `due`.
    fn next(self, due: Instant, len: usize) -> Instant {
        match self {
            Self::Idle(_) => self.first(),
            Self::MinRate { bytes_per_second, .. } => {
                due + Duration::from_secs(1) * u32::try_from(len).unwrap_or(u32::MAX) / bytes_per_second
            }
        }
    }
}

/// Reports whether a body missed its deadline.
#[derive(Debug, Clone, Default)]
pub struct TimedOut(Arc<AtomicBool>);

impl TimedOut {
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns the bytes of a body. They end with [`io::ErrorKind::TimedOut`] when the body misses its deadline.
pub fn with_deadline(body: Body, deadline: BodyDeadline) -> (BoxStream<'static, io::Result<Bytes>>, TimedOut) {
    let timed_out = TimedOut::default();
    let flag = timed_out.clone();
    let start = (body.into_data_stream(), deadline.first());
    let bytes = stream::try_unfold(start, move |(mut bytes, due)| {
        let flag = flag.clone();
        async move {
            let Ok(next) = timeout_at(due, bytes.next()).await else {
                flag.0.store(true, Ordering::Relaxed);
                return Err(io::ErrorKind::TimedOut.into());
            };
            let Some(chunk) = next.transpose().map_err(io::Error::other)? else { return Ok(None) };
            let due = deadline.next(due, chunk.len());
            Ok(Some((chunk, (bytes, due))))
        }
    });
    (bytes.boxed(), timed_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a body that sends a chunk every ten seconds, twelve times. Returns the second at which it timed out.
    async fn timed_out_after(chunk: usize, deadline: BodyDeadline) -> Option<u64> {
        let chunks = stream::iter(0..12).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            io::Result::Ok(Bytes::from(vec![0; chunk]))
        });
        let (bytes, timed_out) = with_deadline(Body::from_stream(chunks), deadline);
        let start = Instant::now();
        let read: Vec<_> = bytes.collect().await;
        assert_eq!(read.iter().any(Result::is_err), timed_out.get());
        timed_out.get().then(|| start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn idle_bodies_time_out_and_slow_ones_do_not() {
        assert_eq!(timed_out_after(1, BodyDeadline::Idle(Duration::from_secs(11))).await, None);
        assert_eq!(timed_out_after(1, BodyDeadline::Idle(Duration::from_secs(9))).await, Some(9));
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_below_the_minimum_rate_time_out() {
        let deadline = BodyDeadline::MinRate { grace: Duration::from_secs(30), bytes_per_second: 100 };
        assert_eq!(timed_out_after(1000, deadline).await, None);
        // 30 seconds, and one for each of the three chunks that arrived by then.
        assert_eq!(timed_out_after(100, deadline).await, Some(33));
    }
}
