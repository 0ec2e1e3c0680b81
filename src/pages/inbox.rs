//! The list of conversations and the one that is open, as a WebAssembly module of their own.

use dioxus::prelude::*;

use crate::channels::model::ChannelId;
use crate::messaging::components as messaging;

crate::lazy! { "inbox", PageMeanwhile:
    messaging::InboxLayout {}
    messaging::InboxPage {}
    messaging::ConversationPage { channel: ChannelId, panel: String, message: String }
}
