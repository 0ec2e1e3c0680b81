//! Numbers of requests, by the pattern of their route, so that clients can't create new series.

use std::time::Duration;

use axum::http::StatusCode;
use metrics::{Counter, counter, histogram};

use super::request::RoutePattern;

pub const REQUESTS: &str = "attache_http_requests_total";
pub const DURATION: &str = "attache_http_request_duration_seconds";
pub const RECEIVED: &str = "attache_http_received_bytes_total";
pub const SENT: &str = "attache_http_sent_bytes_total";

/// Counts one answer. `took` ends where the answer begins.
pub fn count_answer(method: &'static str, route: &RoutePattern, status: StatusCode, took: Duration) {
    let route = route.as_str().to_owned();
    let status = status.as_str().to_owned();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status).increment(1);
    histogram!(DURATION, "method" => method, "route" => route).record(took);
}

/// Counts the bytes of bodies, both ways.
pub struct Bytes {
    pub received: Counter,
    pub sent: Counter,
}

impl Bytes {
    pub fn of(route: &RoutePattern) -> Self {
        let route = route.as_str().to_owned();
        Self { received: counter!(RECEIVED, "route" => route.clone()), sent: counter!(SENT, "route" => route) }
    }
}
