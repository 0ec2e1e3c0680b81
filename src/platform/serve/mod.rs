//! Accepts connections and serves HTTP, with limits that apply without a proxy in front: duration of a request's head,
//! idle time of a connection, stalled clients, number of connections.

mod head;
#[cfg(test)]
mod tests;
mod watched;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, HOST, HeaderValue, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{Method, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::{ServiceExt, service_fn};

use super::error::{AppError, ErrorKind};
use watched::{Busy, Watch, Watched};

/// Maximum number of connections of one server. Others wait until one ends. If few files may be open, half of these are
/// reserved for database and storage.
const CONNECTIONS_MAX: usize = 4096;
/// Maximum size of a request's head, in bytes, and of the read-ahead of a body.
const HEAD_MAX: usize = 128 * 1024;
/// Maximum concurrent requests on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;
/// Bytes of a response that are buffered for each HTTP/2 request, and bytes that a client may send ahead for one and
/// for all.
const SEND_BUFFER: usize = 64 * 1024;
const STREAM_WINDOW: u32 = 128 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Interval of HTTP/2 pings, and timeout of their acknowledgement.
const PING_INTERVAL: Duration = Duration::from_mins(1);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Pause after a connection could not be accepted: no file descriptors are left, or the client has disconnected.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of a connection.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// From the first byte of a request's head to its last, and from the connection to the first byte.
    pub head_timeout: Duration,
    /// From the end of one request to the first byte of the next.
    pub idle_timeout: Duration,
    /// How long a client may read nothing of a response.
    pub stall_timeout: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_mins(5),
        }
    }
}

/// Serves until `stop` resolves, and then until the running requests have ended, at most `grace`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let most = connections_max(getrlimit(Resource::Nofile).current);
    let (graceful, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(most)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        let (stream, address, place) = accepted;
        // Head and body may be two writes. The second would wait until the client acknowledges the first, for 40 ms.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let watch = Arc::new(Watch::new(limits, places.available_permits() < most / 2));
        let connection = graceful.watch(connection(stream, address, router.clone(), watch));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended");
            }
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(grace, graceful.shutdown()).await;
}

fn connections_max(open_files: Option<u64>) -> usize {
    let half = open_files.and_then(|files| usize::try_from(files / 2).ok());
    half.map_or(CONNECTIONS_MAX, |half| half.clamp(1, CONNECTIONS_MAX))
}

/// Serves one connection over any stream.
fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    address: SocketAddr,
    router: Router,
    watch: Arc<Watch>,
) -> impl GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>> + Send {
    let io = TokioIo::new(Watched::new(stream, watch.clone()));
    let service = TowerToHyperService::new(service_fn(move |request: Request<hyper::body::Incoming>| {
        answer(router.clone(), request.map(Body::new), address, watch.clone())
    }));
    builder().serve_connection(io, service).into_owned()
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // The library's own limit for heads also closes idle connections: `Watch` distinguishes the two.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(64 * 1024)
        .max_send_buf_size(SEND_BUFFER)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit) {
    loop {
        let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, place),
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer(
    router: Router,
    mut request: Request,
    address: SocketAddr,
    watch: Arc<Watch>,
) -> Result<Response, Infallible> {
    let (busy, framing) = watch.begin(request.version());
    let busy = Arc::new(busy);
    request.extensions_mut().insert(ConnectInfo(address));
    request.extensions_mut().insert(framing);
    // Bytes of a body that arrive after its response are not the head of another request.
    let request = request.map(|inner| Body::new(UnderWay { inner, busy: busy.clone(), is_answer: false }));
    let response = router.oneshot(request).await?;
    // An HTTP/2 client that reads nothing never requests a first piece.
    busy.hand_on();
    Ok(response.map(|inner| Body::new(UnderWay { inner, busy, is_answer: true })))
}

/// A body that keeps its connection from being idle until all of it was sent.
struct UnderWay {
    inner: Body,
    busy: Arc<Busy>,
    is_answer: bool,
}

impl HttpBody for UnderWay {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        if self.is_answer {
            self.busy.taken();
        }
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if self.is_answer && frame.is_ready() {
            self.busy.hand_on();
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

/// What the head of a request says about where the request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Sound,
    /// The length is given more than once: two parsers may disagree on the end (RFC 9112 §6).
    Ambiguous,
    /// The start of the head is unknown, because what came before on the connection could not be parsed.
    Unseen,
}

/// Rejects requests that this server and a proxy in front could parse differently, and closes their connection.
pub async fn refuse_ambiguous(request: Request, next: Next) -> Response {
    let framing = request.extensions().get::<Framing>().copied().unwrap_or(Framing::Sound);
    let Some(message) = ambiguity(&request, framing) else { return next.run(request).await };
    let mut response = AppError::new(ErrorKind::MalformedRequest, message).into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn ambiguity(request: &Request, framing: Framing) -> Option<&'static str> {
    let headers = request.headers();
    if request.method() == Method::PUT && headers.contains_key(CONTENT_RANGE) {
        // A client that sends a part expects it to be merged into the whole (RFC 9110 §14.5).
        return Some("Send the whole body, without Content-Range.");
    }
    if request.version() > Version::HTTP_11 {
        return None;
    }
    let has_length = headers.contains_key(TRANSFER_ENCODING) || headers.contains_key(CONTENT_LENGTH);
    if framing == Framing::Ambiguous || (framing == Framing::Unseen && has_length) {
        return Some("Send either one Content-Length or Transfer-Encoding, not both.");
    }
    if headers.get_all(TRANSFER_ENCODING).iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return Some("The only allowed Transfer-Encoding is chunked.");
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() == Version::HTTP_11 => Some("The Host header is missing."),
        (_, Some(_)) => Some("Send the Host header only once."),
        (Some(host), None) if !is_host(host) => Some("The Host header must be a name with an optional port."),
        _ => None,
    }
}

/// Returns whether this is a name or an address, optionally with a port (RFC 9110 §7.2).
fn is_host(value: &HeaderValue) -> bool {
    let authority = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    authority.is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty())
}
