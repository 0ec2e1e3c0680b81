//! The dialog that forwards a message or a file to one or several conversations, with a note.

use dioxus::prelude::*;
use lucide_dioxus::{Check, CircleAlert};

use crate::channels::api::list_conversations;
use crate::channels::conversations::{Conversations, Lists};
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::messages::api::send_message;
use crate::conversations::messages::forward::Forwarded;
use crate::conversations::messages::model::NewMessage;
use crate::conversations::messages::quote::Quote;
use crate::files::uploads::draft::new_key;
use crate::ids::ChannelId;
use crate::people::contacts::api::list_contacts;
use crate::people::contacts::model::Contact;
use crate::platform::json::Body;
use crate::platform::search::fold;
use crate::ui::{Dialog, FileLabel, SearchField, use_toast};

/// Maximum number of team channels to choose from.
const CHANNELS_MAX: i64 = 500;
/// Maximum number of contacts that a search adds.
const FOUND_MAX: i64 = 50;
/// Maximum number of conversations that are shown at once.
const SHOWN_MAX: usize = 50;

/// A conversation to choose.
#[derive(Debug, Clone, PartialEq)]
struct Target {
    channel: ChannelId,
    /// With `#` for a team channel.
    name: String,
}

impl Target {
    fn of(channel: &Channel) -> Option<Self> {
        let name = match channel.kind {
            ChannelKind::Team => format!("#{}", channel.name),
            ChannelKind::Contact => channel.name.clone(),
            ChannelKind::Bucket => return None,
        };
        Some(Self { channel: channel.id, name })
    }
}

/// A chosen conversation.
#[derive(Debug, Clone, PartialEq)]
struct Chosen {
    target: Target,
    state: SendState,
}

#[derive(Debug, Clone, PartialEq)]
enum SendState {
    Waiting,
    Sent,
    /// Why the server rejected it.
    Failed(String),
}

/// The conversations to choose from: the loaded lists, all team channels, and the contacts that a search finds.
#[derive(Clone, Copy)]
struct Choice {
    search: Signal<String>,
    channels: Signal<Vec<Target>>,
    found: Signal<Vec<Target>>,
}

fn use_choice() -> Choice {
    let mut channels = use_signal(Vec::new);
    use_hook(|| {
        spawn(async move {
            if let Ok(rows) = list_conversations(ChannelKind::Team, None, None, Some(CHANNELS_MAX)).await {
                channels.set(rows.iter().filter_map(|row| Target::of(&row.channel)).collect());
            }
        });
    });
    Choice { search: use_signal(String::new), channels, found: use_signal(Vec::new) }
}

impl Choice {
    fn search(mut self, text: String) {
        self.search.set(text.clone());
        if text.is_empty() {
            self.found.set(Vec::new());
            return;
        }
        spawn(async move {
            let answer = list_contacts(Some(text.clone()), None, Some(FOUND_MAX)).await;
            // A late response for an outdated text is ignored.
            if let (Ok(contacts), true) = (answer, *self.search.peek() == text) {
                let target = |contact: Contact| Target { channel: contact.channel_id, name: contact.display_name() };
                self.found.set(contacts.into_iter().map(target).collect());
            }
        });
    }

    /// Returns matching conversations, latest first, each once.
    fn shown(self, lists: &Lists) -> Vec<Target> {
        let wanted = fold(&self.search.read());
        let matches = |target: &Target| {
            let name = fold(&target.name);
            wanted.split_whitespace().all(|word| name.contains(word))
        };
        let mut recent: Vec<_> = lists.rows().filter(|row| row.channel.kind != ChannelKind::Bucket).collect();
        recent.sort_by_key(|row| std::cmp::Reverse(row.place()));
        let recent = recent.into_iter().filter_map(|row| Target::of(&row.channel));
        let known: Vec<_> = recent.chain(self.channels.read().iter().cloned()).filter(matches).collect();
        let mut shown: Vec<Target> = Vec::new();
        for target in known.into_iter().chain(self.found.read().iter().cloned()) {
            if shown.len() < SHOWN_MAX && shown.iter().all(|other| other.channel != target.channel) {
                shown.push(target);
            }
        }
        shown
    }
}

#[component]
pub fn ForwardDialog(forwarded: Forwarded, on_close: EventHandler<()>) -> Element {
    let conversations: Conversations = use_context();
    let toast = use_toast();
    let choice = use_choice();
    let mut chosen = use_signal(Vec::<Chosen>::new);
    let mut note = use_signal(String::new);
    let mut sending = use_signal(|| false);
    // With the id of the conversation it is the idempotency key, so that a retry sends nothing twice.
    let key = use_hook(new_key);
    let content = use_hook(|| CopyValue::new(forwarded.clone()));
    let send = move |_: MouseEvent| {
        let key = key.clone();
        async move {
            sending.set(true);
            let (body, attachment_ids) = (content.peek().text(&note.peek()), content.peek().attachment_ids());
            let channels: Vec<_> = chosen.peek().iter().map(|chosen| chosen.target.channel).collect();
            for (place, channel) in channels.into_iter().enumerate() {
                if chosen.peek()[place].state == SendState::Sent {
                    continue;
                }
                let message = NewMessage {
                    body: body.clone(),
                    attachment_ids: attachment_ids.clone(),
                    reply_to: None,
                    idempotency_key: Some(format!("{key}-{channel}")),
                };
                let state = match send_message(channel, Body(message)).await {
                    Ok(_) => SendState::Sent,
                    Err(error) => SendState::Failed(error.message),
                };
                chosen.write()[place].state = state;
            }
            sending.set(false);
            let all = chosen.peek().clone();
            if all.iter().all(|chosen| chosen.state == SendState::Sent) {
                toast.show(match all.as_slice() {
                    [one] => format!("Forwarded to {}.", one.target.name),
                    several => format!("Forwarded to {} conversations.", several.len()),
                });
                on_close(());
            }
        }
    };
    let mut choose = move |target: Target, on: bool| {
        let mut chosen = chosen.write();
        chosen.retain(|other| other.target.channel != target.channel);
        if on {
            chosen.push(Chosen { target, state: SendState::Waiting });
        }
    };
    let offered = match &*conversations.lists.read() {
        Ok(lists) => choice.shown(lists),
        Err(_) => choice.shown(&Lists::default()),
    };
    let picked = chosen();
    let others: Vec<_> =
        offered.into_iter().filter(|target| picked.iter().all(|one| one.target.channel != target.channel)).collect();
    let failed = picked.iter().filter(|one| matches!(one.state, SendState::Failed(_))).count();
    let is_waiting = picked.iter().any(|one| one.state != SendState::Sent);
    let nothing = others.is_empty() && picked.is_empty();
    rsx! {
        Dialog {
            label: "Forward",
            on_close: move |()| {
                if !sending() {
                    on_close(());
                }
            },
            match &forwarded {
                Forwarded::Message(message) => rsx! {
                    h3 { "Forward message" }
                    p { class: "quote",
                        span { class: "quote-author", "{message.author.name}" }
                        span { class: "quote-text truncate", dir: "auto", {Quote::of(message).text} }
                    }
                },
                Forwarded::File(file) => rsx! {
                    h3 { "Forward file" }
                    p {
                        FileLabel { name: file.label() }
                    }
                },
            }
            div { class: "dialog-fields",
                SearchField { label: "Search conversations", action: "/inbox", value: choice.search, on_search: move |text| choice.search(text) }
                div { class: "forward-list", role: "group", "aria-label": "Conversations",
                    for one in picked {
                        ChosenLine { key: "{one.target.channel}", chosen: one.clone(), disabled: sending(), on_remove: move |()| choose(one.target.clone(), false) }
                    }
                    for target in others {
                        label { class: "menu-item", key: "{target.channel}",
                            input {
                                class: "check",
                                r#type: "checkbox",
                                checked: false,
                                disabled: sending(),
                                onchange: {
                                    let target = target.clone();
                                    move |_| choose(target.clone(), true)
                                },
                            }
                            span { class: "truncate", dir: "auto", "{target.name}" }
                        }
                    }
                    if nothing {
                        p { class: "muted", "No conversations match." }
                    }
                }
                div {
                    label { class: "label", r#for: "forward-note", "Note (optional)" }
                    textarea {
                        class: "field",
                        id: "forward-note",
                        rows: "2",
                        dir: "auto",
                        value: "{note}",
                        oninput: move |event| note.set(event.value()),
                    }
                }
            }
            if failed > 0 && !sending() {
                p { class: "hint hint-error", role: "alert",
                    CircleAlert { class: "icon" }
                    "Not sent to {failed} of the conversations. Try again, or remove them."
                }
            }
            div { class: "dialog-foot",
                button { class: "btn", r#type: "button", disabled: sending(), onclick: move |_| on_close(()), if failed > 0 { "Close" } else { "Cancel" } }
                button { class: "btn btn-primary", r#type: "button", disabled: sending() || !is_waiting, onclick: send,
                    if failed > 0 { "Try again" } else { "Forward" }
                }
            }
        }
    }
}

/// A chosen conversation, and whether the message was sent there.
#[component]
fn ChosenLine(chosen: Chosen, disabled: bool, on_remove: EventHandler<()>) -> Element {
    let is_sent = chosen.state == SendState::Sent;
    rsx! {
        label { class: "menu-item",
            input {
                class: "check",
                r#type: "checkbox",
                checked: true,
                disabled: disabled || is_sent,
                onchange: move |_| on_remove(()),
            }
            span { class: "truncate", dir: "auto", "{chosen.target.name}" }
            if is_sent {
                span { class: "forward-state",
                    Check { class: "icon icon-14" }
                    "Sent"
                }
            }
        }
        if let SendState::Failed(reason) = &chosen.state {
            p { class: "hint hint-error",
                CircleAlert { class: "icon" }
                "Not sent to {chosen.target.name}: {reason}"
            }
        }
    }
}
