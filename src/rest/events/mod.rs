//! Events for programs: their data, and the stream.

mod payload;
mod stream;

pub use payload::{Subject, envelope, render};

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes.scoped(Scope::MessagesRead, routes!(stream::stream_events))
}
