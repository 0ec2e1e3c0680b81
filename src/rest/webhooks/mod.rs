//! Webhooks.

mod change;
mod create;
mod delete;
mod deliver;
mod deliveries;
mod get;
mod list;
mod resend;
mod rotate_secret;
mod test;

pub use deliver::DeliverWebhook;

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .scoped(Scope::WebhooksWrite, routes!(create::create_webhook))
        .scoped(Scope::WebhooksWrite, routes!(list::list_webhooks))
        .scoped(Scope::WebhooksWrite, routes!(get::get_webhook))
        .scoped(Scope::WebhooksWrite, routes!(change::change_webhook))
        .scoped(Scope::WebhooksWrite, routes!(delete::delete_webhook))
        .scoped(Scope::WebhooksWrite, routes!(rotate_secret::rotate_webhook_secret))
        .scoped(Scope::WebhooksWrite, routes!(test::test_webhook))
        .scoped(Scope::WebhooksWrite, routes!(deliveries::list_webhook_deliveries))
        .scoped(Scope::WebhooksWrite, routes!(resend::resend_webhook_delivery))
}
