//! The session that opened a page. Each request of the page names it, because all tabs of a browser share the cookie:
//! another person may have logged in, or the same person may have switched to another organization. Requests of such a
//! page must not act in their name.
//!
//! Requests that begin a session (log-in, sign-up, an invite, a password reset) are not checked: they identify the
//! person themselves.

use axum::extract::{FromRequestParts, Query};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::Deserialize;
use std::convert::Infallible;
use uuid::Uuid;

use super::error::{AppError, ErrorKind, Result};

/// The id of the session that opened the page.
pub const SESSION_HEADER: &str = "x-attache-session";
/// The id of the member that opened the page.
pub const MEMBER_HEADER: &str = "x-attache-member";

/// The unparsed headers of a request. Programs send none.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
pub struct PageIdentity {
    session: Option<String>,
    member: Option<String>,
}

impl PageIdentity {
    /// Reads the headers, or the query of an event source, which can't send headers.
    pub fn of(parts: &Parts) -> Self {
        let text = |headers: &HeaderMap, name| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
        let said = Self { session: text(&parts.headers, SESSION_HEADER), member: text(&parts.headers, MEMBER_HEADER) };
        if said == Self::default() && parts.uri.path() == "/api/events" {
            let unreadable = || Self { session: Some("?".to_owned()), member: None };
            return Query::try_from_uri(&parts.uri).map_or_else(|_| unreadable(), |Query(said)| said);
        }
        said
    }

    /// Checks the session.
    ///
    /// # Errors
    /// `session_changed` if another session opened the page.
    pub fn check_session(&self, session: Uuid) -> Result<()> {
        check(self.session.as_deref(), session)
    }

    /// Checks session and member.
    ///
    /// # Errors
    /// `session_changed` if another session or another member opened the page.
    pub fn check(&self, session: Uuid, member: Uuid) -> Result<()> {
        self.check_session(session)?;
        check(self.member.as_deref(), member)
    }

    /// Returns whether the request names a member.
    pub fn names_member(&self) -> bool {
        self.member.is_some()
    }

    /// Returns whether the request names a session or a member.
    pub fn is_said(&self) -> bool {
        *self != Self::default()
    }
}

fn check(said: Option<&str>, is: Uuid) -> Result<()> {
    match said {
        Some(said) if said.parse() != Ok(is) => {
            let message = "This browser is now logged in as someone else or to another organization. The page is \
                reloading. Your drafts are kept.";
            Err(AppError::new(ErrorKind::SessionChanged, message))
        }
        _ => Ok(()),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageIdentity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn said(uri: &str, headers: &[(&str, &str)]) -> PageIdentity {
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        PageIdentity::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn only_given_values_are_validated() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(said("/api/contacts", &[]).check(mine, mine), Ok(()));
        let page = said("/api/contacts", &[(SESSION_HEADER, &mine.to_string()), (MEMBER_HEADER, &mine.to_string())]);
        assert_eq!(page.check(mine, mine), Ok(()));
        for (session, member) in [(other, mine), (mine, other), (other, other)] {
            assert_eq!(page.check(session, member).unwrap_err().kind, ErrorKind::SessionChanged);
        }
        assert!(said("/api/contacts", &[(SESSION_HEADER, "me")]).check_session(mine).is_err());
        assert!(said("/api/contacts", &[(MEMBER_HEADER, "")]).check(mine, mine).is_err());
    }

    #[test]
    fn event_sources_say_it_in_their_query() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let uri = |path: &str| format!("{path}?since=now&session={mine}&member={mine}");
        assert_eq!(said(&uri("/api/events"), &[]).check(mine, mine), Ok(()));
        assert!(said(&uri("/api/events"), &[]).check(other, mine).is_err());
        assert_eq!(said(&uri("/api/contacts"), &[]), PageIdentity::default());
    }
}
