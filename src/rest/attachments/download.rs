//! `GET /attachments/{id}/download`, and the public download

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::files::attachments::download_url;
use crate::files::attachments::download_url::{DownloadUrl, Grant};
use crate::files::attachments::serve::{begins_download, respond_public, serve};
use crate::files::attachments::service::prepare_public;
use crate::ids::{AttachmentId, MemberId, OrganizationId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::Result;
use crate::platform::http::BaseUrl;
use crate::platform::prefetch::reject_prefetch;
use crate::platform::timestamp::Timestamp;
use crate::rest::ROOT;
use crate::rest::body::{Path, Query};
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Redirecting {
    /// `false` returns the URL as JSON instead. Defaults to true.
    redirect: Option<bool>,
}

/// The URL of a file. Fetch it without the access token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FileUrl)]
pub struct FileUrl {
    #[schema(
        example = "https://files.example.com/api/v1/attachments/019f8000-0000-7000-8000-000000000000/download/signed"
    )]
    url: String,
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z")]
    expires_at: Timestamp,
}

/// Downloads a file, named after the contact who sent it.
///
/// Supports range and conditional requests. With an S3 store, the response is a redirect to a URL that is valid for an
/// hour. Follow it (`curl -L`). Clients that send the access token on to the store (wget, urllib, Java) are rejected there: they
/// ask with `redirect=false` for the URL, and fetch that without the token.
#[utoipa::path(
    get,
    path = "/attachments/{id}/download",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file."), Redirecting),
    responses(
        (status = 200, description = "The file, or with `redirect=false` a `FileUrl` in JSON.", content_type = "*/*"),
        (status = 206, description = "The requested range.", content_type = "*/*"),
        (status = 302, description = "The URL of the file in the store."),
        (status = 304, description = "Not modified."),
        (status = 412, description = "The file's ETag doesn't match If-Match.", body = ErrorBody),
        (status = 416, description = "The range is outside the file.", body = ErrorBody)
    )
)]
pub async fn download_attachment(
    platform: Platform,
    caller: Caller,
    Path(id): Path<AttachmentId>,
    Query(redirecting): Query<Redirecting>,
    BaseUrl(base): BaseUrl,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    if redirecting.redirect.unwrap_or(true) {
        return serve(&platform, &caller.member, id, None, true, &method, &headers).await;
    }
    reject_prefetch(&headers)?;
    let (url, expires_at) = match download_url::download_url(&platform, &caller.member, id).await? {
        DownloadUrl::Store { url, expires_at } => (url, expires_at),
        DownloadUrl::Server { grant, signature } => {
            let query = Signed::new(grant, signature).query();
            (format!("{base}{ROOT}/attachments/{id}/download/signed?{query}"), grant.expires_at)
        }
    };
    Ok(axum::Json(FileUrl { url, expires_at }).into_response())
}

/// The query of a signed URL.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Signed {
    organization: OrganizationId,
    member: MemberId,
    token: Option<Uuid>,
    /// Unix milliseconds.
    expires: i64,
    signature: String,
}

impl Signed {
    fn new(grant: Grant, signature: String) -> Self {
        let Grant { organization, member, token, expires_at } = grant;
        Self { organization, member, token, expires: expires_at.0, signature }
    }

    fn query(&self) -> String {
        let token = self.token.map(|token| format!("&token={token}")).unwrap_or_default();
        let Self { organization, member, expires, signature, .. } = self;
        format!("organization={organization}&member={member}{token}&expires={expires}&signature={signature}")
    }

    fn grant(&self) -> Grant {
        let Self { organization, member, token, expires, .. } = self;
        Grant { organization: *organization, member: *member, token: *token, expires_at: Timestamp(*expires) }
    }
}

/// Downloads a file by the URL that `redirect=false` returned.
///
/// Supports range and conditional requests. Permissions are checked again.
#[utoipa::path(
    get,
    path = "/attachments/{id}/download/signed",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file."), Signed),
    responses(
        (status = 200, description = "The file.", content_type = "*/*"),
        (status = 206, description = "The requested range.", content_type = "*/*"),
        (status = 302, description = "The URL of the file in the store."),
        (status = 304, description = "Not modified."),
        (status = 401, description = "The member or the access token is no longer valid.", body = ErrorBody),
        (status = 403, description = "The URL was changed or has expired.", body = ErrorBody),
        (status = 412, description = "The file's ETag doesn't match If-Match.", body = ErrorBody),
        (status = 416, description = "The range is outside the file.", body = ErrorBody)
    )
)]
pub async fn download_signed_attachment(
    platform: Platform,
    Path(id): Path<AttachmentId>,
    Query(signed): Query<Signed>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let member = signed.grant().redeem(&platform, id, &signed.signature).await?;
    serve(&platform, &member, id, None, true, &method, &headers).await
}

/// Downloads a public file: a file in a bucket with public downloads, or the icon of such a bucket.
///
/// Turning public downloads off takes effect immediately. Supports range and conditional requests.
#[utoipa::path(
    get,
    path = "/attachments/{id}/download/public",
    tag = "Attachments",
    params(("id" = AttachmentId, Path, description = "The ID of the file.")),
    responses(
        (status = 200, description = "The file.", content_type = "*/*"),
        (status = 206, description = "The requested range.", content_type = "*/*"),
        (status = 304, description = "Not modified."),
        (status = 404, description = "The file doesn't exist or isn't public.", body = ErrorBody),
        (status = 412, description = "The file's ETag doesn't match If-Match.", body = ErrorBody),
        (status = 416, description = "The range is outside the file.", body = ErrorBody)
    )
)]
pub async fn download_public_attachment(
    platform: Platform,
    Path(id): Path<AttachmentId>,
    parts: Parts,
) -> Result<Response> {
    let file = prepare_public(&platform, id).await?;
    let response = respond_public(&platform, &file.served, &parts.method, &parts.headers).await?;
    if begins_download(&parts.method, &parts.headers, &response) {
        let by = By::anybody(file.organization, client_network(&platform, &parts));
        audit::note(&platform, &by, Action::Downloaded, &file.subject).await;
    }
    Ok(response)
}
