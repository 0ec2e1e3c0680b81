//! Conversations: the list of them, messages, reactions, search, buckets and file requests.

pub mod buckets;
pub mod file_requests;
pub mod list;
pub mod messages;
