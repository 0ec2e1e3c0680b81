//! The lightbox over the feed: all files of the conversation that it can show, oldest first.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::MessageSquare;

use super::feed::Feed;
use super::lightbox_files::lightbox_files;
use crate::conversations::messages::model::Message;
use crate::files::attachments::components::{FileText, FileTools};
use crate::files::attachments::model::Attachment;
use crate::ids::{AttachmentId, MessageId};
use crate::people::contacts::model::Contact;
use crate::ui::relative_time::use_moments;
use crate::ui::{Lightbox, LightboxImage, dialogs_closed};

/// A file in one message: the same file may be in several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownFile {
    pub message: MessageId,
    pub file: AttachmentId,
}

impl ShownFile {
    fn id(self) -> String {
        format!("{}.{}", self.message, self.file)
    }

    fn parse(id: &str) -> Option<Self> {
        let (message, file) = id.split_once('.')?;
        Some(Self { message: message.parse().ok()?, file: file.parse().ok()? })
    }
}

/// Opens at `start`. `on_load` requests messages with further files: older ones with `true`.
#[component]
pub fn FeedLightbox(
    feed: Feed,
    contact: Option<Contact>,
    start: ShownFile,
    on_load: EventHandler<bool>,
    on_go: EventHandler<MessageId>,
    on_close: EventHandler<()>,
) -> Element {
    let moments = use_moments();
    let mut shown = use_signal(|| start);
    // The message of the shown file: it stays when the feed shows another part of the conversation.
    let mut kept = use_hook(|| CopyValue::new(None::<Rc<Message>>));
    let mut messages = feed.messages.read().clone();
    let id = shown().message;
    let last = kept.peek().clone();
    match (messages.binary_search_by_key(&id, |message| message.id), last) {
        (Ok(place), _) => kept.set(Some(messages[place].clone())),
        (Err(place), Some(message)) if message.id == id => messages.insert(place, message),
        _ => {}
    }
    let images: Vec<_> = messages
        .iter()
        .flat_map(|message| {
            let when = moments(message.created_at);
            let said = format!("{}, {} {}", message.author.name, when.day_name(), when.time());
            let files = lightbox_files(message, &said, contact.as_ref());
            let message = message.id;
            files.into_iter().map(move |(file, image)| LightboxImage { id: ShownFile { message, file }.id(), ..image })
        })
        .collect();
    let text = use_callback(|id: String| {
        rsx! {
            if let Ok(id) = id.parse() {
                FileText { id }
            }
        }
    });
    let go = move |message| {
        on_close(());
        on_go(message);
    };
    let tools = use_callback(move |id: String| {
        let found = ShownFile::parse(&id).and_then(|shown| Some((shown, find(feed, shown)?)));
        rsx! {
            if let Some((shown, file)) = found {
                button { class: "icon-btn", r#type: "button", "aria-label": "Go to message", title: "Go to message", onclick: move |_| go(shown.message),
                    MessageSquare { class: "icon" }
                }
                FileTools { file }
            }
        }
    });
    rsx! {
        Lightbox {
            images,
            start: start.id(),
            has_before: (feed.has_more)(),
            has_more: (feed.has_newer)(),
            on_near_start: move |()| on_load(true),
            on_near_end: move |()| on_load(false),
            text,
            tools,
            on_show: move |id: String| {
                if let Some(now) = ShownFile::parse(&id).filter(|now| *shown.peek() != *now) {
                    shown.set(now);
                }
            },
            on_close,
        }
    }
}

fn find(feed: Feed, shown: ShownFile) -> Option<Attachment> {
    let messages = feed.messages.read();
    let place = messages.binary_search_by_key(&shown.message, |message| message.id).ok()?;
    messages[place].attachments.iter().find(|file| file.id == shown.file).cloned()
}

/// Shows a message after the lightbox has closed and returned the focus, which restores the feed's scroll position.
pub async fn go_once_closed(feed: Feed, message: MessageId) {
    dialogs_closed().await;
    feed.go_to(message).await;
}
