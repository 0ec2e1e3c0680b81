//! The list of conversations and what makes new ones.

mod conversation_list;
mod conversation_row;
mod conversation_search;
mod conversations;
mod inbox_layout;
mod lazy;
mod new_channel_dialog;
mod new_conversation;
mod unsent;

pub use conversations::{Conversations, use_conversations, use_unread_total};
pub use inbox_layout::{InboxLayout, InboxPage};
pub use unsent::Unsent;
