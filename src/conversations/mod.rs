//! Conversations: the list of them, opening one, messages, reactions, search, buckets and file requests.

pub mod buckets;
pub mod file_requests;
pub mod list;
pub mod messages;
pub mod opening;
