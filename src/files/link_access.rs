//! What share links and file requests have in common: their pages are for people without an account, and for nobody else's eyes.

use std::time::Duration;

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use uuid::Uuid;

use crate::people::accounts::password;
use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::{AppError, Result};
use crate::platform::http::is_https;
use crate::platform::rate_limit::{self, Limit};

/// No other site learns the address, which is the key.
const NO_REFERRER: &str = "no-referrer";
/// Of a page with a form: a browser that may send no referrer names no origin either (Fetch §3.1), and the Origin check would reject
/// the form.
const REFERRER_FOR_FORM: &str = "same-origin";

/// Of one network, over all links and over none: each costs as much as a log-in.
const PASSWORDS: Limited = Limited("share-passwords-from", Limit { tries: 100, window: Duration::from_mins(15) });
/// Of one network, for one link.
const PASSWORD_TRIES: Limit = Limit { tries: 10, window: Duration::from_mins(15) };
/// Of all networks together, for one link.
const PASSWORD_TRIES_OF_LINK: Limit = Limit { tries: 200, window: Duration::from_hours(1) };

/// No search engine lists it, no other site learns its address, no cache keeps it.
pub fn set_privacy(headers: &mut HeaderMap) {
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(NO_REFERRER));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
}

/// Lets the page's form name its origin.
pub fn allow_form(headers: &mut HeaderMap) {
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(REFERRER_FOR_FORM));
}

/// A rate limit per network, with the name of its counter.
#[derive(Clone, Copy)]
pub struct Limited(pub &'static str, pub Limit);

/// Limits all requests of a network.
pub async fn count_visit(platform: &Platform, parts: &Parts, Limited(what, limit): Limited) -> Result<()> {
    match client_network(platform, parts) {
        Some(network) => rate_limit::count(platform, &format!("{what}:{network}"), limit).await,
        None => Ok(()),
    }
}

/// The password of a link.
pub struct Lock<'a> {
    /// `share` or `request`.
    pub kind: &'static str,
    pub link: Uuid,
    pub password_hash: &'a str,
}

/// What became of a password that was entered.
pub enum Entered {
    /// The cookie that opens this link alone.
    Right(HeaderValue),
    Wrong,
    /// There is no such link.
    Nothing,
}

impl Lock<'_> {
    fn cookie_name(&self) -> String {
        format!("attache_{}_{}", self.kind, self.link.simple())
    }

    /// Returns the message to sign for visitors who entered the password.
    fn pass(&self) -> String {
        format!("{}:{}:{}", self.kind, self.link, self.password_hash)
    }

    /// Returns whether the visitor has entered the password before.
    pub fn is_open(&self, platform: &Platform, headers: &HeaderMap) -> bool {
        let jar = CookieJar::from_headers(headers);
        jar.get(&self.cookie_name()).is_some_and(|cookie| platform.secret.verify(&self.pass(), cookie.value()))
    }
}

/// Checks a password that was entered at `path`. Without a link it is as much work: the time does not tell which tokens lead somewhere.
pub async fn enter(
    platform: &Platform,
    parts: &Parts,
    path: String,
    lock: Option<Lock<'_>>,
    entered: String,
) -> Result<Entered> {
    let from = client_network(platform, parts).unwrap_or_default();
    let Some(lock) = lock else {
        password::verify(entered, None, &from).await?;
        return Ok(Entered::Nothing);
    };
    let key = format!("{}-password:{}:{from}", lock.kind, lock.link);
    rate_limit::count(platform, &key, PASSWORD_TRIES).await?;
    let of_link = format!("{}-password:{}", lock.kind, lock.link);
    rate_limit::count(platform, &of_link, PASSWORD_TRIES_OF_LINK).await?;
    if !password::verify(entered, Some(lock.password_hash.to_owned()), &from).await? {
        return Ok(Entered::Wrong);
    }
    rate_limit::reset(platform, &key).await?;
    let cookie = Cookie::build((lock.cookie_name(), platform.secret.sign(&lock.pass())))
        .path(path)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https(platform, parts));
    let value = HeaderValue::from_str(&cookie.to_string()).map_err(|error| AppError::unexpected("cookie", error))?;
    Ok(Entered::Right(value))
}

/// Rejects networks that try too many passwords, over all links and over none.
pub async fn count_password(platform: &Platform, parts: &Parts) -> Result<()> {
    count_visit(platform, parts, PASSWORDS).await
}
