//! The answer to what made something.

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::Serialize;

use super::ROOT;

/// `place` is the path of the new thing under the root of the API.
pub fn created<T: Serialize>(place: &str, thing: T) -> impl IntoResponse + use<T> {
    (StatusCode::CREATED, [(LOCATION, format!("{ROOT}/{place}"))], axum::Json(thing))
}
