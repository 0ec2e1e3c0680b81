//! What holds for every request: the shape of errors, the Origin check, security headers, compression.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
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

use super::Platform;
use super::client_address::client_network;
use super::error::{AppError, ErrorKind};
use super::forwarded::{self, is_same_host};
use super::linger::linger;
use super::serve::refuse_ambiguous;
use super::storage::signed_url::UPLOAD_PATH;

/// The names of fonts have no hash as those of assets do. One of last month shows the same letters.
const CACHE_CONTROL_FONT: &str = "public, max-age=2592000";

/// What a browser must not offer to pages: none of them asks for it.
const PERMISSIONS_POLICY: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
    microphone=(), midi=(), payment=(), usb=()";
/// Browsers come by https only for a year.
const HSTS: &str = "max-age=31536000";

/// Scripts: Dioxus writes the data for hydration as inline scripts whose text differs from page to page and takes no nonce,
/// so `unsafe-inline` stays for scripts; WebAssembly needs `wasm-unsafe-eval`. Styles: a tile's size is a style attribute.
/// Pictures and uploads may be on the store's host; no other host is named.
fn page_csp(platform: &Platform) -> String {
    let store = platform.config.store_origins();
    // The tool that rebuilds a page while it is developed speaks over another port.
    let developing = if cfg!(debug_assertions) { " ws: http://localhost:* http://127.0.0.1:*" } else { "" };
    format!(
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' blob: data:{store}; media-src 'self' blob:{store}; connect-src 'self'{store}{developing}; \
         worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Wraps a router in what holds for all.
pub fn with_common_layers(router: Router, platform: &Platform) -> Router {
    router
        .layer(from_fn(finish))
        .layer(from_fn(limit_body))
        .layer(from_fn(check_origin))
        .layer(axum::Extension(platform.clone()))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(refuse_ambiguous))
        .layer(from_fn(shape_errors))
        .layer(from_fn_with_state(platform.clone(), set_headers))
        .layer(from_fn(linger))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(PagesAndJson))
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path == "/healthz" || path == "/readyz"
}

/// Where local disk takes the bytes that a signed URL announces. Other routes begin with the same path.
fn is_signed_upload(request: &Request) -> bool {
    request.method() == Method::PUT && request.uri().path().starts_with(UPLOAD_PATH)
}

/// Routes that read files as they come, with limits of their own.
fn is_streamed(request: &Request) -> bool {
    let path = request.uri().path();
    is_signed_upload(request) || matches!(path, "/api/v1/attachments/upload" | "/api/v1/messages/with-attachment")
}

/// The answer to a body that came slower than anybody's line. The rest of it is not waited for.
pub fn too_slow() -> Response {
    let error = AppError::new(ErrorKind::TooSlow, "The request timed out. Send it again.");
    ([(header::CONNECTION, "close")], error).into_response()
}

/// Reads small bodies before a handler does, so that an endless one is cut off with 413 whatever the handler expects, and one that
/// trickles with 408.
async fn limit_body(platform: Platform, request: Request, next: Next) -> Response {
    if is_streamed(&request) || request.method().is_safe() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let network = client_network(&platform, &parts).unwrap_or_default();
    let reading = timeout(2 * platform.config.attachments.body_patience, platform.bodies.read(body, &network)).await;
    let Ok(read) = reading else { return too_slow() };
    match read {
        // The room is held until the answer: a handler keeps what it read of the body.
        Ok((bytes, _room)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => error.into_response(),
    }
}

/// Does to its end what changes something, also when the client hangs up meanwhile: nothing stays held or half done, and who asks again
/// finds it done. A body that breaks off is an error to its reader as ever.
async fn finish(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let answered = tokio::spawn(next.run(request)).await;
    answered.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Refuses state-changing requests that a browser sends on behalf of another site. Programs send no Origin and pass; the
/// signed uploads carry no cookie's authority and pass too.
async fn check_origin(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_signed_upload(&request) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let foreign = match headers.get(header::ORIGIN) {
        Some(origin) => !is_own_origin(origin, &request),
        None => headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none"),
    };
    if foreign {
        let message = "This request came from another site. Use Attaché at its own address. Behind a proxy, pass the \
            Host header on or set PUBLIC_URL.";
        return AppError::new(ErrorKind::CrossOrigin, message).into_response();
    }
    next.run(request).await
}

fn is_own_origin(origin: &HeaderValue, request: &Request) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    let asked = header_text(request.headers(), "host").or(authority).unwrap_or_default();
    let public = request.extensions().get::<Platform>().and_then(|platform| platform.config.public_url.as_deref());
    is_same_host(origin, asked) || public == Some(origin)
}

/// Gives every failure of an API route the one shape, also those that the framework makes; a method that a page lacks too, which no
/// browser asks for.
async fn shape_errors(request: Request, next: Next) -> Response {
    let api = is_api(request.uri().path());
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let is_shaped = api || status == StatusCode::METHOD_NOT_ALLOWED;
    if !is_shaped || !failed || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let json = serde_json::from_slice::<serde_json::Value>(&bytes).unwrap_or_default();
    if json["data"]["kind"].is_string() {
        // The error of a server function is only its body.
        if let Some(seconds) = json["data"]["retryAfter"].as_u64() {
            parts.headers.entry(header::RETRY_AFTER).or_insert(seconds.into());
        }
        return Response::from_parts(parts, Body::from(bytes));
    }
    let text = json["error"].as_str().map_or_else(|| String::from_utf8_lossy(&bytes).into_owned(), str::to_owned);
    let mut shaped = from_status(status, text).into_response();
    // Says which methods there are (RFC 9110 §15.5.6).
    if let Some(allow) = parts.headers.remove(header::ALLOW) {
        shaped.headers_mut().insert(header::ALLOW, allow);
    }
    if method == Method::HEAD {
        *shaped.body_mut() = Body::empty();
    }
    shaped
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

/// Security and caching headers. A handler that set one itself keeps it.
async fn set_headers(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let is_https = is_https_by(&platform, request.headers());
    let api = is_api(request.uri().path());
    let font = request.uri().path().starts_with("/fonts/");
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
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
        // Both are made for one person.
        default(header::CACHE_CONTROL, "private, no-store");
    } else if font && found {
        default(header::CACHE_CONTROL, CACHE_CONTROL_FONT);
    }
    if is_page {
        default(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
        default(header::X_FRAME_OPTIONS, "DENY");
        default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
    response
}

/// Files are served as they are, event streams must not wait, and static assets are compressed at build time.
#[derive(Clone, Copy)]
struct PagesAndJson;

impl Predicate for PagesAndJson {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
            value.as_bytes().starts_with(b"text/html") || value.as_bytes().starts_with(b"application/json")
        })
    }
}

/// Whether the browser came by https, as far as we can know.
pub fn is_https(platform: &Platform, parts: &Parts) -> bool {
    is_https_by(platform, &parts.headers)
}

fn is_https_by(platform: &Platform, headers: &HeaderMap) -> bool {
    match &platform.config.public_url {
        Some(url) => url.starts_with("https://"),
        None => forwarded::is_https(headers, platform.config.trusted_proxies),
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Scheme and host under which this request reached us, for links that leave the page.
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
        let host = header_text(&parts.headers, "host")
            .or(authority)
            .map_or_else(|| platform.config.address.to_string(), str::to_owned);
        Ok(Self(format!("{scheme}://{host}")))
    }
}

/// Adds a cookie to the answer of the server function that is running.
pub fn set_cookie(cookie: HeaderValue) {
    add_header(header::SET_COOKIE, cookie);
}

/// Adds a header to the answer of the server function that is running, also when it fails: its error alone carries none.
/// Outside of one it does nothing.
pub fn add_header(name: HeaderName, value: HeaderValue) {
    if let Some(context) = FullstackContext::current() {
        context.add_response_header(name, value);
    }
}
