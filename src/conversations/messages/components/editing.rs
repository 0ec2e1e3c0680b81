//! Editing your own messages, in their place in the feed.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Pencil};

use super::feed::Feed;
use super::formatting::format;
use super::mentioning::{MentionList, use_mention_suggestions};
use crate::channels::mentions::with_tokens;
use crate::conversations::messages::api::edit_message;
use crate::conversations::messages::model::{AuthorKind, Message, MessageEdit};
use crate::files::emoji::components::{SuggestionList, use_suggestions};
use crate::ids::{MemberId, MessageId};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::error::AppError;
use crate::platform::json::Body;
use crate::ui::{Shortcut, ShortcutGroup, input_method, use_hydrated};

const FIELD: &str = "#edit-text";

/// The message that is being edited, if any.
#[derive(Clone, Copy)]
pub struct Editing {
    feed: Feed,
    edited: Signal<Option<MessageId>>,
}

/// Provides [`Editing`] to the messages of `feed` and to the composer.
pub fn use_editing(feed: Feed) {
    let edited = use_signal(|| None);
    use_context_provider(|| Editing { feed, edited });
}

impl Editing {
    fn begin(mut self, id: MessageId) {
        self.edited.set(Some(id));
    }

    /// Edits the newest message of `me` among the loaded ones. Returns whether there is one.
    pub fn begin_last(self, me: MemberId) -> bool {
        let messages = self.feed.messages.peek();
        let last = messages.iter().rev().find(|message| is_editable(message, me)).map(|message| message.id);
        if let Some(id) = last {
            self.begin(id);
        }
        last.is_some()
    }

    fn end(mut self) {
        self.edited.set(None);
        browser::focus("#composer-text");
    }
}

/// Returns whether `me` may edit a message, with permission to send messages.
fn is_editable(message: &Message, me: MemberId) -> bool {
    let is_own = message.author.kind == AuthorKind::Member && message.author.id == me.0;
    is_own && message.deleted.is_none() && message.file_request.is_none()
}

/// Returns whether a message is being edited here.
pub fn use_edited(message: &Message) -> bool {
    let Editing { edited, .. } = use_context();
    let id = message.id;
    let is_edited = use_memo(move || edited() == Some(id));
    is_edited() && message.deleted.is_none()
}

/// An action of your own messages.
#[component]
pub fn EditAction(message: Rc<Message>) -> Element {
    let session = use_session();
    let editing: Editing = use_context();
    let hydrated = use_hydrated();
    if !session.may(Permission::MessageSend) || !is_editable(&message, session.member_id) {
        return rsx! {};
    }
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Edit the message",
            title: "Edit",
            disabled: !hydrated,
            onclick: move |_| editing.begin(message.id),
            Pencil { class: "icon" }
        }
    }
}

/// The text of a message in a field, in its place. Enter saves it, Esc closes the field.
#[component]
pub fn EditForm(message: Rc<Message>) -> Element {
    let editing: Editing = use_context();
    let mut text = use_signal(|| message.plain_body());
    let mut mentions = use_signal(|| message.mentions.clone());
    let mut saving = use_signal(|| false);
    let mut error = use_signal(|| None::<AppError>);
    let mut touch = use_signal(|| false);
    let on_text = use_callback(move |new| text.set(new));
    let suggestions = use_suggestions(FIELD, move |new| on_text.call(new));
    let people = use_mention_suggestions(FIELD, message.channel_id, &message.mentions, move |(new, mention)| {
        text.set(new);
        mentions.push(mention);
    });
    let id = message.id;
    let carries_files = !message.attachments.is_empty() || !message.remote_files.is_empty();
    let can_be_empty = message.title.is_some() || carries_files || message.hidden_attachments > 0;
    let before = message.plain_body();
    use_effect(move || {
        touch.set(browser::is_touch());
        browser::focus(FIELD);
    });
    let may_save = move || !saving() && (can_be_empty || !text.read().trim().is_empty());
    let save = move || {
        let is_same = *text.peek() == before;
        async move {
            if is_same {
                return editing.end();
            }
            if !may_save() {
                return;
            }
            saving.set(true);
            let asked = editing.feed.ask();
            let body = with_tokens(&text.peek(), &mentions.peek());
            let saved = edit_message(id, Body(MessageEdit { body })).await;
            saving.set(false);
            match saved {
                Ok(message) => {
                    editing.feed.receive(asked, vec![message]);
                    editing.end();
                }
                Err(refused) => error.set(Some(refused)),
            }
        }
    };
    let submit = save.clone();
    let on_key = move |event: KeyboardEvent| {
        let is_taken = people.takes(&event) || suggestions.takes(&event) || input_method::is_composing(&event);
        if is_taken || format(&event, FIELD, on_text) {
            return;
        }
        match ShortcutGroup::Writing.of(&event) {
            Some(Shortcut::Leave) => {
                event.prevent_default();
                event.stop_propagation();
                editing.end();
            }
            Some(Shortcut::Send) if !touch() => {
                event.prevent_default();
                spawn(save());
            }
            _ => {}
        }
    };
    rsx! {
        form {
            class: "entry-edit",
            "data-component": "EditForm",
            onsubmit: move |event| {
                event.prevent_default();
                submit()
            },
            SuggestionList { suggestions }
            MentionList { suggestions: people }
            div { class: "composer-text", "data-text": "{text}",
                textarea {
                    id: "edit-text",
                    rows: "1",
                    "enterkeyhint": if touch() { "enter" } else { "done" },
                    "aria-label": "Edit message",
                    value: "{text}",
                    dir: "auto",
                    "aria-autocomplete": "list",
                    "aria-controls": people.list_id().or_else(|| suggestions.active_id().map(|_| "emoji-suggestions")),
                    "aria-activedescendant": people.active_id().or_else(|| suggestions.active_id()),
                    oninput: move |event| {
                        text.set(event.value());
                        suggestions.on_input();
                        people.on_input();
                    },
                    onblur: move |_| {
                        suggestions.close();
                        people.close();
                    },
                    onkeydown: on_key,
                }
            }
            if let Some(refused) = error() {
                p { class: "composer-error", role: "alert",
                    CircleAlert { class: "icon icon-14" }
                    span { "Not saved. {refused.message}" }
                }
            }
            div { class: "composer-bar",
                span { class: "composer-note", if !touch() { "Enter saves, Esc cancels" } }
                button { class: "btn btn-sm", r#type: "button", onclick: move |_| editing.end(), "Cancel" }
                button { class: "btn btn-sm btn-primary", r#type: "submit", disabled: !may_save(), "Save" }
            }
        }
    }
}
