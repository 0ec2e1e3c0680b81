//! Accepts connections and serves HTTP on them, with limits that hold without a proxy in front: how long a request's head may take,
//! how long a connection may be idle, how long a client may read nothing, how many connections there are.

mod head;
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
use axum::http::Version;
use axum::http::header::{CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::{ServiceExt, service_fn};

use super::error::{AppError, ErrorKind};
use watched::{Busy, Watch, Watched};

/// Connections of one server. Others wait until one ends.
const CONNECTIONS_MAX: usize = 4096;
/// Largest head of a request, in bytes, and what is read ahead of a body.
const HEAD_MAX: usize = 128 * 1024;
/// Requests at a time on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;
/// How often the other end of an HTTP/2 connection is asked whether it is there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_mins(1);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// The pause after a connection could not be accepted: no files are left, or the client was gone already.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// From the first byte of a request's head to its last, and from the connection to the first byte.
    pub head_timeout: Duration,
    /// From the end of one request to the first byte of the next.
    pub idle_timeout: Duration,
    /// How long a client may take nothing of an answer.
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

/// Serves until `stop` resolves, and then until the running requests have ended, for `grace` at the most.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let (graceful, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS_MAX)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        let (stream, address, place) = accepted;
        // Head and body may go out in two writes. The second would wait until the client acknowledges the first, for 40 ms.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let crowded = places.available_permits() < CONNECTIONS_MAX / 2;
        let watch = Arc::new(Watch::new(limits, crowded));
        let io = TokioIo::new(Watched::new(stream, watch.clone()));
        let router = router.clone();
        let service = TowerToHyperService::new(service_fn(move |request: Request<hyper::body::Incoming>| {
            answer(router.clone(), request.map(Body::new), address, watch.clone())
        }));
        let connection = builder().serve_connection(io, service).into_owned();
        let connection = graceful.watch(connection);
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

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // The library's own limit for heads also ends connections that are idle: `Watch` tells the two apart.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(64 * 1024)
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
                tracing::warn!(%error, "a connection could not be accepted");
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
    let (busy, framing) = watch.begin();
    let busy = Arc::new(busy);
    request.extensions_mut().insert(ConnectInfo(address));
    request.extensions_mut().insert(framing);
    // What comes of a body after its answer is no head of another request.
    let request = request.map(|inner| Body::new(UnderWay { inner, _busy: busy.clone() }));
    let response = router.oneshot(request).await?;
    Ok(response.map(|inner| Body::new(UnderWay { inner, _busy: busy })))
}

/// A body that keeps its connection from being idle until all of it went.
struct UnderWay {
    inner: Body,
    _busy: Arc<Busy>,
}

impl HttpBody for UnderWay {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}

/// What the bytes of a request's head say of where the request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Sound,
    /// Both Content-Length and Transfer-Encoding: two readers may disagree on where it ends (RFC 9112 §6.1).
    Ambiguous,
    /// The head came together with another request, and was not looked at.
    Unseen,
}

/// Refuses requests that a proxy in front may have understood otherwise, and closes their connection.
pub async fn refuse_ambiguous(request: Request, next: Next) -> Response {
    let framing = request.extensions().get::<Framing>().copied().unwrap_or(Framing::Unseen);
    let is_old = request.version() <= Version::HTTP_11;
    // Whatever else is in a head that was not looked at, nothing that follows it is taken for a request.
    let closes = is_old && framing == Framing::Unseen && request.headers().contains_key(TRANSFER_ENCODING);
    let (mut response, closes) = match ambiguity(&request, framing).filter(|_| is_old) {
        Some(message) => (AppError::new(ErrorKind::MalformedRequest, message).into_response(), true),
        None => (next.run(request).await, closes),
    };
    if closes {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn ambiguity(request: &Request, framing: Framing) -> Option<&'static str> {
    match (request.headers().get_all(HOST).iter().count(), framing) {
        (_, Framing::Ambiguous) => Some("Send Content-Length or Transfer-Encoding, not both."),
        (0, _) if request.version() == Version::HTTP_11 => Some("Send the header Host."),
        (2.., _) => Some("Send the header Host once."),
        _ => None,
    }
}
