//! The composer: text, uploading files, Send.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Paperclip, SendHorizontal};

use super::editing::Editing;
use super::feed::to_bottom;
use super::formatting::format;
use super::mentioning::{MentionList, use_mention_suggestions};
use super::replying::ReplyBar;
use crate::conversations::messages::api::send_message;
use crate::conversations::messages::model::{Message, NewMessage};
use crate::files::emoji::components::{EmojiButton, SuggestionList, use_suggestions};
use crate::files::quotas::model::StorageRoom;
use crate::files::uploads::components::ChipList;
use crate::files::uploads::draft::{Draft, Upload};
use crate::files::uploads::queue::{FILE_FIELD, UploadQueue};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::byte_size::format_size;
use crate::platform::error::AppError;
use crate::platform::json::Body;
use crate::ui::{Shortcut, ShortcutGroup, input_method, use_hydrated};

const FIELD: &str = "#composer-text";
/// What can be written, as a tooltip.
const MARKDOWN: &str = "Markdown: **bold**, _italic_, `code`, - lists, > quotes, [links](https://…)";
/// The number of characters that determine the height of the field: more would exceed its maximum.
const MEASURED_CHARS: usize = 4000;

/// `sent` receives sent messages. If the conversation opens `at_message`, the focus goes there.
#[component]
pub fn Composer(
    queue: UploadQueue,
    recipient: String,
    sent: Signal<Vec<Message>>,
    #[props(default)] at_message: bool,
) -> Element {
    let session = use_session();
    let may_upload = session.may(Permission::AttachmentUpload);
    let hydrated = use_hydrated();
    let mut sent = sent;
    let mut sending = use_signal(|| false);
    let mut error = use_signal(|| None::<AppError>);
    let channel = queue.channel;
    let on_text = use_callback(move |text| queue.drafts.set_text(channel, text));
    let suggestions = use_suggestions(FIELD, move |text| on_text.call(text));
    let people = use_mention_suggestions(FIELD, channel, &[], move |(text, mention)| {
        queue.drafts.mention(channel, text, mention);
    });
    let draft = queue.drafts.read(channel);
    let editing: Editing = use_context();
    let me = session.member_id;
    let mut touch = use_signal(|| false);
    use_effect(move || {
        touch.set(browser::is_touch());
        if !browser::is_touch() && !at_message {
            browser::focus_unless_busy(FIELD);
        }
    });

    if !session.may(Permission::MessageSend) {
        return rsx! {
            div { class: "composer", "data-state": "disabled", "data-component": "Composer",
                p { class: "composer-closed muted", "Your role, {session.role.name}, can read but not write here." }
            }
        };
    }
    let send = move || async move {
        let draft = queue.drafts.peek(channel);
        if sending() || !draft.can_send() {
            return;
        }
        error.set(None);
        if !draft.uploads.iter().all(Upload::is_complete) {
            queue.drafts.hold(channel, &draft);
            to_bottom();
            browser::focus(FIELD);
            return;
        }
        sending.set(true);
        let message = NewMessage {
            body: draft.body(),
            attachment_ids: draft.uploads.iter().filter_map(|upload| upload.attachment_id).collect(),
            reply_to: draft.reply_to.as_ref().map(|reply_to| reply_to.id),
            idempotency_key: Some(queue.drafts.key(channel)),
        };
        match send_message(channel, Body(message)).await {
            Ok(message) => {
                UploadQueue::forget(&draft.uploads);
                queue.drafts.take_sent(channel, &draft);
                sent.push(message);
            }
            // The key prevents a duplicate if the server has it already.
            Err(error) if error.is_transient() => {
                queue.drafts.hold(channel, &draft);
                to_bottom();
            }
            Err(refused) => error.set(Some(refused)),
        }
        sending.set(false);
        browser::focus(FIELD);
    };
    let on_key = move |event: KeyboardEvent| async move {
        let is_taken = people.takes(&event) || suggestions.takes(&event) || input_method::is_composing(&event);
        if is_taken || format(&event, FIELD, on_text) {
            return;
        }
        let draft = queue.drafts.peek(channel);
        match ShortcutGroup::Writing.of(&event) {
            Some(Shortcut::Leave) if draft.reply_to.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                queue.drafts.set_reply(channel, None);
            }
            Some(Shortcut::EditLast) if draft.text.is_empty() && editing.begin_last(me) => event.prevent_default(),
            Some(Shortcut::Send) if !touch() => {
                event.prevent_default();
                send().await;
            }
            _ => {}
        }
    };
    let text = draft.text.clone();
    let placeholder = if draft.uploads.is_empty() {
        format!("Message {recipient}")
    } else {
        "Add a message, or just send the files".to_owned()
    };
    let note = note(&draft, (queue.room)(), may_upload, touch());
    rsx! {
        form {
            class: "composer",
            "data-component": "Composer",
            "data-filled": if !draft.uploads.is_empty() { "" },
            "data-typing": if !text.is_empty() { "" },
            onsubmit: move |event| async move {
                event.prevent_default();
                send().await;
            },
            if let Some(reply_to) = draft.reply_to.clone() {
                ReplyBar {
                    reply_to,
                    on_drop: move |()| {
                        queue.drafts.set_reply(channel, None);
                        browser::focus(FIELD);
                    },
                }
            }
            if !draft.uploads.is_empty() {
                ChipList { uploads: draft.uploads.clone(), queue }
            }
            if let Some(refused) = error() {
                p { class: "composer-error", role: "alert",
                    CircleAlert { class: "icon icon-14" }
                    span { "Not sent. {refused.message} Your message was kept." }
                }
            }
            SuggestionList { suggestions }
            MentionList { suggestions: people }
            // An invisible copy of the text determines the height of the field in every browser.
            div { class: "composer-text", "data-text": tail(&text),
                textarea {
                    id: "composer-text",
                    rows: "1",
                    "enterkeyhint": if touch() { "enter" } else { "send" },
                    placeholder,
                    "aria-label": "Message",
                    value: "{text}",
                    dir: "auto",
                    "aria-autocomplete": "list",
                    "aria-controls": people.list_id().or_else(|| suggestions.active_id().map(|_| "emoji-suggestions")),
                    "aria-activedescendant": people.active_id().or_else(|| suggestions.active_id()),
                    oninput: move |event| {
                        queue.drafts.set_text(channel, event.value());
                        suggestions.on_input();
                        people.on_input();
                    },
                    onblur: move |_| {
                        suggestions.close();
                        people.close();
                    },
                    onkeydown: on_key,
                    onpaste: move |event| {
                        if may_upload {
                            queue.add_pasted(&event);
                            browser::focus(FIELD);
                        }
                    },
                }
            }
            div { class: "composer-bar",
                if may_upload {
                    button {
                        class: "icon-btn",
                        r#type: "button",
                        "aria-label": "Attach files",
                        title: "Attach files",
                        disabled: !hydrated,
                        onclick: move |_| browser::click(FILE_FIELD),
                        Paperclip { class: "icon" }
                    }
                    input {
                        id: "composer-files",
                        r#type: "file",
                        multiple: true,
                        hidden: true,
                        "aria-label": "Files",
                        onchange: move |event| {
                            queue.add(event.files());
                            browser::empty_file_field(FILE_FIELD);
                        },
                    }
                }
                EmojiButton {
                    label: "Emoji",
                    class: "icon-btn composer-emoji",
                    returns_to: Some(FIELD),
                    on_choose: move |emoji: String| suggestions.insert(&emoji),
                }
                span { class: "composer-note", role: "status", title: MARKDOWN, "{note}" }
                button { class: "btn btn-primary", r#type: "submit", disabled: sending() || !draft.can_send(), "aria-label": "Send",
                    SendHorizontal { class: "icon" }
                    span { "Send" }
                }
            }
        }
    }
}

fn tail(text: &str) -> String {
    text.chars().take(MEASURED_CHARS).collect()
}

/// Returns the line beside the paperclip: what can be sent, or why it can't.
fn note(draft: &Draft, room: StorageRoom, may_upload: bool, touch: bool) -> String {
    let count = draft.uploads.len();
    let failed = draft.uploads.iter().filter(|upload| upload.is_failed()).count();
    let hopeless = draft.uploads.iter().filter(|upload| upload.is_failed() && !upload.can_retry()).count();
    let interrupted = draft.uploads.iter().filter(|upload| upload.status() == "interrupted").count();
    let up = draft.uploads.iter().filter(|upload| upload.is_complete()).count();
    let total = format_size(draft.uploads.iter().map(|upload| upload.file_size).sum());
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    match () {
        () if hopeless > 0 => format!("{hopeless} can't be sent. Remove to send the rest."),
        () if failed > 0 => format!("{failed} failed. Retry or remove to send."),
        () if interrupted > 0 => format!("{interrupted} interrupted. Resume to continue."),
        () if up < count => format!("Uploading {files} ({total}). You can press Send now."),
        () if count > 0 => format!("{files}, {total}"),
        () if !draft.text.is_empty() && !touch => "Shift + Enter for a new line".to_owned(),
        () if !may_upload => "Your role can't upload files".to_owned(),
        () => room.note(),
    }
}
