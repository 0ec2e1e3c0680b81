//! Conversations: the list of them, messages, reactions, search, and buckets.

pub mod buckets;
pub mod list;
pub mod messages;
