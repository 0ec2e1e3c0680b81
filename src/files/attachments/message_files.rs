//! Stored files, from any message or from none, and URLs of other servers, in the message of a program; and sent files that a
//! person forwards.

use uuid::Uuid;

use super::file_name::FileName;
use super::linking::check_count;
use super::media_type::MediaType;
use super::remote_preview;
use super::service::{find_visible, subject};
use super::store::{AttachmentRow, PlacedRow, links};
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::channels::store::is_public_bucket as is_public;
use crate::ids::{AttachmentId, MessageId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Lockable, Tx};
use crate::platform::error::{AppError, ErrorKind, Result};

/// Maximum length of a URL, in bytes.
const URL_MAX: usize = 2048;

/// One file of a message, with the field of the request that names it.
#[derive(Debug, Clone)]
pub struct MessageFile {
    pub field: String,
    pub what: What,
    /// The name in this message.
    pub name: Option<FileName>,
}

#[derive(Debug, Clone)]
pub enum What {
    /// A stored file. `media_type` is the caller's, if given.
    Stored { id: AttachmentId, media_type: Option<MediaType> },
    /// A URL. Browsers load it when somebody opens it. A picture gets a preview, which the server fetches.
    Elsewhere { url: String, media_type: MediaType },
}

/// A file that a message may carry.
pub struct CheckedFile {
    field: String,
    name: Option<FileName>,
    what: Checked,
}

enum Checked {
    Stored(Box<Visible<PlacedRow>>),
    Elsewhere { url: String, media_type: MediaType },
}

impl CheckedFile {
    /// Returns the id of a stored file.
    pub fn id(&self) -> Option<AttachmentId> {
        self.stored().map(|file| file.attachment.id)
    }

    fn stored(&self) -> Option<&Visible<PlacedRow>> {
        match &self.what {
            Checked::Stored(file) => Some(file),
            Checked::Elsewhere { .. } => None,
        }
    }
}

/// Checks all files in the message's transaction, before anything is written: the caller can view each file, and its
/// bytes match its media type. Locks the channel and the files, so that this stays true. Returns each file
/// once.
pub async fn check(
    tx: &mut Tx,
    member: &Member,
    channel: &Visible<Channel>,
    carried: Vec<MessageFile>,
) -> Result<Vec<CheckedFile>> {
    check_count("attachments", carried.len())?;
    let ids = stored_ids(&carried);
    if !ids.is_empty() {
        // Channels are locked before files.
        tx.lock(Lockable::Channel, channel.id.0).await?;
        tx.lock_all(Lockable::Attachment, ids).await?;
    }
    let mut checked: Vec<CheckedFile> = Vec::new();
    for MessageFile { field, what, name } in carried {
        let what = match what {
            What::Stored { id, media_type } => {
                let file = find_visible(tx.on(), member, id).await.map_err(|error| error.on(&field))?;
                let is = &file.attachment.content_type;
                if let Some(media_type) = media_type.filter(|media_type| !media_type.fits(is)) {
                    let said = media_type.name();
                    let message = format!("The file {id} is {is}, which doesn't match {said}. Leave mediaType out.");
                    return Err(AppError::new(ErrorKind::MediaTypeMismatch, message).on(&field));
                }
                if checked.iter().filter_map(CheckedFile::stored).any(|other| other.attachment.id == id) {
                    continue;
                }
                Checked::Stored(Box::new(file))
            }
            What::Elsewhere { url, media_type } => {
                check_url(&url).map_err(|error| error.on(&field))?;
                Checked::Elsewhere { url, media_type }
            }
        };
        checked.push(CheckedFile { field, name, what });
    }
    Ok(checked)
}

/// Checks that a URL is safe for browsers.
///
/// # Errors
/// `invalid_url`.
pub fn check_url(text: &str) -> Result<()> {
    let refuse = |message: &str| Err(AppError::new(ErrorKind::InvalidUrl, message));
    if text.len() > URL_MAX {
        return refuse("The URL is longer than 2048 bytes.");
    }
    match reqwest::Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => refuse("The URL must begin with http:// or https://."),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            refuse("Remove the user name and password from the URL. Everyone who reads the message would see them.")
        }
        Ok(url) if url.host().is_some() => Ok(()),
        Err(_) if !text.is_ascii() => {
            refuse("Enter a complete URL. Write host names in other scripts in Punycode: xn--…")
        }
        _ => refuse("Enter a complete URL, such as https://example.com/picture.png."),
    }
}

fn stored_ids(carried: &[MessageFile]) -> Vec<Uuid> {
    let id = |item: &MessageFile| match &item.what {
        What::Stored { id, .. } => Some(id.0),
        What::Elsewhere { .. } => None,
    };
    carried.iter().filter_map(id).collect()
}

/// Rejects files of other conversations that a public bucket would publish, unless the member may share files. Logs
/// them in the audit log. The channel and the files are locked.
async fn check_public(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    channel: &Visible<Channel>,
    message: MessageId,
    files: &[(i32, &CheckedFile)],
) -> Result<()> {
    let stored: Vec<_> = files.iter().filter_map(|(_, file)| file.stored()).collect();
    if stored.is_empty() || !is_public(tx.on(), channel.id).await? {
        return Ok(());
    }
    for file in stored {
        let row = &file.attachment;
        if row.channel_id.is_none_or(|home| home == channel.id) {
            continue;
        }
        member.require(Permission::AttachmentShare)?;
        let subject = Subject { message: Some(message), channel: Some(channel.id), ..subject(row) };
        audit::record(platform, tx.on(), &By::member(member), Action::Shared, &subject).await?;
    }
    Ok(())
}

/// Links checked files to a message, in order after `from`, inside its transaction.
pub async fn link(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    channel: &Visible<Channel>,
    message: MessageId,
    files: &[CheckedFile],
    from: usize,
) -> Result<()> {
    let placed: Vec<_> = (i32::try_from(from).unwrap_or(0)..).zip(files).collect();
    link_at(platform, tx, member, channel, message, &placed).await
}

/// Links files that were sent before to another message, at these positions, inside its transaction. The channel and the
/// files are locked.
///
/// # Errors
/// If the member can't view one of them, or may not share it where a public bucket would publish it.
pub async fn forward(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    channel: &Visible<Channel>,
    message: MessageId,
    sent: Vec<(i32, AttachmentRow)>,
) -> Result<()> {
    let mut files = Vec::new();
    for (position, AttachmentRow { id, .. }) in sent {
        let field = "attachmentIds".to_owned();
        let file = find_visible(tx.on(), member, id).await.map_err(|error| error.on(&field))?;
        files.push((position, CheckedFile { field, name: None, what: Checked::Stored(Box::new(file)) }));
    }
    let placed: Vec<_> = files.iter().map(|(position, file)| (*position, file)).collect();
    link_at(platform, tx, member, channel, message, &placed).await
}

/// Links checked files at these positions.
async fn link_at(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    channel: &Visible<Channel>,
    message: MessageId,
    files: &[(i32, &CheckedFile)],
) -> Result<()> {
    check_public(platform, tx, member, channel, message, files).await?;
    for (position, item) in files {
        let name = item.name.as_ref().map(FileName::as_str);
        match &item.what {
            Checked::Stored(file) => {
                if !links::take(tx, file, message, channel).await? {
                    return Err(AppError::not_found("file").on(&item.field));
                }
                links::link_named(tx, message, *position, file.attachment.id, name).await?;
            }
            Checked::Elsewhere { url, media_type } => {
                links::link_url(tx, message, *position, url, name, *media_type).await?;
                remote_preview::request(platform, tx, member, (message, *position), *media_type).await?;
            }
        }
    }
    if !files.is_empty() {
        links::place(tx, message).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_web_urls_without_credentials_are_taken() {
        for right in ["https://example.com/a.png", "http://example.com", "https://xn--bcher-kva.example:8443/?a=b#c"] {
            assert!(check_url(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "a.png",
            "/a.png",
            "//example.com/a",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://example.com/a",
            "https://user@example.com/a",
            "https://u:p@example.com/a",
            "https://",
        ] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
        assert!(check_url(&format!("https://example.com/{}", "a".repeat(2048))).is_err());
        let refused = check_url("https://bücher.example/a.png").unwrap_err();
        assert!(refused.message.contains("Punycode"), "{refused}");
        assert!(check_url("https://example.com/bücher.png").is_ok());
    }
}
