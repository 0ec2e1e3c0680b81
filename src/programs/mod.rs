//! Programs that act for a member, or receive events: access tokens and webhooks.

pub mod access_tokens;
pub mod webhooks;
