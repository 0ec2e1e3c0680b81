//! Access tokens: for people only, never for access tokens.

mod create;
mod list;
mod revoke;

use utoipa_axum::routes;

use super::routes::Routes;

pub fn routes(routes: Routes) -> Routes {
    routes
        .people(routes!(create::create_access_token))
        .people(routes!(list::list_access_tokens))
        .people(routes!(revoke::revoke_access_token))
}
