//! Programs that act for a member: access tokens.

pub mod access_tokens;
