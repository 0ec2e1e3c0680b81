//! Requests of scripts on other sites: what the REST API permits them, and what is refused. No cookie counts there.

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Platform;
use super::error::{AppError, ErrorKind};
use super::forwarded::is_same_host;

/// The path of the REST API.
const REST_API: &str = "/api/v1/";
/// The path of incoming URLs, which are authenticated by a secret in the URL.
const HOOKS: &str = "/api/hooks/";
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// The request headers that scripts may set.
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, Range, If-Range, If-Match, If-None-Match");
/// The response headers that scripts may read.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Replayed, X-Request-Id, \
     ETag, Accept-Ranges, Content-Range, Content-Length, Content-Disposition",
);
/// How long browsers may keep the answer to a preflight, in seconds.
const PREFLIGHT_MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// Lets scripts of any site use the REST API (the CORS protocol of the Fetch standard). Without
/// `Access-Control-Allow-Credentials`, so that browsers send no cookies: a script needs a token.
pub async fn permit_scripts(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(REST_API) {
        return next.run(request).await;
    }
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    }
    response
}

/// Rejects state-changing requests that a browser sends on behalf of another site. Programs send no Origin and pass. Requests
/// to the REST API with a token, and to incoming URLs, have no authority of a cookie and pass too.
pub async fn check_origin(request: Request, next: Next) -> Response {
    if request.method().is_safe() || has_token(&request) || request.uri().path().starts_with(HOOKS) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let is_foreign = match headers.get(header::ORIGIN) {
        Some(origin) => !is_own_origin(origin, &request),
        None => headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none"),
    };
    if is_foreign {
        let message = "This request came from another site. Use Attaché at its own address. Behind a proxy, pass the \
            Host header on or set PUBLIC_URL.";
        return AppError::new(ErrorKind::CrossOrigin, message).into_response();
    }
    next.run(request).await
}

/// Does the same on routes whose PUT has a signature.
pub async fn check_origin_unless_signed(request: Request, next: Next) -> Response {
    if request.method() == Method::PUT { next.run(request).await } else { check_origin(request, next).await }
}

/// Returns whether the request is authenticated by its Authorization header, and so never by a cookie. Browsers add that header
/// to no request by themselves.
fn has_token(request: &Request) -> bool {
    let scheme = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_bearer = scheme.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    is_bearer && request.uri().path().starts_with(REST_API)
}

fn is_own_origin(origin: &HeaderValue, request: &Request) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    let asked = header_text(request.headers(), &header::HOST).or(authority).unwrap_or_default();
    let public = request.extensions().get::<Platform>().and_then(|platform| platform.config.public_url.as_deref());
    is_same_host(origin, asked) || public == Some(origin)
}

pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
