//! `GET /r/{token}`: the page behind the link of a file request, for people without an account. It works without a script, by a plain
//! form; `public/request.js` adds progress and resuming. A link that is wrong, expired or revoked always gets the same answer.

mod form;
mod page;
mod uploads;

use std::time::Duration;

use axum::Form;
use axum::extract::{FromRequest, Path, Query, Request};
use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::submission;
use crate::conversations::messages::store as messages;
use crate::files::attachments::model::Attachment;
use crate::files::attachments::store::links;
use crate::files::link_access::{Entered, Limited, Lock, allow_form, count_password, count_visit, enter, set_privacy};
use crate::files::pictures::service::public_logo;
use crate::files::requests::visit::Visit;
use crate::ids::{MessageId, OrganizationId};
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::with_small_body;
use crate::platform::prefetch::is_prefetch;
use crate::platform::rate_limit::{self, Limit};
use page::{Shown, not_found_page, password_page, refused_page, request_page, sent_page};
pub use uploads::{
    complete_request_upload, fail_request_upload, presign_request_parts, presign_request_upload, remove_request_upload,
    request_upload, retry_request_upload, send_request, uploaded_request_parts,
};

/// Of one network, over all links.
const REQUESTS: Limited = Limited("request-from", Limit { tries: 1200, window: Duration::from_mins(5) });
/// Of all networks together, for one link.
const REQUESTS_OF_LINK: Limit = Limit { tries: 6000, window: Duration::from_mins(5) };
/// Files of an organization, by all links.
const FILES_PER_DAY: Limit = Limit { tries: 5000, window: Duration::from_hours(24) };
/// Messages of an organization, by all links.
const MESSAGES_PER_DAY: Limit = Limit { tries: 2000, window: Duration::from_hours(24) };

/// The script uploads straight to the store; no other host is named.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a token leads to for this visitor.
enum Access {
    Nothing,
    /// A password is required.
    Locked(Visit),
    Open(Visit),
}

async fn access(platform: &Platform, token: &str, parts: &Parts) -> Result<Access> {
    let visit = Visit::of(platform, token, client_network(platform, parts)).await?;
    let Some(visit) = visit else { return Ok(Access::Nothing) };
    let is_open = lock(&visit).is_none_or(|lock| lock.is_open(platform, &parts.headers));
    Ok(if is_open { Access::Open(visit) } else { Access::Locked(visit) })
}

fn lock(visit: &Visit) -> Option<Lock<'_>> {
    let request = &visit.request;
    request.password_hash.as_deref().map(|password_hash| Lock { kind: "request", link: request.id.0, password_hash })
}

/// Limits the requests for one link, by all visitors together. Requests with an invalid token aren't counted.
async fn count_use(platform: &Platform, visit: &Visit) -> Result<()> {
    rate_limit::count(platform, &format!("request:{}", visit.request.id), REQUESTS_OF_LINK).await
}

async fn count_file(platform: &Platform, organization: OrganizationId) -> Result<()> {
    rate_limit::count(platform, &format!("request-files:{organization}"), FILES_PER_DAY).await
}

async fn count_message(platform: &Platform, organization: OrganizationId) -> Result<()> {
    rate_limit::count(platform, &format!("request-messages:{organization}"), MESSAGES_PER_DAY).await
}

#[derive(Deserialize)]
pub struct PageQuery {
    /// The message that was just sent.
    #[serde(default)]
    sent: Option<String>,
}

/// `GET /r/{token}`. With `sent` it shows what arrived.
pub async fn show_request(
    platform: Platform,
    Path(token): Path<String>,
    Query(query): Query<PageQuery>,
    parts: Parts,
) -> Response {
    let answered = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        let visit = match access(&platform, &token, &parts).await? {
            Access::Nothing => return Ok(not_found()),
            Access::Locked(visit) => {
                return Ok(page(&platform, StatusCode::OK, password_page(shown(&token, &visit), None)));
            }
            Access::Open(visit) => visit,
        };
        count_use(&platform, &visit).await?;
        if parts.method == Method::GET && !is_prefetch(&parts.headers) {
            submission::note_opened(&platform, &visit).await?;
        }
        let sent = query.sent.as_deref().and_then(|id| id.parse().ok()).map(MessageId);
        if let Some(files) = received(&platform, &visit, sent).await? {
            return Ok(page(&platform, StatusCode::OK, sent_page(shown(&token, &visit), &files)));
        }
        let room = visit.room(platform.db.on()).await?;
        let key = platform.clock.new_id().to_string();
        Ok(page(&platform, StatusCode::OK, request_page(shown(&token, &visit), room, &key)))
    };
    answered.await.unwrap_or_else(failed)
}

/// The files of a message that was received by this link.
async fn received(platform: &Platform, visit: &Visit, message: Option<MessageId>) -> Result<Option<Vec<Attachment>>> {
    let Some(message) = message else { return Ok(None) };
    let request = &visit.request;
    let row = messages::find(platform.db.on(), request.organization_id, message).await?;
    if !row.is_some_and(|row| row.received && row.file_request_id == Some(request.id)) {
        return Ok(None);
    }
    let rows = links::of_messages(platform.db.on(), request.channel_id, message, message).await?;
    Ok(Some(rows.into_iter().map(|row| row.attachment.into()).collect()))
}

fn shown<'a>(token: &'a str, visit: &'a Visit) -> Shown<'a> {
    Shown { token, request: &visit.request }
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    password: String,
}

/// `POST /r/{token}`: files and text by a form that needs no script, or the password of the link.
pub async fn post_request(platform: Platform, Path(token): Path<String>, request: Request) -> Response {
    if is_multipart(&request) {
        return form::receive(&platform, &token, request).await;
    }
    with_small_body(&platform, request, |request| async {
        let (parts, body) = request.into_parts();
        let entered = Form::<PasswordForm>::from_request(Request::from_parts(parts.clone(), body), &()).await;
        let entered = entered.map_or_else(|_| String::new(), |Form(form)| form.password);
        enter_password(&platform, &token, &parts, entered).await.unwrap_or_else(failed)
    })
    .await
}

fn is_multipart(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

async fn enter_password(platform: &Platform, token: &str, parts: &Parts, entered: String) -> Result<Response> {
    count_visit(platform, parts, REQUESTS).await?;
    count_password(platform, parts).await?;
    let path = format!("/r/{token}");
    let visit = match access(platform, token, parts).await? {
        Access::Nothing => None,
        Access::Open(_) => return Ok(private(Redirect::to(&path).into_response())),
        Access::Locked(visit) => Some(visit),
    };
    let entered = enter(platform, parts, path.clone(), visit.as_ref().and_then(lock), entered).await?;
    Ok(match (entered, &visit) {
        (Entered::Right(cookie), _) => {
            let mut response = Redirect::to(&path).into_response();
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            private(response)
        }
        (Entered::Wrong, Some(visit)) => {
            let again = password_page(shown(token, visit), Some("Wrong password. Try again."));
            page(platform, StatusCode::FORBIDDEN, again)
        }
        _ => not_found(),
    })
}

/// `GET /r/{token}/logo`: the organization that asks, also for visitors who have yet to enter the password.
pub async fn request_logo(platform: Platform, Path(token): Path<String>, parts: Parts) -> Response {
    let served = async {
        count_visit(&platform, &parts, REQUESTS).await?;
        let visit = match access(&platform, &token, &parts).await? {
            Access::Open(visit) | Access::Locked(visit) => visit,
            Access::Nothing => return Ok(not_found()),
        };
        let request = &visit.request;
        let logo = public_logo(&platform, request.organization_id, request.logo_id).await?;
        Ok(private(logo.into_response(&parts.method)))
    };
    served.await.unwrap_or_else(failed)
}

fn private(mut response: Response) -> Response {
    set_privacy(response.headers_mut());
    response
}

/// A page with a form, whose script may reach the store.
fn page(platform: &Platform, status: StatusCode, html: String) -> Response {
    let mut response = private((status, Html(html)).into_response());
    let csp = CSP.replace("connect-src 'self'", &format!("connect-src 'self'{}", platform.config.store_origins()));
    let csp = HeaderValue::from_str(&csp).expect("checked origins make a valid header");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp);
    allow_form(response.headers_mut());
    response
}

/// A page without a form.
fn plain_page(status: StatusCode, html: String) -> Response {
    let mut response = private((status, Html(html)).into_response());
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    response
}

fn not_found() -> Response {
    plain_page(StatusCode::NOT_FOUND, not_found_page())
}

fn failed(error: AppError) -> Response {
    refused(None, &error)
}

/// A page that says why something was rejected, with its status, and leads back to `token`'s page.
fn refused(token: Option<&str>, error: &AppError) -> Response {
    if error.kind == ErrorKind::NotFound {
        return not_found();
    }
    let mut response = plain_page(error.status(), refused_page(token, &error.message));
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
