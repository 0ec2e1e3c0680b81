//! Components of webhooks outside of the settings.

mod failing_webhooks_notice;

pub use failing_webhooks_notice::FailingWebhooksNotice;
