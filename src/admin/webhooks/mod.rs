//! The page on which people create, test and delete webhooks, and read their deliveries.

mod delivery_log;
mod webhook_dialog;
mod webhook_row;
mod webhooks_page;

pub use webhooks_page::WebhooksPage;
