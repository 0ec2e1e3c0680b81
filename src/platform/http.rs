//! HTTP layers of all requests: the shape of errors, security headers, compression.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use dioxus::fullstack::FullstackContext;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::Predicate;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tracing::Instrument;

use super::Platform;
use super::body_memory::BODY_LIMIT;
use super::client_address::client_network;
use super::cross_origin::{check_origin, check_origin_unless_signed, header_text, permit_scripts};
use super::error::{AppError, ErrorKind};
use super::forwarded;
use super::request_drain::drain;
use super::serve::refuse_ambiguous;
use super::telemetry::RequestId;
use super::telemetry::request::{NamePage, observe};

/// Font names have no hash, unlike assets. Last month's font shows the same letters.
const CACHE_CONTROL_FONT: &str = "public, max-age=2592000";

/// Browser features that no page uses.
const PERMISSIONS_POLICY: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
    microphone=(), midi=(), payment=(), usb=()";
/// Browsers use https only for a year.
const HSTS: &str = "max-age=31536000";

/// Scripts: Dioxus writes the data for hydration as inline scripts whose text differs from page to page and accepts no
/// nonce, so `unsafe-inline` stays for scripts; WebAssembly needs `wasm-unsafe-eval`. Styles: a tile's size is a style
/// attribute. Pictures and uploads may be on the store's host; no other host is allowed.
fn page_csp(platform: &Platform) -> String {
    let store = platform.config.store_origins();
    // The development server uses another port.
    let developing = if cfg!(debug_assertions) { " ws: http://localhost:* http://127.0.0.1:*" } else { "" };
    format!(
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' blob: data:{store}; media-src 'self' blob:{store}; connect-src 'self'{store}{developing}; \
         worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// All routes, by what they do with bodies and who may call them. Each is declared where it is added.
pub struct Routes {
    /// Browsers' and programs', from [`with_small_bodies`] and [`with_streamed_bodies`].
    pub routes: Router,
    /// Signed uploads. A signature authorizes their PUT, not a cookie, so other sites may send it.
    pub signed: Router,
}

/// Adds the layers that all routes share. `name_page` names the patterns of pages, for the log.
pub fn with_common_layers(Routes { routes, signed }: Routes, platform: &Platform, name_page: NamePage) -> Router {
    let router = routes
        .layer(from_fn(check_origin))
        .merge(signed.layer(from_fn(check_origin_unless_signed)))
        .layer(axum::Extension(platform.clone()))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(refuse_ambiguous))
        .layer(from_fn(shape_errors))
        .layer(from_fn(permit_scripts))
        .layer(from_fn_with_state(platform.clone(), set_headers))
        .layer(from_fn(drain))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(PagesAndJson));
    observe(router, platform, name_page)
}

/// Routes with bodies of at most [`BODY_LIMIT`](super::body_memory::BODY_LIMIT), which are read before their handlers.
pub fn with_small_bodies(router: Router) -> Router {
    router.layer(from_fn(finish)).layer(from_fn(limit_body))
}

/// Routes whose handlers read bodies as they arrive, with their own limits.
pub fn with_streamed_bodies(router: Router) -> Router {
    router.layer(from_fn(finish)).layer(DefaultBodyLimit::disable())
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// Returns the response to a body that arrived too slowly. The rest of it is not read.
pub fn too_slow() -> Response {
    let error = AppError::new(ErrorKind::TooSlow, "The request timed out. Send it again.");
    ([(header::CONNECTION, "close")], error).into_response()
}

/// Reads small bodies before a handler does, so that an endless one is rejected with 413 for any handler, and a slow
/// one with 408.
pub async fn limit_body(platform: Platform, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    with_small_body(&platform, request, |request| next.run(request)).await
}

/// Does the same for one body of a route whose other bodies are streamed.
pub async fn with_small_body<F>(platform: &Platform, request: Request, handle: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    with_body_of(platform, request, BODY_LIMIT, handle).await
}

/// Does the same for a body of at most `limit` bytes.
pub async fn with_body_of<F>(
    platform: &Platform,
    request: Request,
    limit: usize,
    handle: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let (parts, body) = request.into_parts();
    let network = client_network(platform, &parts).unwrap_or_default();
    let reading = platform.bodies.read_up_to(limit, body, &network);
    let reading = timeout(2 * platform.config.attachments.body_grace, reading).await;
    let Ok(read) = reading else { return too_slow() };
    match read {
        // Reserved until the response: a handler keeps what it read of the body.
        Ok((bytes, _room)) => handle(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => error.into_response(),
    }
}

/// Finishes changes even if the client disconnects: nothing stays locked or incomplete, and a retry finds it done. A
/// body that ends early is still an error for its reader.
pub async fn finish(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let id = request.extensions().get::<RequestId>().copied();
    let work = next.run(request).in_current_span();
    let answered = match id {
        Some(id) => tokio::spawn(id.scope(work)).await,
        None => tokio::spawn(work).await,
    };
    answered.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Gives every error of an API route the common shape, including those of the framework, and a method that a page
/// lacks, which no browser requests.
async fn shape_errors(request: Request, next: Next) -> Response {
    let api = is_api(request.uri().path());
    let method = request.method().clone();
    let id = request.extensions().get::<RequestId>().copied();
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let is_json = has_type(&response, "application/json");
    if status == StatusCode::INTERNAL_SERVER_ERROR && !api && !is_json && !has_type(&response, "text/html") {
        return error_page();
    }
    let is_shaped =
        is_json || (api && status != StatusCode::RANGE_NOT_SATISFIABLE) || status == StatusCode::METHOD_NOT_ALLOWED;
    if !is_shaped || !failed {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let mut json = serde_json::from_slice::<serde_json::Value>(&bytes).unwrap_or_default();
    if json["data"]["kind"].is_string() {
        // The error of a server function is only its body.
        if let Some(seconds) = json["data"]["retryAfter"].as_u64() {
            parts.headers.entry(header::RETRY_AFTER).or_insert(seconds.into());
        }
        if let Some(id) = id {
            note_id(&mut json, id);
        }
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(json.to_string()));
    }
    let text = json["error"].as_str().map_or_else(|| String::from_utf8_lossy(&bytes).into_owned(), str::to_owned);
    let error = from_status(status, text);
    let mut json = error.to_json();
    if let Some(id) = id {
        note_id(&mut json, id);
    }
    let mut shaped = (error.status(), axum::Json(json)).into_response();
    // Says which methods there are (RFC 9110 §15.5.6).
    if let Some(allow) = parts.headers.remove(header::ALLOW) {
        shaped.headers_mut().insert(header::ALLOW, allow);
    }
    if method == Method::HEAD {
        *shaped.body_mut() = Body::empty();
    }
    shaped
}

fn has_type(response: &Response, content_type: &str) -> bool {
    let found = response.headers().get(header::CONTENT_TYPE);
    found.is_some_and(|value| value.as_bytes().starts_with(content_type.as_bytes()))
}

/// Adds the id to an error. The message of an unexpected one names it, also where a task that did not know the id has made it.
fn note_id(json: &mut serde_json::Value, id: RequestId) {
    json["requestId"] = id.to_string().into();
    if json["data"]["kind"] == "internal" {
        let message = AppError::internal_of(Some(id)).message;
        json["data"]["message"] = message.as_str().into();
        json["message"] = message.into();
    }
}

/// What a person sees where a page failed: without it, the framework's own words.
fn error_page() -> Response {
    let message = AppError::internal().message;
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Something went wrong</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\
         <body><main><h1>Something went wrong</h1><p>{message}</p></main></body></html>"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, axum::response::Html(page)).into_response()
}

fn from_status(status: StatusCode, text: String) -> AppError {
    match status {
        StatusCode::NOT_FOUND => AppError::new(
            ErrorKind::NotFound,
            "No such route. See the API reference at \
            /api/docs.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => AppError::new(
            ErrorKind::MethodNotAllowed,
            "This route does not allow this method. See the API reference \
                at /api/docs.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            AppError::new(ErrorKind::TooLarge, "The body is larger than this route accepts.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::new(ErrorKind::UnsupportedMediaType, text),
        status if status.is_client_error() => AppError::new(ErrorKind::MalformedRequest, text),
        status => AppError::unexpected("a handler failed", format!("{status}: {text}")),
    }
}

/// Sets security and caching headers. A handler's own headers are kept.
async fn set_headers(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let is_https = is_https_by(&platform, request.headers());
    let api = is_api(request.uri().path());
    let font = request.uri().path().starts_with("/fonts/");
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let (is_page, is_stream) = (has_type(&response, "text/html"), has_type(&response, "text/event-stream"));
    let headers = response.headers_mut();
    if is_page {
        let csp = HeaderValue::from_str(&page_csp(&platform)).expect("checked origins make a valid header");
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(csp);
    }
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    if is_https {
        default(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "same-origin");
    if api || is_page {
        // Both are rendered for one person.
        default(header::CACHE_CONTROL, "private, no-store");
    } else if font && found {
        default(header::CACHE_CONTROL, CACHE_CONTROL_FONT);
    }
    if is_stream {
        // nginx would keep events until it has some kilobytes of them.
        default(HeaderName::from_static("x-accel-buffering"), "no");
    }
    if is_page {
        default(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
        default(header::X_FRAME_OPTIONS, "DENY");
        default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
    response
}

/// Files are sent unchanged, event streams must not be buffered, and static assets are compressed at build time.
#[derive(Clone, Copy)]
struct PagesAndJson;

impl Predicate for PagesAndJson {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
            value.as_bytes().starts_with(b"text/html") || value.as_bytes().starts_with(b"application/json")
        })
    }
}

/// Returns whether the browser used https, as far as known.
pub fn is_https(platform: &Platform, parts: &Parts) -> bool {
    is_https_by(platform, &parts.headers)
}

fn is_https_by(platform: &Platform, headers: &HeaderMap) -> bool {
    match &platform.config.public_url {
        Some(url) => url.starts_with("https://"),
        None => forwarded::is_https(headers, platform.config.trusted_proxies),
    }
}

/// Scheme and host of this request, for absolute links.
#[derive(Debug, Clone)]
pub struct BaseUrl(pub String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for BaseUrl {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let platform = Platform::from_request_parts(parts, state).await?;
        if let Some(url) = &platform.config.public_url {
            return Ok(Self(url.clone()));
        }
        let scheme = if is_https(&platform, parts) { "https" } else { "http" };
        let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
        let host = header_text(&parts.headers, &header::HOST)
            .or(authority)
            .map_or_else(|| platform.config.address.to_string(), str::to_owned);
        Ok(Self(format!("{scheme}://{host}")))
    }
}

/// Adds a cookie to the response of the running server function.
pub fn set_cookie(cookie: HeaderValue) {
    add_header(header::SET_COOKIE, cookie);
}

/// Adds a header to the response of the running server function, also on failure, because its error alone has none.
/// Does nothing outside of one.
pub fn add_header(name: HeaderName, value: HeaderValue) {
    if let Some(context) = FullstackContext::current() {
        context.add_response_header(name, value);
    }
}
