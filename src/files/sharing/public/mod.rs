//! `GET /s/{token}`: the page of a share link, for people without an account. It works without scripts.
//!
//! Wrong, expired, revoked and used-up links, and those whose files are deleted, all return the same response.

pub mod downloads;
mod files;
mod page;
mod viewer;
mod visitor;

use std::time::Duration;

use axum::Form;
use axum::extract::Path;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::store::{self, SharedRow};
use crate::files::attachments::service::subject;
use crate::files::link_access::{Entered, Limited, Lock, allow_form, count_password, count_visit, enter, set_privacy};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::prefetch::is_prefetch;
use crate::platform::rate_limit::{self, Limit};
use crate::platform::secret::Token;
pub use files::{share_file, share_logo, share_thumbnail, share_zip};
use page::{file_page, not_found_page, password_page, unavailable_page};
use visitor::Visitor;

/// For one network, over all links. A video player requests ranges one by one.
const REQUESTS: Limited = Limited("share-from", Limit { tries: 600, window: Duration::from_mins(5) });
/// For one network, over all links. A page may show a hundred.
const THUMBNAILS: Limited = Limited("share-thumbnails-from", Limit { tries: 3000, window: Duration::from_mins(5) });
/// For one link, over all networks.
const REQUESTS_OF_LINK: Limit = Limit { tries: 3000, window: Duration::from_mins(5) };

/// Pictures and videos may be on the S3 store's host, hence `https:` and `http:` there and nowhere else.
const CSP_PAGE: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// What this visitor can access by a token.
enum Access {
    Nothing,
    /// A password is required.
    Locked(Vec<SharedRow>),
    /// At least one file.
    Open(Vec<SharedRow>),
}

async fn access(platform: &Platform, token: &str, headers: &HeaderMap) -> Result<Access> {
    let access = access_to_bytes(platform, token, headers).await?;
    Ok(match access {
        Access::Open(rows) if rows[0].is_used_up() => Access::Nothing,
        access => access,
    })
}

/// Also accepts a used-up link, because a visitor may continue a download. The caller checks that.
async fn access_to_bytes(platform: &Platform, token: &str, headers: &HeaderMap) -> Result<Access> {
    let rows = store::open(platform.db.on(), &Token::hash_of(token), platform.clock.now()).await?;
    let Some(first) = rows.first() else { return Ok(Access::Nothing) };
    let Some(lock) = lock(first) else { return Ok(Access::Open(rows)) };
    Ok(match lock.is_open(platform, headers) {
        true => Access::Open(rows),
        false if first.is_used_up() => Access::Nothing,
        false => Access::Locked(rows),
    })
}

fn lock(row: &SharedRow) -> Option<Lock<'_>> {
    row.password_hash.as_deref().map(|password_hash| Lock { kind: "share", link: row.link_id.0, password_hash })
}

/// Returns the visitor, for the audit log.
fn visitor(platform: &Platform, row: &SharedRow, parts: &Parts) -> By {
    By {
        organization: row.file.organization_id,
        member: None,
        share_link: Some(row.link_id),
        network: client_network(platform, parts),
        token: None,
    }
}

/// Rejects requests when a link gets too many from all networks. Invalid tokens are not counted, because their number
/// is unlimited.
async fn count_use(platform: &Platform, row: &SharedRow) -> Result<()> {
    rate_limit::count(platform, &format!("share:{}", row.link_id), REQUESTS_OF_LINK).await
}

/// `GET /s/{token}`
pub async fn share_page(platform: Platform, Path(token): Path<String>, parts: Parts) -> Response {
    let shown = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        Ok(match access(&platform, &token, &parts.headers).await? {
            Access::Nothing => not_found(),
            Access::Locked(files) => form(StatusCode::OK, password_page(&token, &files[0], None)),
            Access::Open(files) => {
                count_use(&platform, &files[0]).await?;
                if parts.method == Method::GET && !is_prefetch(&parts.headers) {
                    let by = visitor(&platform, &files[0], &parts);
                    audit::note(&platform, &by, Action::ShareOpened, &subject(&files[0].file)).await;
                }
                let mut response = page_with_files(&platform, file_page(&token, &files));
                if let Some(cookie) = Visitor::of(&platform, &token, &parts)?.fresh {
                    cookie.set(response.headers_mut());
                }
                response
            }
        })
    };
    shown.await.unwrap_or_else(failed)
}

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
}

/// `POST /s/{token}`: the form with the password of a link. Sets a cookie for this link only.
pub async fn enter_password(
    platform: Platform,
    Path(token): Path<String>,
    parts: Parts,
    Form(entered): Form<PasswordForm>,
) -> Response {
    let answered = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        count_password(&platform, &parts).await?;
        let files = match access(&platform, &token, &parts.headers).await? {
            Access::Nothing => Vec::new(),
            Access::Open(_) => return Ok(Redirect::to(&format!("/s/{token}")).into_response()),
            Access::Locked(files) => files,
        };
        let path = format!("/s/{token}");
        let entered = enter(&platform, &parts, path.clone(), files.first().and_then(lock), entered.password).await?;
        Ok(match (entered, files.first()) {
            (Entered::Right(cookie), _) => {
                let mut response = Redirect::to(&path).into_response();
                response.headers_mut().insert(header::SET_COOKIE, cookie);
                set_privacy(response.headers_mut());
                response
            }
            (Entered::Wrong, Some(link)) => {
                let again = password_page(&token, link, Some("Wrong password. Try again."));
                form(StatusCode::FORBIDDEN, again)
            }
            _ => not_found(),
        })
    };
    answered.await.unwrap_or_else(failed)
}

fn page(status: StatusCode, html: String) -> Response {
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_PAGE));
    set_privacy(response.headers_mut());
    response
}

/// Builds a page whose pictures and videos may come from the store's host.
fn page_with_files(platform: &Platform, html: String) -> Response {
    let store = platform.config.store_origins();
    let csp = CSP_PAGE.replace("img-src 'self'", &format!("img-src 'self'{store}; media-src 'self'{store}"));
    let mut response = page(StatusCode::OK, html);
    let csp = HeaderValue::from_str(&csp).expect("checked origins make a valid header");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp);
    response
}

fn form(status: StatusCode, html: String) -> Response {
    let mut response = page(status, html);
    allow_form(response.headers_mut());
    response
}

fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, not_found_page())
}

/// Returns the response to a prefetch of a file, which nobody requested yet and which would count.
fn prefetch_rejected() -> Response {
    page(StatusCode::SERVICE_UNAVAILABLE, unavailable_page("Files are sent when you open or download them."))
}

fn failed(error: AppError) -> Response {
    if error.kind == ErrorKind::NotFound {
        return not_found();
    }
    let mut response = page(error.status(), unavailable_page(&error.message));
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
