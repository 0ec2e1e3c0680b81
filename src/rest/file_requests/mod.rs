//! File requests.

mod create;
mod list;
mod revoke;

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes
        .scoped(Scope::RequestsWrite, routes!(create::create_file_request))
        .scoped(Scope::RequestsWrite, routes!(list::list_file_requests))
        .scoped(Scope::RequestsWrite, routes!(revoke::revoke_file_request))
}
