//! The list of conversations, and the creation of new ones.

mod closed_conversations;
mod conversation_list;
mod conversation_row;
mod conversation_search;
mod lazy;
mod list_menu;
mod new_channel_dialog;
mod new_conversation;
mod rename_channel_dialog;
mod unsent;

pub use conversation_list::ConversationList;
pub use conversation_search::{ConversationSearch, use_conversation_search};
pub use lazy::{NewChannelDialog, RenameChannelDialog};
pub use unsent::Unsent;
