//! The REST API under /api/v1: the same services as the app, for programs. It decides only who calls and what their
//! token may do.

mod access_tokens;
mod attachments;
mod auth;
mod body;
mod buckets;
mod caller;
mod channels;
mod contacts;
mod created;
mod describe;
pub mod error;
mod etag;
mod events;
mod examples;
mod file_requests;
mod fingerprint;
mod hooks;
mod icon;
pub mod idempotency;
mod limits;
mod me;
mod messages;
mod multipart;
mod page;
mod paging;
mod routes;
pub mod webhooks;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use utoipa::OpenApi;

use describe::Authentication;
use limits::Limits;
use routes::Routes;

use crate::platform::Platform;
use crate::platform::http::{BaseUrl, with_small_bodies};

/// The path of the API.
pub const ROOT: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(title = "Attache API", version = "1", description = "Messages with files, for programs."),
    components(schemas(error::ErrorBody, attachments::FileUrl)),
    modifiers(&Authentication)
)]
struct Base;

fn routes(limits: Arc<Limits>) -> Routes {
    Routes::new(Base::openapi(), limits)
        .with(auth::routes)
        .with(access_tokens::routes)
        .with(messages::routes)
        .with(attachments::routes)
        .with(buckets::routes)
        .with(file_requests::routes)
        .with(channels::routes)
        .with(contacts::routes)
        .with(me::routes)
        .with(webhooks::routes)
        .with(events::routes)
}

/// The OpenAPI 3.1 document, generated from the routes.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let document = routes(Arc::new(Limits::new(None))).into_document(ROOT);
    let mut document = serde_json::to_value(document).expect("a document is made of what JSON can say");
    examples::fill(&mut document);
    document
});
static DOCUMENT_TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// Returns the document with the absolute URL of this server, which generated clients use.
fn document_at(base: &str) -> String {
    let servers = json!([{ "url": base }]);
    let fields = DOCUMENT_TEXT.strip_prefix('{').unwrap_or_default();
    format!("{{\"servers\":{servers},{fields}")
}

/// The document as a page for people.
static PAGE: LazyLock<String> = LazyLock::new(|| page::render(&DOCUMENT));

/// Returns all routes of the API.
pub fn router(platform: &Platform) -> Router {
    let document = |BaseUrl(base): BaseUrl| async move { ([(CONTENT_TYPE, "application/json")], document_at(&base)) };
    let page = || async { Html(PAGE.as_str()) };
    let limits = Arc::new(Limits::new(platform.config.api_requests_per_minute));
    let documents = Router::new().route("/api/v1/openapi.json", get(document)).route("/api/docs", get(page));
    let api = routes(limits.clone()).into_router(ROOT);
    api.merge(hooks::router(limits)).merge(with_small_bodies(documents))
}
