//! Bounds the memory of all request bodies that are read whole. What is streamed to a file does not count.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::{AppError, ErrorKind, Result};

/// Largest body of a route that is not an upload, in bytes.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// A body up to this size needs no room, so that large bodies never hold up log-ins and messages.
const FREE: usize = 32 * 1024;
/// Memory for all that is over [`FREE`], in bytes.
const SHARED: usize = 48 * 1024 * 1024;
/// Room is taken in steps of so many bytes.
const STEP: usize = 64 * 1024;
/// Seconds after which a body that found no room is worth sending again.
const RETRY_AFTER: u32 = 5;
/// How long a body waits for room.
const ROOM_TIMEOUT: Duration = Duration::from_secs(2);

pub struct BodyMemory {
    room: Arc<Semaphore>,
    room_timeout: Duration,
}

/// The room that a body takes until this is dropped. `None` for a small one.
pub type Room = Option<OwnedSemaphorePermit>;

impl Default for BodyMemory {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(SHARED / STEP)), room_timeout: ROOM_TIMEOUT }
    }
}

impl BodyMemory {
    /// Reads a body whole.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] over [`BODY_LIMIT`], [`ErrorKind::Unavailable`] with a `Retry-After` when other bodies have taken all
    /// memory, [`ErrorKind::MalformedRequest`] when it breaks off.
    pub async fn read(&self, body: Body) -> Result<(Bytes, Room)> {
        let (mut read, mut room) = (BytesMut::new(), None);
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| AppError::cut_off())?;
            let size = read.len() + chunk.len();
            if size > BODY_LIMIT {
                return Err(AppError::new(ErrorKind::TooLarge, "The body is larger than 2 MB. Send less at a time."));
            }
            self.grow(&mut room, size).await?;
            read.extend_from_slice(&chunk);
        }
        Ok((read.freeze(), room))
    }

    /// Takes what room a body of `size` bytes needs beside what it has.
    async fn grow(&self, room: &mut Room, size: usize) -> Result<()> {
        let steps = size.saturating_sub(FREE).div_ceil(STEP);
        let missing = steps.saturating_sub(room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let Ok(Ok(more)) = timeout(self.room_timeout, self.room.clone().acquire_many_owned(missing)).await else {
            let message = "The server is processing too many large requests. Try again in a few seconds.";
            return Err(AppError::unavailable(message, RETRY_AFTER));
        };
        match room {
            Some(room) => room.merge(more),
            None => *room = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    fn body(size: usize) -> Body {
        Body::from_stream(futures::stream::iter(
            vec![7; size]
                .chunks(50_000)
                .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
                .collect::<Vec<_>>(),
        ))
    }

    #[tokio::test]
    async fn large_bodies_share_the_memory() {
        let memory = BodyMemory { room_timeout: Duration::from_millis(50), ..BodyMemory::default() };
        let held = join_all((0..100).map(|_| memory.read(body(BODY_LIMIT)))).await;
        let total: usize = held.iter().flatten().map(|(bytes, _)| bytes.len()).sum();
        assert!((SHARED / 2..=SHARED + SHARED / 50).contains(&total), "{total} bytes are in memory");
        let refused = held.iter().filter_map(|read| read.as_ref().err());
        assert!(refused.clone().count() > 0);
        assert!(
            refused
                .into_iter()
                .all(|error| error.kind == ErrorKind::Unavailable && error.retry_after == Some(RETRY_AFTER))
        );
        // Small ones go on, and so does everything once there is room.
        assert_eq!(memory.read(body(FREE)).await.unwrap().0.len(), FREE);
        drop(held);
        assert_eq!(memory.read(body(BODY_LIMIT)).await.unwrap().0.len(), BODY_LIMIT);
        assert_eq!(memory.read(body(BODY_LIMIT + 1)).await.unwrap_err().kind, ErrorKind::TooLarge);
        assert_eq!(memory.room.available_permits(), SHARED / STEP, "all room was given back");
    }
}
