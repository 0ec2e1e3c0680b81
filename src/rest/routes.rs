//! The only way to add a route: with the declaration of who may call it. The declaration is checked before the handler
//! runs, and is part of the document.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::caller::Caller;
use super::idempotency::IdempotencyKey;
use super::limits::{Key, Left, Limits};
use super::{describe, idempotency};
use crate::files::attachments::intake::MIN_BYTES_PER_SECOND;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::body_deadline::{BodyDeadline, with_deadline};
use crate::platform::client_address::client_address;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::{finish, limit_body, too_slow};
use crate::platform::telemetry::request::note_caller;
use crate::programs::access_tokens::model::Scope;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Access tokens with this scope, and people.
    Scoped(Scope),
    /// People only: with the token of a log-in, or with a browser's cookie.
    People,
    /// Everyone.
    Open,
}

/// How a route reads bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bodies {
    /// Read and limited before the handler runs.
    Small,
    /// Read by the handler as they arrive.
    Streamed,
}

/// Routes with their declarations. A route can't be added without one.
pub struct Routes {
    router: OpenApiRouter,
    limits: Arc<Limits>,
}

impl Routes {
    pub fn new(base: OpenApi, limits: Arc<Limits>) -> Self {
        Self { router: OpenApiRouter::with_openapi(base), limits }
    }

    /// Adds the routes of a group.
    pub fn with(self, group: fn(Self) -> Self) -> Self {
        group(self)
    }

    /// Adds a route for access tokens with this scope, and for people.
    pub fn scoped(self, scope: Scope, route: UtoipaMethodRouter) -> Self {
        self.add(Access::Scoped(scope), Bodies::Small, route)
    }

    /// Does the same for a route that reads files as they arrive, with their own limits.
    pub fn scoped_streamed(self, scope: Scope, route: UtoipaMethodRouter) -> Self {
        self.add(Access::Scoped(scope), Bodies::Streamed, route)
    }

    /// Adds a route for people only.
    pub fn people(self, route: UtoipaMethodRouter) -> Self {
        self.add(Access::People, Bodies::Small, route)
    }

    /// Adds a route for everyone.
    pub fn open(self, route: UtoipaMethodRouter) -> Self {
        self.add(Access::Open, Bodies::Small, route)
    }

    fn add(self, access: Access, bodies: Bodies, (schemas, mut paths, methods): UtoipaMethodRouter) -> Self {
        describe::access(access, &mut paths);
        let methods = methods.route_layer(from_fn_with_state((access, self.limits.clone()), admit));
        let methods = methods.layer(from_fn(finish));
        let methods = match bodies {
            Bodies::Small => methods.layer(from_fn(limit_body)),
            Bodies::Streamed => methods,
        };
        Self { router: self.router.routes((schemas, paths, methods)), ..self }
    }

    pub fn into_router(self, root: &str) -> Router {
        // Bodies are limited by each route's declaration.
        Router::from(OpenApiRouter::new().nest(root, self.router)).layer(DefaultBodyLimit::disable())
    }

    pub fn into_document(self, root: &str) -> OpenApi {
        let info = self.router.get_openapi().info.clone();
        let mut document = OpenApiRouter::new().nest(root, self.router).into_openapi();
        document.info = info;
        document
    }
}

/// Runs before the handler of every route.
async fn admit(
    State((access, limits)): State<(Access, Arc<Limits>)>,
    platform: Platform,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut left = None;
    let response = match check(access, &limits, &platform, &mut parts, &mut left).await {
        Ok(once) => {
            let grace = platform.config.attachments.body_grace;
            let deadline = BodyDeadline::MinRate { grace, bytes_per_second: MIN_BYTES_PER_SECOND };
            let (bytes, timed_out) = with_deadline(body, deadline);
            let request = Request::from_parts(parts, Body::from_stream(bytes));
            let answered = match once {
                Some(key) => idempotency::run(&platform, key, request, next).await,
                None => Ok(next.run(request).await),
            };
            // The handler only knows that the body ended early.
            answered.map(|response| if timed_out.get() { too_slow() } else { response })
        }
        Err(error) => Err(error),
    };
    let mut response = response.unwrap_or_else(IntoResponse::into_response);
    if let Some(left) = left {
        left.write(response.headers_mut());
    }
    if response.status() == StatusCode::UNAUTHORIZED && access != Access::Open {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

async fn authenticate(platform: &Platform, parts: &Parts) -> Result<Caller> {
    let caller = Caller::authenticate(platform, &parts.headers).await?;
    note_caller(&parts.extensions, caller.member.id.0, caller.member.organization_id().0);
    Ok(caller)
}

/// Admits or rejects a request. Returns its idempotency key, if it has one.
async fn check(
    access: Access,
    limits: &Limits,
    platform: &Platform,
    parts: &mut Parts,
    left: &mut Option<Left>,
) -> Result<Option<IdempotencyKey>> {
    let now = platform.clock.now();
    let mut count = |key| {
        let (counted, refused) = limits.count(key, now);
        *left = counted;
        refused
    };
    if let Some(address) = client_address(platform, parts) {
        count(Key::Address(address))?;
    }
    if parts.headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let message = "Send the body without Content-Encoding.";
        return Err(AppError::new(ErrorKind::UnsupportedMediaType, message));
    }
    let caller = match access {
        Access::Open => return Ok(None),
        Access::Scoped(scope) => {
            let caller = authenticate(platform, parts).await?;
            count(Key::Caller(caller.id()))?;
            caller.require(scope)?;
            caller
        }
        Access::People => {
            let caller = if parts.headers.contains_key(AUTHORIZATION) {
                authenticate(platform, parts).await?
            } else {
                Caller::person(Member::from_request_parts(parts, &()).await?)
            };
            count(Key::Caller(caller.id()))?;
            caller.require_person()?;
            caller
        }
    };
    // Access tokens are created without keys: nothing about their secrets is stored but a hash.
    let is_repeatable = access != Access::People && parts.method == Method::POST;
    let key = if is_repeatable { IdempotencyKey::of(platform, &caller, &parts.headers)? } else { None };
    parts.extensions.insert(caller);
    Ok(key)
}
