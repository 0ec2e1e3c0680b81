//! Memory that collects incoming bytes before they are written: few system calls, and a limit on the total.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Sizes of a buffer in bytes: large while memory is available, and small.
const LARGE: usize = 512 * 1024;
const SMALL: usize = 16 * 1024;
/// Maximum number of large buffers at a time: 48 MB.
static ROOM: Semaphore = Semaphore::const_new(96);

/// The size of a buffer. Its reservation is released when dropped.
pub struct WriteBuffer {
    room: Option<SemaphorePermit<'static>>,
}

impl WriteBuffer {
    /// Reserves a large buffer if one is available.
    pub fn reserve() -> Self {
        Self { room: ROOM.try_acquire().ok() }
    }

    /// Returns the size in bytes.
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
