//! Files of a person's message: those that they uploaded for it. Files that were sent before are linked by `message_files`.

use super::model::Status;
use super::store::{self, AttachmentRow, links};
use crate::ids::{AttachmentId, ChannelId, FileRequestId, MemberId, MessageId, OrganizationId};
use crate::platform::db::{Lockable, Tx};
use crate::platform::error::{AppError, ErrorKind, Result};

/// Maximum number of files of a message.
pub const FILES_PER_MESSAGE: usize = 100;

/// Rejects more files than a message can have. Called before anything is done for them.
pub fn check_count(field: &str, count: usize) -> Result<()> {
    if count <= FILES_PER_MESSAGE {
        return Ok(());
    }
    Err(AppError::invalid(
        field,
        format!("A message can have at most {FILES_PER_MESSAGE} files. Send the rest in another message."),
    ))
}

/// The uploader whose files a message can use.
#[derive(Debug, Clone, Copy)]
pub enum UploadedBy {
    Member(MemberId),
    /// Imported for a contact.
    Contact,
    /// Uploaded by the link of this request.
    FileRequest(FileRequestId),
}

impl UploadedBy {
    fn owns(self, row: &AttachmentRow) -> bool {
        (row.uploaded_by, row.file_request_id) == self.columns()
    }

    /// `uploaded_by` and `file_request_id` of a file.
    pub fn columns(self) -> (Option<MemberId>, Option<FileRequestId>) {
        match self {
            Self::Member(id) => (Some(id), None),
            Self::Contact => (None, None),
            Self::FileRequest(id) => (None, Some(id)),
        }
    }
}

/// Claims uploaded files for a message, in order, inside its transaction. All or none; the error names the problem.
pub async fn link_to_message(
    tx: &mut Tx,
    organization: OrganizationId,
    uploader: UploadedBy,
    channel: ChannelId,
    message: MessageId,
    ids: &[AttachmentId],
) -> Result<()> {
    let sent = claim_unsent(tx, organization, uploader, channel, message, ids).await?;
    match sent.into_iter().next() {
        None => Ok(()),
        Some((_, row)) => {
            let id = row.id;
            Err(why_not(Some(row), id, uploader, channel))
        }
    }
}

/// Claims the files of a message that were uploaded for it. Returns the others, which were sent before, with their
/// positions. The files are locked.
pub async fn claim_unsent(
    tx: &mut Tx,
    organization: OrganizationId,
    uploader: UploadedBy,
    channel: ChannelId,
    message: MessageId,
    ids: &[AttachmentId],
) -> Result<Vec<(i32, AttachmentRow)>> {
    check_count("attachmentIds", ids.len())?;
    tx.lock_all(Lockable::Attachment, ids.iter().map(|id| id.0).collect()).await?;
    let mut sent = Vec::new();
    for (position, id) in (0_i32..).zip(ids) {
        // First the organization, then the claim: both inside the transaction.
        let row = store::find(tx.on(), organization, *id).await?;
        let is_claimed = row.is_some() && links::claim(&mut *tx, *id, message, channel, uploader).await?;
        match row {
            Some(row) if is_claimed => links::link(&mut *tx, message, position, row.id).await?,
            Some(row) if row.message_id.is_some() => sent.push((position, row)),
            row => return Err(why_not(row, *id, uploader, channel)),
        }
    }
    Ok(sent)
}

fn why_not(row: Option<AttachmentRow>, id: AttachmentId, uploader: UploadedBy, channel: ChannelId) -> AppError {
    let visible = row.filter(|row| uploader.owns(row) && row.channel_id == Some(channel) && row.deleted_at.is_none());
    let Some(row) = visible else {
        let message = format!("You have no file {id} in this channel. Upload it here first.");
        return AppError::new(ErrorKind::NotFound, message).on("attachmentIds");
    };
    let (kind, message) = if row.status == Status::Complete {
        (ErrorKind::AttachmentAlreadySent, format!("The file {id} was already sent. Upload it again to send it again."))
    } else {
        let state = row.status;
        (
            ErrorKind::AttachmentNotComplete,
            format!("The file {id} is {state}, not complete. Complete it, retry it, or send without it."),
        )
    };
    AppError::new(kind, message).on("attachmentIds")
}
