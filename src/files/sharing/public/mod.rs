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
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

use super::store::{self, SharedRow};
use crate::files::attachments::service::subject;
use crate::people::accounts::password;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::is_https;
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
/// For one network, over all links and invalid tokens: each costs as much as a log-in.
const PASSWORDS: Limited = Limited("share-passwords-from", Limit { tries: 100, window: Duration::from_mins(15) });
/// For one network and one link.
const PASSWORD_TRIES: Limit = Limit { tries: 10, window: Duration::from_mins(15) };
/// For one link, over all networks.
const PASSWORD_TRIES_OF_LINK: Limit = Limit { tries: 200, window: Duration::from_hours(1) };

/// Pictures and videos may be on the S3 store's host, hence `https:` and `http:` there and nowhere else.
const CSP_PAGE: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";
/// Keeps the URL, which gives access to the files, from other sites.
const NO_REFERRER: &str = "no-referrer";
/// For the page with the form: a browser that may not send a referrer sends no origin either (Fetch §3.1), and the
/// Origin check would reject the password.
const REFERRER_FOR_FORM: &str = "same-origin";

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
    let Some(hash) = &first.password_hash else { return Ok(Access::Open(rows)) };
    let shown = CookieJar::from_headers(headers).get(&cookie_name(first)).map(|cookie| cookie.value().to_owned());
    let unlocked = shown.is_some_and(|pass| platform.secret.verify(&pass_for(first, hash), &pass));
    Ok(match unlocked {
        true => Access::Open(rows),
        false if first.is_used_up() => Access::Nothing,
        false => Access::Locked(rows),
    })
}

fn cookie_name(row: &SharedRow) -> String {
    format!("attache_share_{}", row.link_id.0.simple())
}

/// Returns the text that is signed for a visitor who entered the password.
fn pass_for(row: &SharedRow, password_hash: &str) -> String {
    format!("share:{}:{password_hash}", row.link_id)
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

/// A limit per network, and its name.
#[derive(Clone, Copy)]
struct Limited(&'static str, Limit);

/// Rejects a network with too many requests, for any token.
async fn count_visit(platform: &Platform, parts: &Parts, Limited(what, limit): Limited) -> Result<()> {
    match client_network(platform, parts) {
        Some(network) => rate_limit::count(platform, &format!("{what}:{network}"), limit).await,
        None => Ok(()),
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
        count_visit(&platform, &parts, PASSWORDS).await?;
        let files = match access(&platform, &token, &parts.headers).await? {
            Access::Nothing => Vec::new(),
            Access::Open(_) => return Ok(Redirect::to(&format!("/s/{token}")).into_response()),
            Access::Locked(files) => files,
        };
        let from = client_network(&platform, &parts).unwrap_or_default();
        let Some((link, hash)) = files.first().and_then(|row| Some((row, row.password_hash.clone()?))) else {
            // As much work as for a valid link, so that the time does not show which tokens exist.
            password::verify(entered.password, None, &from).await?;
            return Ok(not_found());
        };
        let key = format!("share-password:{}:{from}", link.link_id);
        rate_limit::count(&platform, &key, PASSWORD_TRIES).await?;
        rate_limit::count(&platform, &format!("share-password:{}", link.link_id), PASSWORD_TRIES_OF_LINK).await?;
        if !password::verify(entered.password, Some(hash.clone()), &from).await? {
            let again = password_page(&token, link, Some("Wrong password. Try again."));
            return Ok(form(StatusCode::FORBIDDEN, again));
        }
        rate_limit::reset(&platform, &key).await?;
        let cookie = Cookie::build((cookie_name(link), platform.secret.sign(&pass_for(link, &hash))))
            .path(format!("/s/{token}"))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(is_https(&platform, &parts));
        let mut response = Redirect::to(&format!("/s/{token}")).into_response();
        let value =
            HeaderValue::from_str(&cookie.to_string()).map_err(|error| AppError::unexpected("cookie", error))?;
        response.headers_mut().insert(header::SET_COOKIE, value);
        set_privacy(response.headers_mut());
        Ok(response)
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
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static(REFERRER_FOR_FORM));
    response
}

/// Keeps search engines, other sites and caches from storing the page or learning its URL.
fn set_privacy(headers: &mut HeaderMap) {
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(NO_REFERRER));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
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
