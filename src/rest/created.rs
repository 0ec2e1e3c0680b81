//! The response to the creation of a resource.

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use serde::Serialize;

use super::ROOT;

/// Returns 201 with `Location`. `place` is the path of the new resource under the root of the API.
pub fn created<T: Serialize>(place: &str, thing: T) -> impl IntoResponse + use<T> {
    (StatusCode::CREATED, [(LOCATION, format!("{ROOT}/{place}"))], axum::Json(thing))
}
