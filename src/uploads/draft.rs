//! What a person is about to send, channel by channel: text, and files on their way up. Kept while they look elsewhere, so a
//! file picked in one channel never ends in another.

use std::collections::HashMap;

use dioxus::prelude::*;

use crate::attachments::model::{Attachment, AttachmentId};
use crate::channels::model::ChannelId;

/// The drafts of all channels.
#[derive(Clone, Copy, PartialEq)]
pub struct Drafts(Signal<HashMap<ChannelId, Draft>>);

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub text: String,
    pub uploads: Vec<Upload>,
}

/// One picked file.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    /// In this page only.
    pub number: u64,
    pub file_name: String,
    pub file_size: u64,
    pub content_type: String,
    /// A local picture of it, before the server has one.
    pub preview_url: Option<String>,
    pub attachment_id: Option<AttachmentId>,
    pub state: UploadState,
}

#[derive(Debug, Clone, PartialEq)]
pub enum UploadState {
    /// Bytes that have left the browser.
    Uploading {
        sent: u64,
    },
    /// All bytes are there; the server looks at them.
    Verifying,
    Complete(Box<Attachment>),
    Failed {
        reason: String,
        /// Whether the same file may succeed next time.
        can_retry: bool,
    },
}

impl Upload {
    pub fn percent(&self) -> u8 {
        match self.state {
            UploadState::Uploading { sent } => {
                u8::try_from(sent.saturating_mul(100) / self.file_size.max(1)).unwrap_or(100).min(99)
            }
            UploadState::Verifying => 99,
            UploadState::Complete(_) => 100,
            UploadState::Failed { .. } => 0,
        }
    }

    pub fn is_complete(&self) -> bool {
        matches!(self.state, UploadState::Complete(_))
    }

    pub fn is_failed(&self) -> bool {
        matches!(self.state, UploadState::Failed { .. })
    }
}

impl Draft {
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.uploads.is_empty()
    }

    /// Something to send, and every file up.
    pub fn can_send(&self) -> bool {
        !self.is_empty() && self.uploads.iter().all(Upload::is_complete)
    }
}

/// Makes drafts possible, for all below.
pub fn use_drafts() {
    // Of the whole app: an upload goes on while its page is left.
    use_context_provider(|| Drafts(Signal::new_in_scope(HashMap::new(), ScopeId::ROOT)));
}

impl Drafts {
    /// A copy; the component that reads it follows its changes.
    pub fn read(self, channel: ChannelId) -> Draft {
        self.0.read().get(&channel).cloned().unwrap_or_default()
    }

    /// A copy, without following.
    pub fn peek(self, channel: ChannelId) -> Draft {
        self.0.peek().get(&channel).cloned().unwrap_or_default()
    }

    pub fn set_text(mut self, channel: ChannelId, text: String) {
        self.0.write().entry(channel).or_default().text = text;
    }

    pub fn add(mut self, channel: ChannelId, upload: Upload) {
        self.0.write().entry(channel).or_default().uploads.push(upload);
    }

    pub fn clear(mut self, channel: ChannelId) {
        self.0.write().remove(&channel);
    }

    /// Changes one upload, if it is still there. Answers whether it was.
    pub fn update(mut self, channel: ChannelId, number: u64, change: impl FnOnce(&mut Upload)) -> bool {
        let mut drafts = self.0.write();
        let found =
            drafts.get_mut(&channel).and_then(|draft| draft.uploads.iter_mut().find(|upload| upload.number == number));
        found.map(change).is_some()
    }

    pub fn remove(mut self, channel: ChannelId, number: u64) -> Option<Upload> {
        let mut drafts = self.0.write();
        let uploads = &mut drafts.get_mut(&channel)?.uploads;
        let place = uploads.iter().position(|upload| upload.number == number)?;
        Some(uploads.remove(place))
    }
}
