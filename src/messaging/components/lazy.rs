//! What of a conversation is not in the first picture of it, as a WebAssembly module of its own.

use dioxus::prelude::*;

use super::removal::Doomed;
use super::{contact_files, message_search, pending_message, removal};
use crate::attachments::components as attachments;
use crate::attachments::model::AttachmentId;
use crate::channels::model::ChannelId;
use crate::contacts::model::Contact;
use crate::messaging::model::MessageId;
use crate::uploads::components as uploads;
use crate::uploads::draft::{PendingMessage as Pending, Upload};
use crate::uploads::queue::UploadQueue;

crate::lazy! { "conversation", PartMeanwhile:
    attachments::FileText { id: AttachmentId }
    contact_files::FilesSection { channel: ChannelId, contact: Option<Contact> }
    pending_message::PendingMessage { message: Pending, queue: UploadQueue }
    message_search::OpenSearch { channel: ChannelId, at: Option<MessageId> }
    removal::RemovalQuestion { doomed: Doomed, on_close: EventHandler<()> }
    uploads::UploadChip { upload: Upload, queue: UploadQueue }
}
