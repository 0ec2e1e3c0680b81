//! The one way to add a route: with the declaration of who may call it. What is declared is checked before the handler runs,
//! and stands in the document.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::caller::Caller;
use super::describe;
use crate::access_tokens::model::Scope;
use crate::platform::Platform;
use crate::platform::error::Result;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Access tokens with this scope, and people.
    Scoped(Scope),
}

/// Routes with their declarations. There is no way to add one without.
pub struct Routes(OpenApiRouter);

impl Routes {
    pub fn new(base: OpenApi) -> Self {
        Self(OpenApiRouter::with_openapi(base))
    }

    /// Adds the routes of a group.
    pub fn with(self, group: fn(Self) -> Self) -> Self {
        group(self)
    }

    /// A route for access tokens with this scope, and for people.
    pub fn scoped(self, scope: Scope, route: UtoipaMethodRouter) -> Self {
        self.add(Access::Scoped(scope), route)
    }

    fn add(self, access: Access, (schemas, mut paths, methods): UtoipaMethodRouter) -> Self {
        describe::access(access, &mut paths);
        let methods = methods.route_layer(from_fn_with_state(access, admit));
        Self(self.0.routes((schemas, paths, methods)))
    }

    pub fn into_router(self, root: &str) -> Router {
        OpenApiRouter::new().nest(root, self.0).into()
    }

    pub fn into_document(self, root: &str) -> OpenApi {
        let base = self.0.get_openapi().info.clone();
        let mut document = OpenApiRouter::new().nest(root, self.0).into_openapi();
        document.info = base;
        document
    }
}

async fn admit(State(access): State<Access>, platform: Platform, mut request: Request, next: Next) -> Response {
    let checked = check(access, &platform, &mut request).await;
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

async fn check(access: Access, platform: &Platform, request: &mut Request) -> Result<()> {
    let Access::Scoped(scope) = access;
    let caller = Caller::authenticate(platform, request.headers()).await?;
    caller.require(scope)?;
    request.extensions_mut().insert(caller);
    Ok(())
}
