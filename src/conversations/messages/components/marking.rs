//! Marking messages as unread, from one of them on.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::MessageSquareDot;

use super::feed::Feed;
use crate::channels::api::mark_unread;
use crate::channels::model::ReadMark;
use crate::conversations::messages::model::Message;
use crate::ids::MessageId;
use crate::people::organizations::components::use_session;
use crate::platform::json::Body;
use crate::ui::{use_hydrated, use_toast};

/// An action of other people's messages. The page learns of it by the live event, like all other pages of the member.
#[component]
pub fn UnreadAction(message: Rc<Message>) -> Element {
    let session = use_session();
    let hydrated = use_hydrated();
    let toast = use_toast();
    if message.author.id == session.member_id.0 || message.deleted.is_some() {
        return rsx! {};
    }
    let (channel, id) = (message.channel_id, message.id);
    let mark = move |_| async move {
        if let Err(error) = mark_unread(channel, Body(ReadMark { message_id: id.0 })).await {
            toast.show(error.message);
        }
    };
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            title: "Mark unread",
            disabled: !hydrated,
            onclick: mark,
            MessageSquareDot { class: "icon" }
            // A label with this word is one of a count.
            span { class: "sr-only", "Mark unread" }
        }
    }
}

impl Feed {
    /// Shows messages as unread from this one on, and marks none as read until the conversation is opened again.
    pub fn keep_unread(mut self, id: MessageId) {
        let before = self.messages.peek().iter().rev().map(|message| message.id).find(|known| *known < id);
        {
            let mut arrivals = self.arrivals.write();
            arrivals.marked_read = before;
            arrivals.keeps_unread = true;
        }
        self.first_unread.set(Some(id));
    }

    /// Reports messages as read again, because the member has read this conversation elsewhere, or written in it.
    pub fn resume_reading(mut self) {
        if self.arrivals.peek().keeps_unread {
            self.arrivals.write().keeps_unread = false;
        }
    }
}
