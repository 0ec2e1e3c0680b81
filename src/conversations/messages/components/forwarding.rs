//! The button "Forward" of messages, and the dialog behind it.

use std::rc::Rc;

use dioxus::prelude::*;

use super::lazy_forward;
use crate::conversations::messages::forward::{Forwarded, can_forward};
use crate::conversations::messages::model::Message;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{ForwardIcon, use_hydrated};

/// Opens the dialog.
#[derive(Clone, Copy)]
pub struct Forwarding(Signal<Option<Forwarded>>);

/// Provides forwarding to the components below the caller, which renders the [`ForwardingDialog`].
pub fn use_forwarding() -> Forwarding {
    use_context_provider(|| Forwarding(Signal::new(None)))
}

impl Forwarding {
    pub fn begin(mut self, forwarded: Forwarded) {
        self.0.set(Some(forwarded));
    }
}

/// An action of a message with text or files.
#[component]
pub fn ForwardAction(message: Rc<Message>) -> Element {
    let forwarding: Forwarding = use_context();
    let hydrated = use_hydrated();
    if !use_session().may(Permission::MessageSend) || !can_forward(&message) {
        return rsx! {};
    }
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Forward the message",
            title: "Forward",
            disabled: !hydrated,
            onclick: move |_| forwarding.begin(Forwarded::Message(Box::new((*message).clone()))),
            ForwardIcon {}
        }
    }
}

#[component]
pub fn ForwardingDialog() -> Element {
    let Forwarding(mut forwarded) = use_context();
    match forwarded() {
        Some(shown) => rsx! {
            lazy_forward::ForwardDialog { forwarded: shown, on_close: move |()| forwarded.set(None) }
        },
        None => rsx! {},
    }
}
