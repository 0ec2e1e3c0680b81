//! The content of a message: text, title, files. Checked before anything is written.

use super::model::{DeliveryType, NewMessage, check_external_id, check_line};
use super::store::NewMessageRow;
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::files::attachments::message_files;
use crate::files::attachments::message_files::{CheckedFile, MessageFile};
use crate::files::emoji::service as emoji;
use crate::ids::AccessTokenId;
use crate::people::organizations::service::Member;
use crate::platform::db::Tx;
use crate::platform::error::Result;

/// A message to send, with the fields for programs.
#[derive(Debug, Clone, Default)]
pub struct Post {
    pub message: NewMessage,
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub delivery_type: DeliveryType,
    /// In order, after the attachments of `message`.
    pub carried: Vec<MessageFile>,
    /// The id in the system of a gateway: the same one is never a second message.
    pub external_id: Option<String>,
}

impl From<NewMessage> for Post {
    fn from(message: NewMessage) -> Self {
        Self { message, ..Self::default() }
    }
}

impl Post {
    /// Checks the content in the message's transaction. Returns it with the files it carries.
    pub(super) async fn check(
        mut self,
        tx: &mut Tx,
        member: &Member,
        channel: &Visible<Channel>,
    ) -> Result<(Self, Vec<CheckedFile>)> {
        self.title = check_line("title", self.title)?;
        self.subtitle = check_line("subtitle", self.subtitle)?;
        self.external_id = check_external_id(self.external_id)?;
        let files = message_files::check(tx, member, channel, std::mem::take(&mut self.carried)).await?;
        let says_something = self.title.is_some() || !files.is_empty();
        self.message = if says_something { self.message.check_below_title()? } else { self.message.check()? };
        self.message.body = emoji::with_characters(&self.message.body);
        Ok((self, files))
    }

    /// Returns whether a repeated request can be recognized.
    pub(super) fn has_key(&self) -> bool {
        self.message.idempotency_key.is_some() || self.external_id.is_some()
    }

    pub(super) fn row<'a>(&'a self, member: &Member, channel: &Visible<Channel>) -> NewMessageRow<'a> {
        NewMessageRow {
            organization: member.organization_id(),
            channel: channel.id,
            member: Some(member.id),
            contact: None,
            access_token: member.token.as_ref().map(|token| AccessTokenId(token.id)),
            title: self.title.as_deref(),
            subtitle: self.subtitle.as_deref(),
            body: &self.message.body,
            delivery_type: self.delivery_type,
            idempotency_key: self.message.idempotency_key.as_deref(),
            file_request: None,
            submission_key: None,
            external_id: self.external_id.as_deref(),
            gateway: None,
            reply_to: self.message.reply_to,
        }
    }
}
