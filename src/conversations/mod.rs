//! Conversations: the list of them, opening one, messages, reactions, search, notifications, the dialog "Go to", buckets,
//! their incoming URLs, file requests, and all that is stored of a contact.

pub mod buckets;
pub mod contact_data;
pub mod desk;
pub mod file_requests;
pub mod go_to;
pub mod hooks;
pub mod list;
pub mod messages;
pub mod notifications;
pub mod opening;
