//! SQL of incoming URLs. Names, hashes and use are in `access_tokens`.

use const_format::concatcp;
use sqlx::FromRow;

use super::model::Template;
use crate::ids::{ChannelId, HookId, OrganizationId};
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, fetch_value};
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(Debug, FromRow)]
pub struct HookRow {
    pub id: HookId,
    pub name: String,
    pub created_by: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub template_title: Option<String>,
    pub template_body: Option<String>,
    pub template_image: Option<String>,
    pub failed_at: Option<Timestamp>,
    pub failure: Option<String>,
    pub failed_body: Option<String>,
}

const SELECT: &str =
    "SELECT h.id, t.name, u.name AS created_by, t.created_at, t.last_used_at, h.template_title, h.template_body,
               h.template_image, h.failed_at, h.failure, h.failed_body
             FROM bucket_hooks h JOIN access_tokens t ON t.id = h.id AND t.revoked_at IS NULL
             JOIN members m ON m.id = t.member_id JOIN users u ON u.id = m.user_id
             WHERE h.channel_id = $1";

/// Returns the valid URLs of a bucket, newest first.
pub async fn list(on: On<'_>, channel: ChannelId) -> Result<Vec<HookRow>> {
    fetch_all!(on, HookRow, concatcp!(SELECT, " ORDER BY h.id DESC"), channel)
}

/// Returns a valid URL of a bucket.
pub async fn find(on: On<'_>, channel: ChannelId, id: HookId) -> Result<Option<HookRow>> {
    fetch_optional!(on, HookRow, concatcp!(SELECT, " AND h.id = $2"), channel, id)
}

pub async fn count(on: On<'_>, channel: ChannelId) -> Result<i64> {
    fetch_value!(
        on,
        i64,
        "SELECT count(*) FROM bucket_hooks h JOIN access_tokens t ON t.id = h.id AND t.revoked_at IS NULL
         WHERE h.channel_id = $1",
        channel
    )
}

pub async fn insert(tx: &mut Tx, id: HookId, channel: ChannelId, template: Option<&Template>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO bucket_hooks (id, channel_id, template_title, template_body, template_image)
         VALUES ($1, $2, $3, $4, $5)",
        id,
        channel,
        template.map(|template| &template.title),
        template.map(|template| &template.body),
        template.map(|template| &template.image_url)
    )?;
    Ok(())
}

pub async fn set_template(tx: &mut Tx, id: HookId, template: Option<&Template>) -> Result<()> {
    execute!(
        tx,
        "UPDATE bucket_hooks SET template_title = $2, template_body = $3, template_image = $4 WHERE id = $1",
        id,
        template.map(|template| &template.title),
        template.map(|template| &template.body),
        template.map(|template| &template.image_url)
    )?;
    Ok(())
}

/// Revokes a URL of a bucket. Returns its name, or `None` if it was revoked before.
pub async fn revoke(
    tx: &mut Tx,
    organization: OrganizationId,
    channel: ChannelId,
    id: HookId,
    now: Timestamp,
) -> Result<Option<String>> {
    let revoked = fetch_optional!(
        tx,
        (String,),
        "UPDATE access_tokens SET revoked_at = $4
         WHERE id = $3 AND organization_id = $1 AND revoked_at IS NULL
           AND EXISTS (SELECT 1 FROM bucket_hooks h WHERE h.id = $3 AND h.channel_id = $2)
         RETURNING name",
        organization,
        channel,
        id,
        now
    )?;
    Ok(revoked.map(|(name,)| name))
}

/// The template of a URL.
#[derive(Debug, FromRow)]
pub struct TargetRow {
    pub title: Option<String>,
    pub body: Option<String>,
    pub image_url: Option<String>,
}

/// Returns the template of a URL. `None` for a deleted bucket, and for a token that isn't an incoming URL.
pub async fn target(on: On<'_>, id: HookId) -> Result<Option<TargetRow>> {
    fetch_optional!(
        on,
        TargetRow,
        "SELECT h.template_title AS title, h.template_body AS body, h.template_image AS image_url FROM bucket_hooks h
         JOIN channels c ON c.id = h.channel_id AND c.deleted_at IS NULL WHERE h.id = $1",
        id
    )
}

/// Records the latest rejected request.
pub async fn note_failure(on: On<'_>, id: HookId, now: Timestamp, failure: &str, body: &str) -> Result<()> {
    execute!(
        on,
        "UPDATE bucket_hooks SET failed_at = $2, failure = $3, failed_body = $4 WHERE id = $1",
        id,
        now,
        failure,
        body
    )?;
    Ok(())
}

/// Removes failures before a time. Returns their number.
pub async fn forget_failures(on: On<'_>, before: Timestamp) -> Result<u64> {
    execute!(
        on,
        "UPDATE bucket_hooks SET failed_at = NULL, failure = NULL, failed_body = NULL WHERE failed_at < $1",
        before
    )
}
