//! HTTP routes for the files of a share link.

use axum::extract::{Path, Query};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use futures::{StreamExt, stream};

use super::super::store::SharedRow;
use super::downloads::{Begun, Download};
use super::{
    Access, REQUESTS, THUMBNAILS, access, access_to_bytes, count_use, failed, not_found, prefetch_rejected, visitor,
};
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::serve::{ServeAttachmentQuery, ThumbnailQuery, is_sent, respond};
use crate::files::attachments::service::{served_preview, served_publicly, subject};
use crate::files::library::zip_stream::{Content, Noted, ZipEntry, headers, zip};
use crate::files::link_access::{count_visit, set_privacy};
use crate::files::pictures::service::public_logo;
use crate::ids::AttachmentId;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::prefetch::is_prefetch;

/// `GET /s/{token}/{file}`: a file of a link, to view or, with `download=1`, to save. Both count as a download.
pub async fn share_file(
    platform: Platform,
    Path((token, file)): Path<(String, String)>,
    Query(query): Query<ServeAttachmentQuery>,
    parts: Parts,
) -> Response {
    let served = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        let row = match access_to_bytes(&platform, &token, &parts.headers).await? {
            Access::Open(files) => chosen(files, &file)?,
            Access::Locked(_) => return Ok(Redirect::to(&format!("/s/{token}")).into_response()),
            Access::Nothing => return Ok(not_found()),
        };
        count_use(&platform, &row).await?;
        if is_prefetch(&parts.headers) {
            return Ok(prefetch_rejected());
        }
        let download = Download::of_file(&platform, &token, &row, &parts)?;
        serve(&platform, &row, &download, query.is_download(), &parts).await
    };
    private(served.await)
}

/// `GET /s/{token}/{file}/thumbnail?size=feed|view|poster`: a preview for the page. Never counted, and never the file
/// itself.
pub async fn share_thumbnail(
    platform: Platform,
    Path((token, file)): Path<(String, String)>,
    Query(query): Query<ThumbnailQuery>,
    parts: Parts,
) -> Response {
    let served = async {
        count_visit(&platform, &parts, THUMBNAILS).await?;
        let Access::Open(files) = access(&platform, &token, &parts.headers).await? else { return Ok(not_found()) };
        let row = chosen(files, &file)?;
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

/// `GET /s/{token}/logo`: the organization's logo, also before the password.
pub async fn share_logo(platform: Platform, Path(token): Path<String>, parts: Parts) -> Response {
    let served = async {
        count_visit(&platform, &parts, THUMBNAILS).await?;
        let files = match access(&platform, &token, &parts.headers).await? {
            Access::Open(files) | Access::Locked(files) => files,
            Access::Nothing => return Ok(not_found()),
        };
        let logo = public_logo(&platform, files[0].file.organization_id, files[0].logo_id).await?;
        Ok(logo.into_response(&parts.method))
    };
    private(served.await)
}

fn chosen(files: Vec<SharedRow>, file: &str) -> Result<SharedRow> {
    let id = file.parse().ok().map(AttachmentId);
    files.into_iter().find(|row| Some(row.file.id) == id).ok_or_else(|| AppError::not_found("file"))
}

/// `GET /s/{token}/zip`: all files of a link. Counted as one download.
pub async fn share_zip(platform: Platform, Path(token): Path<String>, parts: Parts) -> Response {
    let served = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        let files = match access_to_bytes(&platform, &token, &parts.headers).await? {
            Access::Open(files) => files,
            Access::Locked(_) => return Ok(Redirect::to(&format!("/s/{token}")).into_response()),
            Access::Nothing => return Ok(not_found()),
        };
        count_use(&platform, &files[0]).await?;
        if is_prefetch(&parts.headers) {
            return Ok(prefetch_rejected());
        }
        let download = Download::of_zip(&platform, &token, &files[0], &parts)?;
        let name = FileName::new(&format!("{} files.zip", files[0].organization_name));
        if parts.method == Method::HEAD {
            let is_there = !files[0].is_used_up() || download.is_under_way(&platform).await?;
            return Ok(if is_there { headers(&name).into_response() } else { not_found() });
        }
        let begun = download.begin(&platform).await?;
        let noted = match begun {
            Begun::Counted => {
                Some(Noted { by: visitor(&platform, &files[0], &parts), action: Action::ShareDownloaded })
            }
            Begun::GoesOn => None,
            Begun::UsedUp => return Ok(not_found()),
        };
        let entries = stream::iter(files).then({
            let platform = platform.clone();
            move |row| zip_entry(platform.clone(), row)
        });
        Ok(with_cookie(zip(platform.clone(), noted, &name, entries), begun, &download))
    };
    private(served.await)
}

async fn zip_entry(platform: Platform, row: SharedRow) -> Result<ZipEntry> {
    let served = served_publicly(&platform, &row.file, true).await;
    if let Err(error) = &served {
        tracing::warn!(%error, file = %row.file.id, "reading for a zip");
    }
    Ok(ZipEntry {
        name: row.file.file_name().for_download(None, &row.file.content_type),
        folder: None,
        content: served.map_or(Content::Missing, |served| Content::Object(served.key)),
        size: row.file.file_size.0,
        modified: row.file.uploaded_at.unwrap_or(row.expires_at),
        subject: subject(&row.file),
    })
}

async fn serve(
    platform: &Platform,
    row: &SharedRow,
    download: &Download,
    save: bool,
    parts: &Parts,
) -> Result<Response> {
    if row.is_used_up() && !download.is_under_way(platform).await? {
        return Ok(not_found());
    }
    let file = served_publicly(platform, &row.file, save).await?;
    let response = respond(platform, &file, &parts.method, &parts.headers).await?;
    if !is_sent(&parts.method, &response) {
        return Ok(response);
    }
    // Counted when it is certain that there is something to send, and before it is sent.
    let begun = download.begin(platform).await?;
    match begun {
        Begun::UsedUp => return Ok(not_found()),
        Begun::GoesOn => {}
        Begun::Counted => {
            let by = visitor(platform, row, parts);
            audit::note(platform, &by, Action::ShareDownloaded, &subject(&row.file)).await;
        }
    }
    Ok(with_cookie(response, begun, download))
}

/// Adds the cookie by which the visitor can continue this download. A continuation does not change the cookie.
fn with_cookie(mut response: Response, begun: Begun, download: &Download) -> Response {
    if let (Begun::Counted, Some(cookie)) = (begun, &download.visitor.fresh) {
        cookie.set(response.headers_mut());
    }
    response
}
