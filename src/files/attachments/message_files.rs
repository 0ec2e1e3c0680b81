//! Files in a program's message: stored files, from any message or from none, and URLs of other servers.

use uuid::Uuid;

use super::file_name::FileName;
use super::linking::check_count;
use super::media_type::MediaType;
use super::remote_preview;
use super::service::{check_view, check_view_on, subject};
use super::store::{self, links};
use crate::channels::store::is_public_bucket as is_public;
use crate::ids::{AttachmentId, ChannelId, MessageId};
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

/// Checks all files before anything is written: the caller can view each file, and its bytes match its media type.
/// Returns each file once.
pub async fn check(platform: &Platform, member: &Member, carried: Vec<MessageFile>) -> Result<Vec<MessageFile>> {
    check_count("attachments", carried.len())?;
    let mut checked: Vec<MessageFile> = Vec::new();
    for item in carried {
        match &item.what {
            What::Stored { id, media_type } => {
                let row = check_view(platform, member, *id).await.map_err(|error| error.on(&item.field))?.attachment;
                if let Some(media_type) = media_type.filter(|media_type| !media_type.fits(&row.content_type)) {
                    let (said, is) = (media_type.name(), &row.content_type);
                    let message = format!("The file {id} is {is}, which doesn't match {said}. Leave mediaType out.");
                    return Err(AppError::new(ErrorKind::MediaTypeMismatch, message).on(&item.field));
                }
                let is_same =
                    |other: &MessageFile| matches!(&other.what, What::Stored { id: there, .. } if there == id);
                if checked.iter().any(is_same) {
                    continue;
                }
            }
            What::Elsewhere { url, .. } => check_url(url).map_err(|error| error.on(&item.field))?,
        }
        checked.push(item);
    }
    Ok(checked)
}

/// Checks that a URL is safe for browsers.
fn check_url(text: &str) -> Result<()> {
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

fn stored(carried: &[MessageFile]) -> Vec<Uuid> {
    let id = |item: &MessageFile| match &item.what {
        What::Stored { id, .. } => Some(id.0),
        What::Elsewhere { .. } => None,
    };
    carried.iter().filter_map(id).collect()
}

/// Rejects files of other conversations that a public bucket would publish, unless the member may share files. Logs
/// them in the audit log. The caller has locked the channel and the files.
async fn check_public(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    channel: ChannelId,
    message: MessageId,
    ids: &[Uuid],
) -> Result<()> {
    if ids.is_empty() || !is_public(tx.on(), channel).await? {
        return Ok(());
    }
    for id in ids {
        let row = store::find(tx.on(), member.organization_id(), AttachmentId(*id)).await?;
        let Some(row) = row.filter(|row| row.channel_id.is_some_and(|home| home != channel)) else { continue };
        member.require(Permission::AttachmentShare)?;
        let subject = Subject { message: Some(message), channel: Some(channel), ..subject(&row) };
        audit::record(platform, tx.on(), &By::member(member), Action::Shared, &subject).await?;
    }
    Ok(())
}

/// Links all of them to a message, in order after `from`, inside its transaction.
pub async fn link(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    channel: ChannelId,
    message: MessageId,
    carried: &[MessageFile],
    from: usize,
) -> Result<()> {
    let ids = stored(carried);
    tx.lock_all(Lockable::Attachment, ids.clone()).await?;
    check_public(platform, tx, member, channel, message, &ids).await?;
    for (position, item) in (i32::try_from(from).unwrap_or(0)..).zip(carried) {
        let name = item.name.as_ref().map(FileName::as_str);
        match &item.what {
            What::Stored { id, .. } => {
                check_view_on(tx.on(), member, *id).await.map_err(|error| error.on(&item.field))?;
                if !links::take(tx, member.organization_id(), *id, message, channel).await? {
                    return Err(AppError::not_found("file").on(&item.field));
                }
                links::link_named(tx, message, position, *id, name).await?;
            }
            What::Elsewhere { url, media_type } => {
                links::link_url(tx, message, position, url, name, *media_type).await?;
                remote_preview::request(platform, tx, member, (message, position), *media_type).await?;
            }
        }
    }
    if !carried.is_empty() {
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
