//! `POST /api/contacts/import/preview`: the body is the file.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};

use super::model::FILE_MAX;
use super::service;
use crate::people::contacts::service::check_may_create;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::AppError;
use crate::platform::http::with_body_of;

/// Returns what an import of the file would change. Changes nothing.
pub async fn preview_contacts(platform: Platform, member: Member, request: Request) -> Response {
    if let Err(error) = check_may_create(&member) {
        return error.into_response();
    }
    let (platform, member) = (&platform, &member);
    with_body_of(platform, request, FILE_MAX, |request| async move {
        let Ok(bytes) = Bytes::from_request(request, &()).await else { return AppError::cut_off().into_response() };
        match service::preview(platform, member, bytes.to_vec()).await {
            Ok(preview) => Json(preview).into_response(),
            Err(error) => error.into_response(),
        }
    })
    .await
}
