//! The REST API under /api/v1: the same services as the app, for programs. No rule is decided here but who calls and what
//! their token may do.

mod body;
mod caller;
mod describe;
pub mod error;
mod messages;
mod routes;

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::OpenApi;

use describe::Authentication;
use routes::Routes;

/// Under which all of it lies.
pub const ROOT: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(title = "Attaché", version = "1", description = "Messages with files, for programs."),
    components(schemas(error::ErrorBody)),
    modifiers(&Authentication)
)]
struct Base;

fn routes() -> Routes {
    Routes::new(Base::openapi()).with(messages::routes)
}

/// What the API takes and answers, in OpenAPI 3.1, made from the routes themselves.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = routes().into_document(ROOT);
    document.to_json().expect("a document is made of what JSON can say")
});

/// All routes of the API.
pub fn router() -> Router {
    let document = || async { ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()) };
    routes().into_router(ROOT).route("/api/v1/openapi.json", get(document))
}
