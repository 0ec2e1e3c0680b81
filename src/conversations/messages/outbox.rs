//! The outbox: messages that wait for their files or for the connection. Each is sent when possible, on any page.

use dioxus::core::spawn_forever;
use dioxus::prelude::*;

use super::api::send_message;
use super::model::{Message, NewMessage};
use crate::conversations::list::Unsent;
use crate::files::uploads::draft::{Drafts, PendingMessage};
use crate::files::uploads::queue::UploadQueue;
use crate::ids::ChannelId;
use crate::platform::browser;
use crate::platform::error::ErrorKind;
use crate::platform::json::Body;

/// Maximum delay before a retry, in milliseconds.
const PAUSE_MAX: i32 = 30_000;

/// Sent messages, until their feed receives them.
#[derive(Clone, Copy, PartialEq)]
pub struct Outbox(Signal<Vec<Message>>);

/// Sends ready messages, for the whole app.
pub fn use_outbox(drafts: Drafts) {
    let outbox = use_context_provider(|| Outbox(Signal::new_in_scope(Vec::new(), ScopeId::ROOT)));
    let Unsent(mut unsent) = Unsent::provide();
    use_effect(move || {
        let now = drafts.unsent();
        if *unsent.peek() != now {
            unsent.set(now);
        }
    });
    use_hook(|| browser::ask_before_leaving(move || drafts.is_busy()));
    use_effect(move || {
        for (channel, message) in drafts.ready() {
            drafts.update_pending(channel, &message.key, |message| message.sending = true);
            spawn_forever(send(drafts, outbox, channel, message));
        }
    });
}

impl Outbox {
    /// Removes and returns sent messages of this channel. The effect that calls it runs again when there are more.
    pub fn take(mut self, channel: ChannelId) -> Vec<Message> {
        let of_channel = |message: &Message| message.channel_id == channel;
        if !self.0.read().iter().any(of_channel) {
            return Vec::new();
        }
        let (taken, rest) = std::mem::take(&mut *self.0.write()).into_iter().partition(of_channel);
        self.0.set(rest);
        taken
    }
}

async fn send(drafts: Drafts, mut outbox: Outbox, channel: ChannelId, message: PendingMessage) {
    let input = NewMessage {
        body: message.body(),
        attachment_ids: message.attachment_ids(),
        reply_to: message.reply_to.as_ref().map(|reply_to| reply_to.id),
        idempotency_key: Some(message.key.clone()),
    };
    let mut pause = 1000;
    loop {
        match send_message(channel, Body(input.clone())).await {
            Ok(sent) => {
                UploadQueue::forget(&message.uploads);
                drafts.remove_pending(channel, &message.key);
                outbox.0.push(sent);
                return;
            }
            // The key prevents duplicates.
            Err(error) if error.is_transient() => {
                drafts.update_pending(channel, &message.key, |message| message.unreached = true);
                browser::sleep_or_online(pause.max(error.retry_after_ms())).await;
                // Moved back into the composer in the meantime.
                if !drafts.is_pending(channel, &message.key) {
                    return;
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
            // It waits for the next log-in: the person's next page sends it.
            Err(error) if matches!(error.kind, ErrorKind::Unauthenticated | ErrorKind::SessionChanged) => {
                drafts.update_pending(channel, &message.key, |message| message.unreached = true);
                if error.kind == ErrorKind::Unauthenticated {
                    browser::go_to_log_in();
                }
                return;
            }
            Err(error) => {
                drafts.update_pending(channel, &message.key, |message| {
                    message.sending = false;
                    message.refused = Some(error.message.clone());
                });
                return;
            }
        }
    }
}
