//! The inbox: conversations beside the one that is open, with its feed, its composer, and the contact beside it.

mod arrivals;
mod assignment;
mod channel_members;
mod communication_feed;
mod composer;
mod contact_files;
mod contact_panel;
mod conversation_header;
mod conversation_page;
mod drop_zone;
mod feed;
mod feed_lightbox;
mod feed_rows;
mod found_messages;
mod freshness;
mod inbox_layout;
mod left_at;
mod lightbox_files;
mod links;
mod message_entry;
mod message_hits;
mod message_search;
mod message_text;
mod notification_entry;
mod pending_message;
mod reactions;
mod removal;
mod unread;

pub use communication_feed::CommunicationFeed;
pub use composer::Composer;
pub use conversation_page::ConversationPage;
pub use inbox_layout::{InboxLayout, InboxPage};
pub use left_at::use_left_at;
pub use message_entry::MessageEntry;
pub use message_search::use_message_search;
