//! Text files for people: the first megabyte, decoded.

use encoding_rs::UTF_8;

use super::model::FileText;
use super::service::find_visible;
use crate::ids::AttachmentId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::file_types::charset;

/// Maximum number of bytes that are read.
const MAX_BYTES: u64 = 1_000_000;

/// Returns the start of a text file, for members who can view the file. 404 if it is not text.
pub async fn read(platform: &Platform, member: &Member, id: AttachmentId) -> Result<FileText> {
    let file = find_visible(platform.db.on(), member, id).await?;
    let truncated = file.attachment.file_size.0 > MAX_BYTES;
    let bytes = platform.storage.read_start(&file.attachment.key(), MAX_BYTES).await?;
    let charset = charset::of(&bytes).or(bytes.is_empty().then_some(UTF_8));
    let charset = charset.ok_or_else(|| AppError::not_found("text in this file"))?;
    let text = charset::decode(&bytes, charset, truncated);
    Ok(FileText { text, truncated, charset: (charset != UTF_8).then(|| charset.name().to_owned()) })
}
