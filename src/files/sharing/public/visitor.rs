//! Visitors of a share link, identified without an account: by a cookie for this link only, or by their network and
//! program.

use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::platform::Platform;
use crate::platform::client_address::client_network;
use crate::platform::error::{AppError, Result};
use crate::platform::http::is_https;
use crate::platform::secret::Token;

const COOKIE: &str = "attache_visitor";

pub struct Visitor {
    /// A keyed hash: neither the cookie nor the network can be derived from it.
    pub id: String,
    /// The cookie for a visitor without one.
    pub fresh: Option<FreshCookie>,
}

pub struct FreshCookie {
    /// The visitor identified by it.
    pub id: String,
    header: HeaderValue,
}

impl Visitor {
    /// Returns the visitor of a request under `/s/{token}`.
    pub fn of(platform: &Platform, token: &str, parts: &Parts) -> Result<Self> {
        if let Some(cookie) = CookieJar::from_headers(&parts.headers).get(COOKIE) {
            return Ok(Self { id: with_cookie(platform, token, cookie.value()), fresh: None });
        }
        let network = client_network(platform, parts).unwrap_or_default();
        let program = parts.headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
        let program = String::from_utf8_lossy(program);
        let id = platform.secret.sign(&format!("share-program:{token}:{network}:{program}"));
        Ok(Self { id, fresh: Some(FreshCookie::new(platform, token, parts)?) })
    }

    /// Returns whether the visitor sent a cookie, so that their second request can be distinguished from somebody
    /// else's first.
    pub fn has_cookie(&self) -> bool {
        self.fresh.is_none()
    }
}

impl FreshCookie {
    fn new(platform: &Platform, token: &str, parts: &Parts) -> Result<Self> {
        let value = Token::generate(&platform.clock).text;
        let cookie = Cookie::build((COOKIE, value.clone()))
            .path(format!("/s/{token}"))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(is_https(platform, parts));
        let header =
            HeaderValue::from_str(&cookie.to_string()).map_err(|error| AppError::unexpected("cookie", error))?;
        Ok(Self { id: with_cookie(platform, token, &value), header })
    }

    pub fn set(&self, headers: &mut HeaderMap) {
        headers.append(header::SET_COOKIE, self.header.clone());
    }
}

fn with_cookie(platform: &Platform, token: &str, value: &str) -> String {
    platform.secret.sign(&format!("share-visitor:{token}:{value}"))
}
