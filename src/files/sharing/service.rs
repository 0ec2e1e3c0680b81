//! Rules for creating, listing and revoking share links. `public` serves them.

use super::model::{CreatedShareLink, NewShareLink, ShareLink};
use super::store::{self, Filter, LinkRow, NewRow};
use crate::channels::service as channels;
use crate::files::attachments::service::find_visible;
use crate::ids::{AttachmentId, MessageId, ShareLinkId};
use crate::people::accounts::password;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::{AppError, Result};
use crate::platform::secret::Token;

const PAGE: i64 = 50;

/// Creates a link to something that this member can view.
#[tracing::instrument(skip_all)]
pub async fn create(
    platform: &Platform,
    member: &Member,
    base_url: &str,
    input: NewShareLink,
) -> Result<CreatedShareLink> {
    // Checked before the password is hashed, which is slow, and again when the link is written.
    check_subject(platform.db.on(), member, &input).await?;
    let now = platform.clock.now();
    let (expires_at, max_downloads) = (input.expiry(now)?, input.checked_max_downloads()?);
    let password_hash = match input.checked_password()? {
        Some(password) => Some(password::hash(password.to_owned(), &member.id.to_string()).await?),
        None => None,
    };
    let token = Token::generate(&platform.clock);
    let id = ShareLinkId(platform.clock.new_id());
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    check_subject(tx.on(), member, &input).await?;
    let new = NewRow {
        id,
        organization: member.organization_id(),
        attachment: input.attachment_id,
        message: input.message_id,
        token_hash: &token.hash,
        password_hash: password_hash.as_deref(),
        created_by: member.id,
        now,
        expires_at,
        max_downloads,
    };
    store::insert(&mut tx, new).await?;
    let link = store::find(tx.on(), member.organization_id(), id).await?.ok_or_else(AppError::internal)?;
    audit::record(platform, tx.on(), &By::member(member), Action::Shared, &link.subject()).await?;
    tx.commit().await?;
    Ok(CreatedShareLink { url: format!("{base_url}/s/{}", token.text), link: link.into_link(now) })
}

/// Runs the same checks as for viewing it.
async fn check_subject(mut on: On<'_>, member: &Member, input: &NewShareLink) -> Result<()> {
    match (input.attachment_id, input.message_id) {
        (Some(id), None) => {
            let file = find_visible(on, member, id).await?;
            if file.attachment.message_id.is_none() {
                return Err(AppError::conflict("This file hasn't been sent yet. Send it first, then share it.")
                    .on("attachmentId"));
            }
        }
        (None, Some(id)) => {
            member.require(Permission::MessageViewAttachment)?;
            let channel = store::channel_of_message(on.again(), member.organization_id(), id).await?;
            let channel = channel.ok_or_else(|| AppError::not_found("message"))?;
            channels::find_on(on.again(), member, channel).await?;
            if !crate::files::attachments::store::links::has_files(on, id).await? {
                return Err(AppError::invalid("messageId", "This message has no files to share."));
            }
        }
        _ => {
            let message = "Either attachmentId or messageId is required.";
            return Err(AppError::invalid("attachmentId", message));
        }
    }
    member.require(Permission::AttachmentShare)
}

/// Returns the links of a file or a message, or all: of this member, or, for members who manage the organization, of
/// everyone. Latest first.
pub async fn list(
    platform: &Platform,
    member: &Member,
    attachment: Option<AttachmentId>,
    message: Option<MessageId>,
    before: Option<ShareLinkId>,
) -> Result<Vec<ShareLink>> {
    let created_by = (!member.may(Permission::OrganizationManage)).then_some(member.id);
    let filter = Filter { created_by, attachment, message };
    let rows = store::list(platform.db.on(), member.organization_id(), filter, before, PAGE).await?;
    let now = platform.clock.now();
    Ok(rows.into_iter().map(|row| row.into_link(now)).collect())
}

/// Returns a link of this member's, or any for members who manage the organization.
async fn find(on: On<'_>, member: &Member, id: ShareLinkId) -> Result<LinkRow> {
    let row = store::find(on, member.organization_id(), id).await?;
    row.filter(|row| row.created_by == member.id || member.may(Permission::OrganizationManage))
        .ok_or_else(|| AppError::not_found("share link"))
}

/// Revokes a link immediately. Repeating it changes nothing.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn revoke(platform: &Platform, member: &Member, id: ShareLinkId) -> Result<ShareLink> {
    let now = platform.clock.now();
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let link = find(tx.on(), member, id).await?;
    // Repeating it adds no second entry.
    if store::revoke(&mut tx, id, now).await? {
        audit::record(platform, tx.on(), &By::member(member), Action::ShareRevoked, &link.subject()).await?;
    }
    let link = find(tx.on(), member, id).await?;
    tx.commit().await?;
    Ok(link.into_link(now))
}
