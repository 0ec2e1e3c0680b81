//! Drafts of each channel: text, uploading files, and messages that wait for their files. Kept while another channel is
//! open and over a reload, so that a file picked in one channel never ends in another.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use dioxus::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channels::mentions::{Mention, with_tokens};
use crate::files::attachments::model::Attachment;
use crate::ids::{AttachmentId, ChannelId, MessageId};

/// The drafts of all channels.
#[derive(Clone, Copy, PartialEq)]
pub struct Drafts(pub(super) Signal<HashMap<ChannelId, Draft>>);

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub text: String,
    pub uploads: Vec<Upload>,
    /// The message that the next one replies to.
    #[serde(default)]
    pub reply_to: Option<ReplyTo>,
    /// The members whose names were chosen from suggestions. The text may not have all of them any more.
    #[serde(default)]
    pub mentions: Vec<Mention>,
    /// The idempotency key of the next message: the same until the message is known to be stored. Empty until needed.
    #[serde(default)]
    pub key: String,
    /// Messages that were sent while their files were uploading, in order.
    #[serde(default)]
    pub pending: Vec<PendingMessage>,
}

/// The message that a draft replies to, as it was when the person chose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    pub id: MessageId,
    pub author: String,
    pub text: String,
}

/// A message that waits for its files, or for the connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingMessage {
    /// Its idempotency key.
    pub key: String,
    pub text: String,
    pub uploads: Vec<Upload>,
    #[serde(default)]
    pub reply_to: Option<ReplyTo>,
    #[serde(default)]
    pub mentions: Vec<Mention>,
    /// The request is running.
    #[serde(skip)]
    pub sending: bool,
    /// The server could not be reached: the request is retried.
    #[serde(skip)]
    pub unreached: bool,
    /// Why the server rejected it.
    #[serde(skip)]
    pub refused: Option<String>,
}

/// One picked file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// Unique in this page only.
    #[serde(skip)]
    pub number: u64,
    /// The browser's storage key of the file, or of its handle.
    pub key: String,
    pub file_name: String,
    /// Whether it was renamed here before the server had the file.
    #[serde(default)]
    pub renamed: bool,
    pub file_size: u64,
    /// Unix milliseconds, from the browser.
    pub last_modified: i64,
    /// The checksum of its first bytes, by which a file that is picked again is recognized. Only for large ones.
    pub head: Option<String>,
    pub content_type: String,
    /// A local preview, before the server has one.
    #[serde(skip)]
    pub preview_url: Option<String>,
    pub attachment_id: Option<AttachmentId>,
    pub state: UploadState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum UploadState {
    /// Bytes sent.
    Uploading {
        sent: u64,
    },
    /// The server or the storage can't be reached: it continues automatically.
    Waiting {
        sent: u64,
        /// The probable cause, if known.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Paused by the person.
    Paused {
        sent: u64,
    },
    /// The page was reloaded, and the file must be picked again.
    Interrupted {
        sent: u64,
    },
    /// All bytes have arrived; the server checks them.
    Verifying,
    Complete(Box<Attachment>),
    Failed {
        reason: String,
        /// Whether the same file may succeed next time.
        can_retry: bool,
    },
}

impl Upload {
    /// Returns the bytes sent.
    pub fn sent(&self) -> u64 {
        match self.state {
            UploadState::Uploading { sent }
            | UploadState::Waiting { sent, .. }
            | UploadState::Paused { sent }
            | UploadState::Interrupted { sent } => sent,
            UploadState::Verifying | UploadState::Complete(_) => self.file_size,
            UploadState::Failed { .. } => 0,
        }
    }

    /// Returns the progress; 100 only when complete.
    pub fn percent(&self) -> u8 {
        let percent = u8::try_from(self.sent().saturating_mul(100) / self.file_size.max(1)).unwrap_or(100);
        if self.is_complete() { 100 } else { percent.min(99) }
    }

    pub fn is_complete(&self) -> bool {
        matches!(self.state, UploadState::Complete(_))
    }

    pub fn is_failed(&self) -> bool {
        matches!(self.state, UploadState::Failed { .. })
    }

    pub fn can_retry(&self) -> bool {
        matches!(self.state, UploadState::Failed { can_retry: true, .. })
    }

    /// Returns the displayed name.
    pub fn label(&self) -> String {
        if self.file_name.is_empty() { "attachment".to_owned() } else { self.file_name.clone() }
    }

    /// Returns the status for style sheets and tests.
    pub fn status(&self) -> &'static str {
        match self.state {
            UploadState::Uploading { .. } | UploadState::Verifying => "uploading",
            UploadState::Waiting { .. } => "waiting",
            UploadState::Paused { .. } => "paused",
            UploadState::Interrupted { .. } => "interrupted",
            UploadState::Complete(_) => "complete",
            UploadState::Failed { .. } => "failed",
        }
    }
}

impl PendingMessage {
    /// Returns whether all files are complete, and the message is not being sent yet.
    fn is_ready(&self) -> bool {
        !self.sending && self.refused.is_none() && self.uploads.iter().all(Upload::is_complete)
    }

    /// Returns the text to send, with tokens for the mentioned members.
    pub fn body(&self) -> String {
        with_tokens(&self.text, &self.mentions)
    }

    /// Returns the attachments, in the order in which the files were picked.
    pub fn attachment_ids(&self) -> Vec<AttachmentId> {
        self.uploads.iter().filter_map(|upload| upload.attachment_id).collect()
    }
}

impl Draft {
    /// Returns the text to send, with tokens for the mentioned members.
    pub fn body(&self) -> String {
        with_tokens(&self.text, &self.mentions)
    }

    /// Returns whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.uploads.is_empty()
    }

    /// Returns whether there is nothing to keep over a reload.
    #[cfg(feature = "web")]
    pub(super) fn is_unused(&self) -> bool {
        let is_blank = self.text.is_empty() && self.reply_to.is_none();
        is_blank && self.uploads.is_empty() && self.pending.is_empty()
    }

    /// Returns whether there is something to send, and no failed file. Uploading files don't matter: the message waits
    /// for them.
    pub fn can_send(&self) -> bool {
        !self.is_empty() && !self.uploads.iter().any(Upload::is_failed)
    }

    fn shift(&mut self, number: u64, by: isize) {
        let Some(place) = self.uploads.iter().position(|upload| upload.number == number) else { return };
        let to = place.saturating_add_signed(by).min(self.uploads.len() - 1);
        let upload = self.uploads.remove(place);
        self.uploads.insert(to, upload);
    }

    fn take(&mut self, sent: &Self) {
        // A text that was edited since, rather than extended, stays complete.
        if let Some(rest) = self.text.strip_prefix(&sent.text) {
            self.text = rest.trim_start().to_owned();
            if self.text.is_empty() {
                self.mentions.clear();
            }
        }
        self.uploads.retain(|upload| sent.uploads.iter().all(|gone| gone.number != upload.number));
        if self.reply_to == sent.reply_to {
            self.reply_to = None;
        }
        self.key = String::new();
    }

    /// Inserts the draft of an earlier page before the current one.
    #[cfg(any(feature = "web", test))]
    pub(super) fn put_before(&mut self, kept: Self) {
        // A text typed before hydration may be the stored one.
        if !self.text.starts_with(&kept.text) {
            let texts = [kept.text, std::mem::take(&mut self.text)];
            self.text = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        }
        if self.key.is_empty() {
            self.key = kept.key;
        }
        self.reply_to = self.reply_to.take().or(kept.reply_to);
        add_mentions(&mut self.mentions, kept.mentions);
        self.uploads.splice(0..0, kept.uploads);
        self.pending.splice(0..0, kept.pending);
    }

    pub(super) fn all_uploads(&self) -> impl Iterator<Item = &Upload> {
        self.uploads.iter().chain(self.pending.iter().flat_map(|message| &message.uploads))
    }

    pub(super) fn all_uploads_mut(&mut self) -> impl Iterator<Item = &mut Upload> {
        self.uploads.iter_mut().chain(self.pending.iter_mut().flat_map(|message| &mut message.uploads))
    }
}

/// Adds members to those who are mentioned, each once.
fn add_mentions(mentions: &mut Vec<Mention>, new: Vec<Mention>) {
    mentions.retain(|known| new.iter().all(|mention| mention.id != known.id));
    mentions.extend(new);
}

/// Provides drafts to all components below; `keeper` is their owner.
pub fn use_drafts(keeper: Uuid) -> Drafts {
    // In the app's scope, because an upload continues when the user opens another page.
    let drafts = use_context_provider(|| Drafts(Signal::new_in_scope(HashMap::new(), ScopeId::ROOT)));
    #[cfg(feature = "web")]
    super::stored_drafts::use_kept(drafts, keeper);
    #[cfg(not(feature = "web"))]
    let _ = keeper;
    drafts
}

impl Drafts {
    /// Returns a copy; the component that reads it subscribes to changes.
    pub fn read(self, channel: ChannelId) -> Draft {
        self.0.read().get(&channel).cloned().unwrap_or_default()
    }

    /// Returns a copy, without subscribing.
    pub fn peek(self, channel: ChannelId) -> Draft {
        self.0.peek().get(&channel).cloned().unwrap_or_default()
    }

    pub fn set_text(mut self, channel: ChannelId, text: String) {
        self.0.write().entry(channel).or_default().text = text;
    }

    /// Sets the text after the name of a member was inserted.
    pub fn mention(mut self, channel: ChannelId, text: String, mention: Mention) {
        let mut drafts = self.0.write();
        let draft = drafts.entry(channel).or_default();
        draft.text = text;
        add_mentions(&mut draft.mentions, vec![mention]);
    }

    /// Sets the message that the next one replies to.
    pub fn set_reply(mut self, channel: ChannelId, reply_to: Option<ReplyTo>) {
        self.0.write().entry(channel).or_default().reply_to = reply_to;
    }

    pub fn add(mut self, channel: ChannelId, upload: Upload) {
        self.0.write().entry(channel).or_default().uploads.push(upload);
    }

    /// Removes sent parts from the next message; what was written and picked since stays.
    pub fn take_sent(mut self, channel: ChannelId, sent: &Draft) {
        if let Some(draft) = self.0.write().get_mut(&channel) {
            draft.take(sent);
        }
    }

    /// Returns the idempotency key of the next message.
    pub fn key(mut self, channel: ChannelId) -> String {
        let mut drafts = self.0.write();
        let draft = drafts.entry(channel).or_default();
        if draft.key.is_empty() {
            draft.key = new_key();
        }
        draft.key.clone()
    }

    /// Sends the next message, as it was then, as soon as its files are complete and the server can be reached.
    pub fn hold(mut self, channel: ChannelId, then: &Draft) {
        let key = self.key(channel);
        if let Some(draft) = self.0.write().get_mut(&channel) {
            draft.take(then);
            draft.pending.push(PendingMessage {
                key,
                text: then.text.clone(),
                uploads: then.uploads.clone(),
                reply_to: then.reply_to.clone(),
                mentions: then.mentions.clone(),
                sending: false,
                unreached: false,
                refused: None,
            });
        }
    }

    /// Moves a waiting message back into the composer, before its current content.
    pub fn take_back(mut self, channel: ChannelId, key: &str) {
        if let Some(message) = self.remove_pending(channel, key) {
            let mut drafts = self.0.write();
            let draft = drafts.entry(channel).or_default();
            let texts = [message.text, std::mem::take(&mut draft.text)];
            draft.text = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            draft.uploads.splice(0..0, message.uploads);
            draft.reply_to = draft.reply_to.take().or(message.reply_to);
            add_mentions(&mut draft.mentions, message.mentions);
        }
    }

    pub fn remove_pending(mut self, channel: ChannelId, key: &str) -> Option<PendingMessage> {
        let mut drafts = self.0.write();
        let pending = &mut drafts.get_mut(&channel)?.pending;
        let place = pending.iter().position(|message| message.key == key)?;
        Some(pending.remove(place))
    }

    pub fn is_pending(self, channel: ChannelId, key: &str) -> bool {
        self.0.peek().get(&channel).is_some_and(|draft| draft.pending.iter().any(|message| message.key == key))
    }

    /// Changes a waiting message, if it still exists.
    pub fn update_pending(mut self, channel: ChannelId, key: &str, change: impl FnOnce(&mut PendingMessage)) {
        let mut drafts = self.0.write();
        let found = drafts.get_mut(&channel).and_then(|draft| draft.pending.iter_mut().find(|m| m.key == key));
        if let Some(message) = found {
            change(message);
        }
    }

    /// Returns the messages whose files are all complete. The component or effect that reads it subscribes to changes.
    pub fn ready(self) -> Vec<(ChannelId, PendingMessage)> {
        let drafts = self.0.read();
        let of = |(channel, draft): (&ChannelId, &Draft)| {
            // In order: the first that is not ready blocks those after it.
            let first = draft.pending.first().filter(|message| message.is_ready())?;
            Some((*channel, first.clone()))
        };
        drafts.iter().filter_map(of).collect()
    }

    /// Returns whether something is unfinished: a waiting message, or an incomplete file.
    pub fn is_busy(self) -> bool {
        let is_under_way = |upload: &Upload| !upload.is_complete() && !upload.is_failed();
        self.0.peek().values().any(|draft| !draft.pending.is_empty() || draft.uploads.iter().any(is_under_way))
    }

    /// Returns the channels with waiting messages, and whether they are blocked. The reader subscribes to changes.
    pub fn unsent(self) -> HashMap<ChannelId, bool> {
        let is_held =
            |message: &PendingMessage| message.refused.is_some() || message.uploads.iter().any(Upload::is_failed);
        let drafts = self.0.read();
        let waiting = drafts.iter().filter(|(_, draft)| !draft.pending.is_empty());
        waiting.map(|(channel, draft)| (*channel, draft.pending.iter().any(is_held))).collect()
    }

    /// Returns an upload of any channel.
    pub fn find(self, number: u64) -> Option<Upload> {
        let drafts = self.0.peek();
        drafts.values().find_map(|draft| draft.all_uploads().find(|upload| upload.number == number).cloned())
    }

    /// Returns a matching upload of this channel.
    pub fn find_in(self, channel: ChannelId, is_it: impl Fn(&Upload) -> bool) -> Option<Upload> {
        self.0.peek().get(&channel)?.all_uploads().find(|upload| is_it(upload)).cloned()
    }

    /// Changes an upload. Returns whether it still exists.
    pub fn update(mut self, number: u64, change: impl FnOnce(&mut Upload)) -> bool {
        let mut drafts = self.0.write();
        let found =
            drafts.values_mut().find_map(|draft| draft.all_uploads_mut().find(|upload| upload.number == number));
        found.map(change).is_some()
    }

    pub fn set_state(self, number: u64, state: UploadState) -> bool {
        self.update(number, |upload| upload.state = state)
    }

    /// Moves an upload of the next message by a number of positions.
    pub fn shift(mut self, channel: ChannelId, number: u64, by: isize) {
        if let Some(draft) = self.0.write().get_mut(&channel) {
            draft.shift(number, by);
        }
    }

    pub fn remove(mut self, number: u64) {
        for draft in self.0.write().values_mut() {
            draft.uploads.retain(|upload| upload.number != number);
            for message in &mut draft.pending {
                message.uploads.retain(|upload| upload.number != number);
            }
        }
    }
}

pub fn new_key() -> String {
    #[expect(clippy::disallowed_methods, reason = "made in the browser, where the server's clock is not")]
    Uuid::new_v4().to_string()
}
