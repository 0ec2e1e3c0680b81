//! Buckets.

mod change;
mod create;
mod delete;
mod get;
mod icon;
mod list;

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes
        .scoped(Scope::BucketsWrite, routes!(create::create_bucket))
        .scoped(Scope::BucketsWrite, routes!(list::list_buckets))
        .scoped(Scope::BucketsWrite, routes!(get::get_bucket))
        .scoped(Scope::BucketsWrite, routes!(change::change_bucket))
        .scoped(Scope::BucketsWrite, routes!(delete::delete_bucket))
        .open(routes!(icon::bucket_icon))
}
