//! The files of a share link, for who may open it.

use axum::extract::{Path, Query};
use axum::http::Method;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use futures::{StreamExt, stream};

use super::super::store::{self, SharedRow};
use super::{Access, REQUESTS, THUMBNAILS, access, count_use, count_visit, failed, not_found, set_privacy, visitor};
use crate::attachments::file_name::FileName;
use crate::attachments::model::AttachmentId;
use crate::attachments::serve::{ServeAttachmentQuery, ThumbnailQuery, begins_download, respond};
use crate::attachments::service::{served_preview, served_to_strangers, subject};
use crate::audit::model::Action;
use crate::audit::service as audit;
use crate::files::zip_stream::{Noted, ZipEntry, headers, zip};
use crate::pictures::service::logo_for_strangers;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};

/// `GET /s/{token}/{file}`: a file of a link, to look at or, with `download=1`, to save.
pub async fn share_file(
    platform: Platform,
    Path((token, file)): Path<(String, String)>,
    Query(query): Query<ServeAttachmentQuery>,
    parts: Parts,
) -> Response {
    let served = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        let Some(file) = open_file(&platform, &token, &file, &parts).await? else {
            return Ok(Redirect::to(&format!("/s/{token}")).into_response());
        };
        count_use(&platform, &file).await?;
        serve(&platform, &file, query.is_download(), &parts).await
    };
    private(served.await)
}

/// `GET /s/{token}/{file}/thumbnail?size=feed|view|poster`: what the page shows of a file. Never counted, and never the file.
pub async fn share_thumbnail(
    platform: Platform,
    Path((token, file)): Path<(String, String)>,
    Query(query): Query<ThumbnailQuery>,
    parts: Parts,
) -> Response {
    let served = async {
        count_visit(&platform, &parts, THUMBNAILS).await?;
        let Some(row) = open_file(&platform, &token, &file, &parts).await? else { return Ok(not_found()) };
        let preview = served_preview(&platform, row.file.id, query.derived()?).await?;
        respond(&platform, &preview, &parts.method, &parts.headers).await
    };
    private(served.await)
}

fn private(served: Result<Response>) -> Response {
    let mut response = served.unwrap_or_else(failed);
    set_privacy(response.headers_mut());
    response
}

/// A file of a link; none when a password is asked for.
async fn open_file(platform: &Platform, token: &str, file: &str, parts: &Parts) -> Result<Option<SharedRow>> {
    let files = match access(platform, token, &parts.headers).await? {
        Access::Open(files) => files,
        Access::Locked(_) => return Ok(None),
        Access::Nothing => return Err(AppError::not_found("file")),
    };
    let id = file.parse().ok().map(AttachmentId);
    let row = files.into_iter().find(|row| Some(row.file.id) == id);
    row.map(Some).ok_or_else(|| AppError::not_found("file"))
}

/// `GET /s/{token}/logo`: the organization whose link it is, also for who has yet to enter the password.
pub async fn share_logo(platform: Platform, Path(token): Path<String>, parts: Parts) -> Response {
    let served = async {
        count_visit(&platform, &parts, THUMBNAILS).await?;
        let files = match access(&platform, &token, &parts.headers).await? {
            Access::Open(files) | Access::Locked(files) => files,
            Access::Nothing => return Ok(not_found()),
        };
        let logo = logo_for_strangers(&platform, files[0].file.organization_id, files[0].logo_id).await?;
        Ok(logo.into_response(&parts.method))
    };
    private(served.await)
}

/// `GET /s/{token}/zip`: all files of a link. It counts as one download.
pub async fn share_zip(platform: Platform, Path(token): Path<String>, parts: Parts) -> Response {
    let served = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        let files = match access(&platform, &token, &parts.headers).await? {
            Access::Open(files) => files,
            Access::Locked(_) => return Ok(Redirect::to(&format!("/s/{token}")).into_response()),
            Access::Nothing => return Ok(not_found()),
        };
        count_use(&platform, &files[0]).await?;
        let name = FileName::new(&format!("{} files.zip", files[0].organization_name));
        if parts.method == Method::HEAD {
            return Ok(headers(&name).into_response());
        }
        if !store::count_download(platform.db.on(), files[0].link_id).await? {
            return Ok(not_found());
        }
        let noted = Noted { by: visitor(&platform, &files[0], &parts), action: Action::ShareDownloaded };
        let entries = stream::iter(files).then({
            let platform = platform.clone();
            move |row| zip_entry(platform.clone(), row)
        });
        Ok(zip(platform.clone(), Some(noted), &name, entries))
    };
    private(served.await)
}

async fn zip_entry(platform: Platform, row: SharedRow) -> Result<ZipEntry> {
    let served = served_to_strangers(&platform, &row.file, true).await;
    if let Err(error) = &served {
        tracing::warn!(%error, file = %row.file.id, "reading for a zip");
    }
    Ok(ZipEntry {
        name: row.file.file_name().for_download(None, &row.file.content_type),
        key: served.ok().map(|served| served.key),
        size: u64::try_from(row.file.file_size).unwrap_or(0),
        modified: row.file.uploaded_at.unwrap_or(row.expires_at),
        subject: subject(&row.file),
    })
}

async fn serve(platform: &Platform, row: &SharedRow, download: bool, parts: &Parts) -> Result<Response> {
    let mut headers = parts.headers.clone();
    let limited = row.max_downloads.is_some();
    if limited {
        // A part would be a way around the count.
        for name in [header::RANGE, header::IF_NONE_MATCH] {
            headers.remove(name);
        }
    }
    let response =
        respond(platform, &served_to_strangers(platform, &row.file, download).await?, &parts.method, &headers).await?;
    let counts = (limited || download) && begins_download(&parts.method, &headers, &response);
    if !counts {
        return Ok(response);
    }
    // Counted when it is sure that there is something to send, and before it is sent.
    if !store::count_download(platform.db.on(), row.link_id).await? {
        return Ok(not_found());
    }
    let by = visitor(platform, row, parts);
    audit::note(platform, &by, Action::ShareDownloaded, &subject(&row.file)).await;
    Ok(response)
}
