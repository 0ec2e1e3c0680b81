//! The list of conversations and the one that is open, as a WebAssembly module of their own.

use dioxus::prelude::*;

use crate::conversations::messages::components as messaging;
use crate::ids::ChannelId;

crate::lazy! { "inbox", PageMeanwhile:
    messaging::InboxLayout {}
    messaging::InboxPage {}
    messaging::ConversationPage { channel: ChannelId, panel: String, message: String }
}
