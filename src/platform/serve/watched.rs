//! A connection that is closed when idle.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::head::HeadScan;
use super::{ConnectionLimits, Framing};

/// Maximum bytes of unfinished heads over all connections, in addition to a small head of each.
const HEADS_MAX: usize = 32 * 1024 * 1024;
const SMALL_HEAD: usize = 16 * 1024;
/// Timeout of a head, and of an idle connection, while many others are open.
const CROWDED_TIMEOUT: Duration = Duration::from_secs(5);

static HEAD_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The state of a connection, shared by its bytes and its requests.
pub struct Watch {
    limits: ConnectionLimits,
    state: Mutex<State>,
}

struct State {
    /// Running requests, until their response is sent.
    requests: usize,
    /// When the connection began to wait for the next head.
    waits_since: Instant,
    /// When the first byte of that head arrived.
    head_since: Option<Instant>,
    head_bytes: usize,
    scan: HeadScan,
    served: bool,
    /// HTTP/2 sends bytes between requests, which begin no head.
    is_multiplexed: bool,
    /// Pieces of responses that the client has not read yet: since when, by request.
    handed_on: HashMap<u64, Instant>,
    last_request: u64,
    /// The task that waits for the next bytes. It has no timer while a request runs, so it is woken when that ends.
    reader: Option<Waker>,
}

impl State {
    fn forget_head(&mut self) {
        HEAD_BYTES.fetch_sub(self.head_bytes, Ordering::Relaxed);
        self.head_bytes = 0;
        self.head_since = None;
    }
}

impl Watch {
    /// Creates the state. `crowded` if many connections are open.
    pub fn new(mut limits: ConnectionLimits, crowded: bool) -> Self {
        if crowded {
            limits.head_timeout = limits.head_timeout.min(CROWDED_TIMEOUT);
            limits.idle_timeout = limits.idle_timeout.min(CROWDED_TIMEOUT);
        }
        let state = State {
            requests: 0,
            waits_since: Instant::now(),
            head_since: None,
            head_bytes: 0,
            scan: HeadScan::default(),
            served: false,
            is_multiplexed: false,
            handed_on: HashMap::new(),
            last_request: 0,
            reader: None,
        };
        Self { limits, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request. The returned guard keeps the connection from being idle until it is dropped.
    pub fn begin(self: &Arc<Self>, version: Version) -> (Busy, Framing) {
        let mut state = self.state();
        let framing = state.scan.next();
        state.requests += 1;
        state.last_request += 1;
        state.served = true;
        state.is_multiplexed = version >= Version::HTTP_2;
        state.forget_head();
        (Busy { watch: self.clone(), request: state.last_request }, framing)
    }

    /// Returns when to close the connection if nothing more is sent or received.
    fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        if state.requests > 0 {
            return state.handed_on.values().min().map(|since| *since + self.limits.stall_timeout);
        }
        Some(match state.head_since {
            Some(since) => since + self.limits.head_timeout,
            None if state.served => state.waits_since + self.limits.idle_timeout,
            None => state.waits_since + self.limits.head_timeout,
        })
    }

    fn read(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.is_multiplexed {
            return Ok(());
        }
        state.scan.read(bytes);
        if state.requests > 0 {
            return Ok(());
        }
        state.head_since.get_or_insert_with(Instant::now);
        state.head_bytes += bytes.len();
        let all = HEAD_BYTES.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        if all > HEADS_MAX && state.head_bytes > SMALL_HEAD {
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, "too many large heads at a time"));
        }
        Ok(())
    }

    /// Records sent bytes: of a response, or of HTTP/2 itself, whose pings and acknowledgements don't keep an idle
    /// connection open.
    fn wrote(&self) {
        let mut state = self.state();
        if state.requests > 0 || !state.is_multiplexed {
            state.waits_since = Instant::now();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.state().forget_head();
    }
}

/// A running request.
pub struct Busy {
    watch: Arc<Watch>,
    request: u64,
}

impl Busy {
    /// Records that a piece of the response waits for the client.
    pub fn hand_on(&self) {
        self.watch.state().handed_on.insert(self.request, Instant::now());
    }

    /// Records that the client has read it, because the next piece is requested.
    pub fn taken(&self) {
        self.watch.state().handed_on.remove(&self.request);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.watch.state();
        state.requests -= 1;
        state.handed_on.remove(&self.request);
        state.waits_since = Instant::now();
        // Bytes that arrived during the request belonged to it.
        state.forget_head();
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

/// The byte stream of a connection.
pub struct Watched<S> {
    stream: S,
    watch: Arc<Watch>,
    timer: Pin<Box<Sleep>>,
    /// Runs while the client reads nothing of a response.
    stall: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub fn new(stream: S, watch: Arc<Watch>) -> Self {
        let timer = Box::pin(sleep_until(Instant::now() + watch.limits.head_timeout));
        Self { stream, watch, timer, stall: None }
    }

    /// Closes the connection when its deadline has passed.
    fn check_idle(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch.state().reader = Some(context.waker().clone());
        while let Some(deadline) = self.watch.deadline() {
            if self.timer.deadline() != deadline {
                self.timer.as_mut().reset(deadline);
            }
            if self.timer.as_mut().poll(context).is_pending() {
                break;
            }
            if self.watch.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        Poll::Pending
    }

    fn written<T>(&mut self, context: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.stall = None;
            self.watch.wrote();
            return done;
        }
        let timeout = self.watch.limits.stall_timeout;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + timeout)));
        match stall.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                let new = &buffer.filled()[before..];
                Poll::Ready(if new.is_empty() { Ok(()) } else { self.watch.read(new) })
            }
            Poll::Pending => self.check_idle(context),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(context, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
