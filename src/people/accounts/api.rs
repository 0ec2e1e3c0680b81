//! HTTP routes of sessions. Sign-up and log-in are in `organizations`, which knows a person's memberships.

use super::model::{ChangePassword, Device, PasswordChanged};
use crate::ids::SessionId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service::{self, Session, Visitor},
    crate::platform::Platform,
    crate::platform::page_identity::PageIdentity,
};

/// Ends the session of this browser. Without one it changes nothing.
#[post("/api/auth/log-out", platform: Platform, visitor: Visitor, page: PageIdentity)]
pub async fn log_out(body: NoBody) -> Result<(), AppError> {
    let _ = body;
    let cookie = service::end_session(&platform, &visitor, &page).await?;
    crate::platform::http::set_cookie(cookie);
    Ok(())
}

/// Sets a new password and logs out all other devices.
#[post("/api/auth/password", platform: Platform, visitor: Visitor, session: Session)]
pub async fn change_password(body: Body<ChangePassword>) -> Result<PasswordChanged, AppError> {
    service::change_password(&platform, &visitor, &session, body.0).await
}

/// Lists this person's sessions.
#[get("/api/auth/sessions", platform: Platform, session: Session)]
pub async fn list_sessions() -> Result<Vec<Device>, AppError> {
    service::devices(&platform, &session).await
}

/// Logs out one of this person's devices.
#[delete("/api/auth/sessions/{id}", platform: Platform, session: Session)]
pub async fn revoke_session(id: SessionId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    service::revoke(&platform, &session, id).await
}
