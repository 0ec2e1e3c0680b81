//! Memory in which bytes that come in are gathered before they are written: few system calls, and a bound on all of it.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of a buffer while there is room for large ones, and when there is not.
const LARGE: usize = 512 * 1024;
const SMALL: usize = 16 * 1024;
/// Large buffers at the same time: 48 MB.
static ROOM: Semaphore = Semaphore::const_new(96);

/// How much to gather. The room is given back when this is dropped.
pub struct WriteBuffer {
    room: Option<SemaphorePermit<'static>>,
}

impl WriteBuffer {
    /// Reserves a large buffer if there is room for one.
    pub fn reserve() -> Self {
        Self { room: ROOM.try_acquire().ok() }
    }

    /// Bytes.
    pub fn size(&self) -> usize {
        if self.room.is_some() { LARGE } else { SMALL }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_buffers_take_little_memory() {
        let buffers: Vec<_> = (0..4096).map(|_| WriteBuffer::reserve()).collect();
        let all: usize = buffers.iter().map(WriteBuffer::size).sum();
        assert!(all < 120 * 1024 * 1024, "{all} bytes");
        drop(buffers);
        assert_eq!(WriteBuffer::reserve().size(), LARGE, "the room was given back");
    }
}
