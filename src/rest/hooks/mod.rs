//! `POST /api/hooks/{secret}`: what other programs send to an incoming URL, in their own formats. The secret in the URL
//! authenticates, so neither a cookie nor the Origin of a request matters.

mod answer;
mod form;
mod receive;

use std::sync::Arc;

use axum::routing::post;
use axum::{Extension, Router};

use super::limits::Limits;
use crate::platform::http::with_streamed_bodies;

/// Returns the route. Its requests are counted with those of the REST API.
pub fn router(limits: Arc<Limits>) -> Router {
    with_streamed_bodies(Router::new().route("/api/hooks/{secret}", post(receive::receive_hook)))
        .layer(Extension(limits))
}
