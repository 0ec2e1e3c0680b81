//! The inbox as a WebAssembly module: the list of conversations and the open one.

use dioxus::prelude::*;

use crate::conversations::messages::components as messaging;
use crate::ids::ChannelId;

crate::lazy! { "inbox", PageMeanwhile:
    messaging::InboxLayout {}
    messaging::InboxPage {}
    messaging::ConversationPage { channel: ChannelId, panel: String, message: String }
}
