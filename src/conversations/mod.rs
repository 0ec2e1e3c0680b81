//! Conversations: the list of them, opening one, messages, reactions, search, notifications, buckets, their incoming
//! URLs and file requests.

pub mod buckets;
pub mod file_requests;
pub mod hooks;
pub mod list;
pub mod messages;
pub mod notifications;
pub mod opening;
