//! Creating, listing and revoking file requests. `files::requests` says what their links allow.

use crate::channels::access::Visible;
use crate::channels::model::{Channel, ChannelKind};
use crate::channels::search_index;
use crate::channels::service as channels;
use crate::conversations::messages::model::DeliveryType;
use crate::conversations::messages::sending;
use crate::conversations::messages::store::NewMessageRow;
use crate::event_log;
use crate::files::attachments::removal::publish_message_change;
use crate::files::requests::model::{CreatedFileRequest, FileRequest, NewFileRequest};
use crate::files::requests::store::{self, NewRow, RequestRow};
use crate::ids::{AccessTokenId, ChannelId, FileRequestId};
use crate::people::accounts::password;
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Lockable, On, retry_collisions};
use crate::platform::error::{AppError, Result};
use crate::platform::secret::Token;

/// Maximum number of requests per page.
pub const PAGE: i64 = 50;
/// The text of the message if there is no note.
const NO_NOTE: &str = "Files requested";

/// Creates a request and the message that shows it in its conversation, in one transaction.
pub async fn create(
    platform: &Platform,
    member: &Member,
    base_url: &str,
    input: NewFileRequest,
) -> Result<CreatedFileRequest> {
    // Checked before the password is hashed, which is slow, and again when the request is written.
    check_channel(platform.db.on(), member, input.channel_id).await?;
    let now = platform.clock.now();
    let terms = input.check(now)?;
    let password_hash = match &terms.password {
        Some(password) => Some(password::hash(password.clone(), &member.id.to_string()).await?),
        None => None,
    };
    let token = Token::generate(&platform.clock);
    let id = FileRequestId(platform.clock.new_id());
    let card = NewMessageRow {
        organization: member.organization_id(),
        channel: terms.channel,
        member: Some(member.id),
        contact: None,
        access_token: member.token.as_ref().map(|token| AccessTokenId(token.id)),
        title: None,
        subtitle: None,
        body: if terms.note.is_empty() { NO_NOTE } else { &terms.note },
        delivery_type: DeliveryType::Normal,
        idempotency_key: None,
        file_request: Some(id),
        submission_key: None,
        external_id: None,
        gateway: None,
        reply_to: None,
    };
    let (message, request) = retry_collisions(|| async {
        let (mut tx, ref member) = rights::begin(platform, member).await?;
        check_channel(tx.on(), member, terms.channel).await?;
        let new = NewRow {
            id,
            organization: member.organization_id(),
            created_by: member.id,
            now,
            token_hash: &token.hash,
            password_hash: password_hash.as_deref(),
            terms: &terms,
        };
        store::insert(&mut tx, new).await?;
        let message = sending::insert(platform, &mut tx, &card).await?.ok_or_else(AppError::internal)?;
        search_index::add(&mut tx, message).await?;
        let request = find(tx.on(), member, id).await?;
        audit::record(platform, tx.on(), &By::member(member), Action::FilesRequested, &subject(&request)).await?;
        let events = sending::created_events(terms.channel, message, []);
        event_log::record(platform, &mut tx, member.organization_id(), &events).await?;
        tx.commit().await?;
        Ok((message, request))
    })
    .await?;
    sending::publish_created(platform, member.organization_id(), terms.channel, message).await;
    if member.token.is_none() {
        channels::publish_read(platform, member, terms.channel, message).await;
    }
    Ok(CreatedFileRequest { url: format!("{base_url}/r/{}", token.text), request: request.into_request(now) })
}

/// Returns the channel of a request. Rejects one that the member can't view, and buckets.
async fn check_channel(on: On<'_>, member: &Member, id: ChannelId) -> Result<Visible<Channel>> {
    let channel = channels::find_on(on, member, id).await.map_err(|error| error.on("channelId"))?;
    member.require(Permission::FileRequest)?;
    member.require(Permission::MessageSend)?;
    if channel.kind == ChannelKind::Bucket {
        let message = "Files can be requested in a contact's conversation or a team channel, not in a bucket.";
        return Err(AppError::invalid("channelId", message));
    }
    Ok(channel)
}

/// Lists the member's requests, newest first. Members who manage the organization get all requests.
pub async fn list(
    platform: &Platform,
    member: &Member,
    before: Option<FileRequestId>,
    limit: i64,
) -> Result<Vec<FileRequest>> {
    let created_by = (!member.may(Permission::OrganizationManage)).then_some(member.id);
    let rows = store::list(platform.db.on(), member, created_by, before, limit).await?;
    let now = platform.clock.now();
    Ok(rows.into_iter().map(|row| row.into_request(now)).collect())
}

/// Returns a request of this member, or any for those who manage the organization.
pub async fn get(platform: &Platform, member: &Member, id: FileRequestId) -> Result<FileRequest> {
    Ok(find(platform.db.on(), member, id).await?.into_request(platform.clock.now()))
}

/// Returns the member's own request. Members who manage the organization can get any.
async fn find(on: On<'_>, member: &Member, id: FileRequestId) -> Result<RequestRow> {
    let row = store::find(on, member, id).await?;
    row.filter(|row| row.created_by == member.id || member.may(Permission::OrganizationManage))
        .ok_or_else(|| AppError::not_found("file request"))
}

/// What the audit log records about a request.
fn subject(row: &RequestRow) -> Subject {
    Subject { message: row.card_id, channel: Some(row.channel_id), detail: row.note.clone(), ..Subject::default() }
}

/// Revokes the link of a request immediately. Repeating it changes nothing.
pub async fn revoke(platform: &Platform, member: &Member, id: FileRequestId) -> Result<FileRequest> {
    let now = platform.clock.now();
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    tx.lock(Lockable::FileRequest, id.0).await?;
    let row = find(tx.on(), member, id).await?;
    let is_changed = store::revoke(&mut tx, id, now).await?;
    if is_changed {
        audit::record(platform, tx.on(), &By::member(member), Action::FileRequestRevoked, &subject(&row)).await?;
    }
    let revoked = find(tx.on(), member, id).await?;
    tx.commit().await?;
    if let Some(card) = row.card_id.filter(|_| is_changed) {
        publish_message_change(platform, member.organization_id(), row.channel_id, card).await;
    }
    Ok(revoked.into_request(now))
}
