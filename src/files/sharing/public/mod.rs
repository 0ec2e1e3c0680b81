//! `GET /s/{token}`: what a share link leads to, for people without an account. Plain pages that need no script.
//!
//! A link that is wrong, expired, revoked or used up, and one whose files are deleted, all get the same answer.

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

/// Of one network, over all links. A film that is played asks for its parts one by one.
const REQUESTS: Limited = Limited("share-from", Limit { tries: 600, window: Duration::from_mins(5) });
/// Of one network, over all links. A page may show a hundred.
const THUMBNAILS: Limited = Limited("share-thumbnails-from", Limit { tries: 3000, window: Duration::from_mins(5) });
/// Of all networks together, for one link.
const REQUESTS_OF_LINK: Limit = Limit { tries: 3000, window: Duration::from_mins(5) };
/// Of one network, over all links and over none: each costs as much as a log-in.
const PASSWORDS: Limited = Limited("share-passwords-from", Limit { tries: 100, window: Duration::from_mins(15) });
/// Of one network, for one link.
const PASSWORD_TRIES: Limit = Limit { tries: 10, window: Duration::from_mins(15) };
/// Of all networks together, for one link.
const PASSWORD_TRIES_OF_LINK: Limit = Limit { tries: 200, window: Duration::from_hours(1) };

/// Pictures and films may be on the S3 store's host, hence `https:` and `http:` there and nowhere else.
const CSP_PAGE: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";
/// No other site learns the address, which is the key to the files.
const NO_REFERRER: &str = "no-referrer";
/// Of the page with the form: a browser that may send no referrer names no origin either (Fetch §3.1), and the Origin check
/// would refuse the password.
const REFERRER_FOR_FORM: &str = "same-origin";

/// What a token leads to for this visitor.
enum Access {
    Nothing,
    /// A password is asked for.
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

/// Also opens a link that is used up: whoever began a download may go on. The caller asks whether this visitor did.
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

/// What is signed for who knew the password.
fn pass_for(row: &SharedRow, password_hash: &str) -> String {
    format!("share:{}:{password_hash}", row.link_id)
}

/// Who came, for the audit log.
fn visitor(platform: &Platform, row: &SharedRow, parts: &Parts) -> By {
    By {
        organization: row.file.organization_id,
        member: None,
        share_link: Some(row.link_id.0),
        network: client_network(platform, parts),
        token: None,
    }
}

/// What is limited for one network, under this name.
#[derive(Clone, Copy)]
struct Limited(&'static str, Limit);

/// Refuses who asks too often, whatever they ask for.
async fn count_visit(platform: &Platform, parts: &Parts, Limited(what, limit): Limited) -> Result<()> {
    match client_network(platform, parts) {
        Some(network) => rate_limit::count(platform, &format!("{what}:{network}"), limit).await,
        None => Ok(()),
    }
}

/// Refuses when a link is asked for too often by all together. Of a token that leads nowhere nothing is counted: made-up ones
/// are without end.
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

/// `POST /s/{token}`: the password of a link, by a form. Who knows it gets a cookie for this link alone.
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
            // As much work as for a link that there is: the time does not tell which tokens lead somewhere.
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

/// A page whose pictures and films may come from the store's host.
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

/// No search engine lists it, no other site learns its address, no cache keeps it.
fn set_privacy(headers: &mut HeaderMap) {
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(NO_REFERRER));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
}

fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, not_found_page())
}

/// To a browser that fetches files ahead: nobody has asked for them yet, and what is sent counts.
fn not_ahead() -> Response {
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
