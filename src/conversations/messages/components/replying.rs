//! Replies: their quotes in the feed, and the message that the composer replies to.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::X;

use super::feed::Feed;
use crate::app::Route;
use crate::conversations::messages::model::Message;
use crate::conversations::messages::quote::Quote;
use crate::files::uploads::draft::{Drafts, ReplyTo};
use crate::ids::{ChannelId, MessageId};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::ui::{ReplyIcon, use_hydrated};

/// What quotes and the button "Reply" call.
#[derive(Clone, Copy)]
struct Replying {
    channel: ChannelId,
    drafts: Drafts,
    go_to: Callback<MessageId>,
}

/// Provides replying to the messages of `feed` to the components below the caller.
pub fn use_replying(feed: Feed, drafts: Drafts) {
    // A task of the conversation, because the row of a quote disappears when another part of the feed is shown.
    let go_to = use_callback(move |message| _ = spawn(feed.go_to(message)));
    use_context_provider(|| Replying { channel: feed.channel, drafts, go_to });
}

/// An action of a message: the next message replies to it.
#[component]
pub fn ReplyAction(message: Rc<Message>) -> Element {
    let session = use_session();
    let replying: Replying = use_context();
    let hydrated = use_hydrated();
    if !session.may(Permission::MessageSend) || message.deleted.is_some() {
        return rsx! {};
    }
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Reply to the message",
            title: "Reply",
            disabled: !hydrated,
            onclick: move |_| {
                let Quote { id, author, text, .. } = Quote::of(&message);
                replying.drafts.set_reply(replying.channel, Some(ReplyTo { id, author, text }));
                browser::focus("#composer-text");
            },
            ReplyIcon {}
        }
    }
}

/// The quote in a reply. It leads to the quoted message.
#[component]
pub fn QuoteLink(channel: ChannelId, quote: Quote) -> Element {
    let replying: Replying = use_context();
    let id = quote.id;
    let text = if quote.deleted { "Deleted message" } else { quote.text.as_str() };
    rsx! {
        a {
            class: "quote",
            "data-component": "Quote",
            "data-deleted": if quote.deleted { "" },
            href: Route::message(channel, id).href(),
            "aria-label": "In reply to {quote.author}: {text}",
            onclick: move |event| {
                if event.modifiers().is_empty() {
                    event.prevent_default();
                    (replying.go_to)(id);
                }
            },
            span { class: "quote-author", "{quote.author}" }
            span { class: "quote-text truncate", dir: "auto", "{text}" }
        }
    }
}

/// A quote of a message that waits to be sent.
#[component]
pub fn PendingQuote(reply_to: ReplyTo) -> Element {
    rsx! {
        p { class: "quote",
            span { class: "quote-author", "{reply_to.author}" }
            span { class: "quote-text truncate", dir: "auto", "{reply_to.text}" }
        }
    }
}

/// The message that the next one replies to, above the composer's text.
#[component]
pub fn ReplyBar(reply_to: ReplyTo, on_drop: EventHandler<()>) -> Element {
    rsx! {
        div { class: "composer-reply", "data-component": "ReplyBar",
            ReplyIcon { class: "icon icon-14" }
            p { class: "truncate", dir: "auto",
                "Reply to "
                b { "{reply_to.author}" }
                ": {reply_to.text}"
            }
            button {
                class: "icon-btn icon-btn-sm",
                r#type: "button",
                "aria-label": "Don't reply",
                title: "Don't reply (Esc)",
                onclick: move |_| on_drop(()),
                X { class: "icon" }
            }
        }
    }
}
