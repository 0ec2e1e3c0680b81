//! A limit on the memory of all request bodies that are read whole. Bodies that are streamed to a file are not
//! included.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::{AppError, ErrorKind, Result};
use super::tally::{Share, Tally};

/// Largest body of a route that is not an upload, in bytes.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// The start of each body, up to this size in bytes, has separate memory, so that large bodies never delay log-ins and
/// messages.
const START: usize = 32 * 1024;
/// Memory for all starts, in bytes, and the unit in which it is allocated.
const SHARED_START_MEMORY: usize = 32 * 1024 * 1024;
const START_STEP: usize = 1024;
/// Memory for everything beyond [`START`], in bytes, and the unit in which it is allocated.
const SHARED: usize = 48 * 1024 * 1024;
const STEP: usize = 64 * 1024;
/// Maximum of both together for the bodies of one network, in bytes: slow senders delay only their own network.
const MAX_PER_NETWORK: u64 = 24 * 1024 * 1024;
/// Seconds to wait before sending a rejected body again.
const RETRY_AFTER: u32 = 5;
/// How long a body waits for memory.
const ROOM_TIMEOUT: Duration = Duration::from_secs(2);

pub struct BodyMemory {
    starts: Arc<Semaphore>,
    rest: Arc<Semaphore>,
    by_network: Tally<String>,
    room_timeout: Duration,
}

/// The memory reserved for a body. Freed when dropped.
pub struct Room {
    start: Option<OwnedSemaphorePermit>,
    rest: Option<OwnedSemaphorePermit>,
    of_network: Share<String>,
}

impl Default for BodyMemory {
    fn default() -> Self {
        Self {
            starts: Arc::new(Semaphore::new(SHARED_START_MEMORY / START_STEP)),
            rest: Arc::new(Semaphore::new(SHARED / STEP)),
            by_network: Tally::default(),
            room_timeout: ROOM_TIMEOUT,
        }
    }
}

impl BodyMemory {
    /// Reads a whole body of at most [`BODY_LIMIT`] bytes from this network.
    ///
    /// # Errors
    /// As [`Self::read_up_to`].
    pub async fn read(&self, body: Body, network: &str) -> Result<(Bytes, Room)> {
        self.read_up_to(BODY_LIMIT, body, network).await
    }

    /// Reads a whole body from this network.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] over `limit` bytes, [`ErrorKind::Unavailable`] with a `Retry-After` if other bodies use
    /// all memory, [`ErrorKind::MalformedRequest`] if the body ends early.
    pub async fn read_up_to(&self, limit: usize, body: Body, network: &str) -> Result<(Bytes, Room)> {
        let mut read = BytesMut::new();
        let mut room = Room { start: None, rest: None, of_network: self.by_network.share(network.to_owned()) };
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| AppError::cut_off())?;
            let size = read.len() + chunk.len();
            if size > limit {
                let megabytes = limit / (1024 * 1024);
                let message = format!("The body is larger than {megabytes} MB. Send less at a time.");
                return Err(AppError::new(ErrorKind::TooLarge, message));
            }
            self.grow(&mut room, size).await?;
            read.extend_from_slice(&chunk);
        }
        Ok((read.freeze(), room))
    }

    /// Reserves what a body of `size` bytes needs in addition to its current memory.
    async fn grow(&self, room: &mut Room, size: usize) -> Result<()> {
        let more = (size as u64).saturating_sub(room.of_network.count());
        if room.of_network.add(more) > MAX_PER_NETWORK {
            return Err(no_room());
        }
        self.take(&self.starts, &mut room.start, size.min(START).div_ceil(START_STEP)).await?;
        self.take(&self.rest, &mut room.rest, size.saturating_sub(START).div_ceil(STEP)).await
    }

    /// Reserves the units that are missing to this total.
    async fn take(&self, from: &Arc<Semaphore>, held: &mut Option<OwnedSemaphorePermit>, steps: usize) -> Result<()> {
        let missing = steps.saturating_sub(held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let Ok(Ok(more)) = timeout(self.room_timeout, from.clone().acquire_many_owned(missing)).await else {
            return Err(no_room());
        };
        match held {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        Ok(())
    }
}

fn no_room() -> AppError {
    let message = "The server is processing too many large requests. Try again in a few seconds.";
    AppError::unavailable(message, RETRY_AFTER)
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

    fn memory() -> BodyMemory {
        BodyMemory { room_timeout: Duration::from_millis(50), ..BodyMemory::default() }
    }

    /// Reads bodies that are all kept at the same time, each from its own network. Returns the number of bytes in
    /// memory, and the bodies.
    async fn hold(memory: &BodyMemory, count: usize, size: usize) -> (usize, Vec<(Bytes, Room)>) {
        let networks: Vec<_> = (0..count).map(|number| number.to_string()).collect();
        let read = join_all(networks.iter().map(|network| memory.read(body(size), network))).await;
        for error in read.iter().filter_map(|read| read.as_ref().err()) {
            assert_eq!((error.kind, error.retry_after), (ErrorKind::Unavailable, Some(RETRY_AFTER)));
        }
        let held: Vec<_> = read.into_iter().flatten().collect();
        (held.iter().map(|(bytes, _)| bytes.len()).sum(), held)
    }

    #[tokio::test]
    async fn large_bodies_share_the_memory() {
        let memory = memory();
        let (total, held) = hold(&memory, 100, BODY_LIMIT).await;
        assert!((SHARED / 2..=SHARED + SHARED / 50).contains(&total), "{total} bytes are in memory");
        assert!(held.len() < 100);
        // Small bodies continue, and so does everything once there is memory.
        assert_eq!(memory.read(body(START), "a").await.unwrap().0.len(), START);
        drop(held);
        assert_eq!(memory.read(body(BODY_LIMIT), "a").await.unwrap().0.len(), BODY_LIMIT);
        let too_large = memory.read(body(BODY_LIMIT + 1), "a").await.map(|(bytes, _)| bytes.len());
        assert_eq!(too_large.unwrap_err().kind, ErrorKind::TooLarge);
        assert_eq!(memory.rest.available_permits(), SHARED / STEP, "all room was given back");
        assert_eq!(memory.starts.available_permits(), SHARED_START_MEMORY / START_STEP, "all room was given back");
    }

    #[tokio::test]
    async fn small_bodies_share_the_memory_too() {
        let memory = memory();
        let (total, held) = hold(&memory, 2 * SHARED_START_MEMORY / START, START).await;
        assert_eq!(total, SHARED_START_MEMORY);
        drop(held);
        assert_eq!(memory.read(body(START), "a").await.unwrap().0.len(), START);
    }

    #[tokio::test]
    async fn one_network_leaves_memory_to_others() {
        let memory = memory();
        let read = join_all((0..100).map(|_| memory.read(body(BODY_LIMIT), "a"))).await;
        let total: usize = read.iter().flatten().map(|(bytes, _)| bytes.len()).sum();
        assert!(total as u64 <= MAX_PER_NETWORK, "{total} bytes are of one network");
        assert_eq!(memory.read(body(BODY_LIMIT), "b").await.unwrap().0.len(), BODY_LIMIT);
    }
}
