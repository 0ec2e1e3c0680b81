//! The rules of incoming URLs.

use std::time::Duration;

use super::model::{
    CreatedHook, Hook, HookChanges, HookFailure, HookPreview, NewHook, PreviewedMessage, Template, TryOut,
};
use super::shapes::{self, Context, Reading};
use super::store::{self, HookRow, TargetRow};
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::conversations::buckets::service as buckets;
use crate::ids::{ChannelId, HookId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, Tx};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::programs::access_tokens::model::Scope;
use crate::programs::access_tokens::service as access_tokens;
use crate::programs::access_tokens::service::Checked;

/// Prefix of the secret in every incoming URL, by which scanners find leaked ones. It differs from that of access
/// tokens, so that a URL is no token of the REST API.
const SECRET_PREFIX: &str = "zah_";
/// Maximum number of URLs of a bucket.
pub const HOOKS_MAX: i64 = 50;
/// What the token of a URL may do, in its bucket.
const SCOPES: [Scope; 2] = [Scope::MessagesWrite, Scope::AttachmentsWrite];
/// Maximum length of the stored start of a rejected body, in bytes.
const EXCERPT_MAX: usize = 1000;
/// How long the latest rejected request is kept.
const FAILURE_RETENTION: Duration = Duration::from_hours(30 * 24);

fn missing() -> AppError {
    AppError::not_found("incoming URL")
}

/// Creates an incoming URL that acts for `member`. This is the only time that the URL is returned.
#[tracing::instrument(skip_all, fields(channel = %channel))]
pub async fn create(
    platform: &Platform,
    member: &Member,
    base_url: &str,
    channel: ChannelId,
    new: NewHook,
) -> Result<CreatedHook> {
    let template = check_template(new.template.unwrap_or_default())?;
    let token = access_tokens::new_bound(platform, SECRET_PREFIX, &new.name, &SCOPES, channel)?;
    // The URLs of a member end when the member is removed.
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    buckets::changeable(tx.on(), member, channel).await?;
    member.require(Permission::MessageSend)?;
    if store::count(tx.on(), channel).await? >= HOOKS_MAX {
        return Err(AppError::conflict(format!("A bucket can have {HOOKS_MAX} incoming URLs. Revoke one first.")));
    }
    let id = HookId(token.id.0);
    access_tokens::insert_bound(&mut tx, member, &token).await?;
    store::insert(&mut tx, id, channel, template.as_ref()).await?;
    note(platform, &mut tx, member, Action::HookCreated, channel, token.name).await?;
    let row = store::find(tx.on(), channel, id).await?.ok_or_else(AppError::internal)?;
    tx.commit().await?;
    Ok(CreatedHook { url: format!("{base_url}/api/hooks/{}", token.secret), hook: hook(row) })
}

/// Returns the valid URLs of a bucket, newest first.
pub async fn list(platform: &Platform, member: &Member, channel: ChannelId) -> Result<Vec<Hook>> {
    buckets::changeable(platform.db.on(), member, channel).await?;
    let rows = store::list(platform.db.on(), channel).await?;
    Ok(rows.into_iter().map(hook).collect())
}

/// Does the same for a bucket that was found, and that its reader manages.
pub async fn of_bucket(on: On<'_>, bucket: &Visible<Channel>) -> Result<Vec<Hook>> {
    let rows = store::list(on, bucket.id).await?;
    Ok(rows.into_iter().map(hook).collect())
}

/// Changes the template of a URL.
#[tracing::instrument(skip_all, fields(channel = %channel, id = %id))]
pub async fn change(
    platform: &Platform,
    member: &Member,
    channel: ChannelId,
    id: HookId,
    changes: HookChanges,
) -> Result<Hook> {
    let template = check_template(changes.template)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    buckets::changeable(tx.on(), member, channel).await?;
    let before = store::find(tx.on(), channel, id).await?.ok_or_else(missing)?;
    let before = hook(before);
    if before.template == template {
        return Ok(before);
    }
    store::set_template(&mut tx, id, template.as_ref()).await?;
    note(platform, &mut tx, member, Action::HookChanged, channel, before.name.clone()).await?;
    tx.commit().await?;
    Ok(Hook { template, ..before })
}

/// Revokes a URL immediately.
#[tracing::instrument(skip_all, fields(channel = %channel, id = %id))]
pub async fn revoke(platform: &Platform, member: &Member, channel: ChannelId, id: HookId) -> Result<()> {
    let (mut tx, ref member) = rights::begin_change(platform, member).await?;
    buckets::changeable(tx.on(), member, channel).await?;
    let now = platform.clock.now();
    let name = store::revoke(&mut tx, member.organization_id(), channel, id, now).await?.ok_or_else(missing)?;
    note(platform, &mut tx, member, Action::HookRevoked, channel, name).await?;
    Ok(tx.commit().await?)
}

/// Returns the message that a JSON body would become.
pub async fn preview(platform: &Platform, member: &Member, channel: ChannelId, input: &TryOut) -> Result<HookPreview> {
    buckets::changeable(platform.db.on(), member, channel).await?;
    let template = check_template(input.template.clone())?;
    let json = shapes::parse(input.body.as_bytes()).map_err(|error| error.on("body"))?;
    let context = Context { template: template.as_ref(), github_event: None };
    let Reading { draft, .. } = shapes::read_json(&json, &context)?.finish(0)?;
    let message = draft.map(|draft| PreviewedMessage {
        delivery_type: draft.delivery_type(),
        title: Some(draft.title).filter(|title| !title.is_empty()),
        subtitle: Some(draft.subtitle).filter(|subtitle| !subtitle.is_empty()),
        body: draft.body,
        pictures: draft.pictures,
    });
    Ok(HookPreview { message })
}

/// Checks a template. Returns `None` for an empty one.
fn check_template(template: Template) -> Result<Option<Template>> {
    shapes::check_template(&template)?;
    Ok(Some(template).filter(|template| !template.is_empty()))
}

/// An incoming URL that is in use. Its token has the bucket.
#[derive(Debug)]
pub struct Target {
    pub id: HookId,
    pub template: Option<Template>,
}

/// Authenticates the secret of a URL.
///
/// # Errors
/// `not_found`, the same for a wrong and a revoked one, and for that of a deleted bucket.
pub async fn authenticate(platform: &Platform, secret: &str) -> Result<(Checked, Target)> {
    if !secret.starts_with(SECRET_PREFIX) {
        return Err(missing());
    }
    let checked = access_tokens::check(platform, secret).await.map_err(ended)?;
    let id = checked.member.token.as_ref().map(|token| HookId(token.id)).ok_or_else(missing)?;
    let TargetRow { title, body, image_url } = store::target(platform.db.on(), id).await?.ok_or_else(missing)?;
    let template = template(title, body, image_url);
    Ok((checked, Target { id, template }))
}

/// Turns the error for an invalid token into the one for an invalid URL.
pub fn ended(error: AppError) -> AppError {
    if error.kind == ErrorKind::Unauthenticated { missing() } else { error }
}

/// Records why a request was rejected, for those who manage the bucket. A failure of this does not fail the request.
pub async fn note_failure(platform: &Platform, id: HookId, error: &AppError, body: &[u8]) {
    let excerpt = excerpt(body);
    let noted = store::note_failure(platform.db.on(), id, platform.clock.now(), &error.message, &excerpt).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "the failure of an incoming URL could not be recorded");
    }
}

/// Returns the start of a body as text, at most [`EXCERPT_MAX`] bytes.
fn excerpt(body: &[u8]) -> String {
    let start = &body[..body.len().min(EXCERPT_MAX)];
    let mut text = String::from_utf8_lossy(start).replace('\0', "");
    // Replacement characters are longer than the bytes that they replace.
    text.truncate(text.floor_char_boundary(EXCERPT_MAX));
    text
}

/// Removes old failures. Returns their number.
pub async fn forget_failures(platform: &Platform) -> Result<u64> {
    let before = platform.clock.now().minus(FAILURE_RETENTION);
    Ok(store::forget_failures(platform.db.on(), before).await?)
}

fn template(title: Option<String>, body: Option<String>, image_url: Option<String>) -> Option<Template> {
    let template = Template {
        title: title.unwrap_or_default(),
        body: body.unwrap_or_default(),
        image_url: image_url.unwrap_or_default(),
    };
    Some(template).filter(|template| !template.is_empty())
}

fn hook(row: HookRow) -> Hook {
    let failure = row.failed_at.zip(row.failure);
    Hook {
        id: row.id,
        name: row.name,
        created_by: row.created_by,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        template: template(row.template_title, row.template_body, row.template_image),
        last_error: failure.map(|(at, message)| HookFailure { at, message, body: row.failed_body.unwrap_or_default() }),
    }
}

/// Logs a change of an incoming URL in the audit log.
async fn note(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    action: Action,
    channel: ChannelId,
    name: String,
) -> Result<()> {
    let subject = Subject { channel: Some(channel), ..Subject::words(name) };
    audit::record(platform, tx.on(), &By::member(member), action, &subject).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_text() {
        assert_eq!(excerpt(b"a\0b"), "ab");
        assert_eq!(excerpt(&[b'x'; 5000]).len(), EXCERPT_MAX);
        assert!(excerpt(&[0xff; 5000]).len() <= EXCERPT_MAX);
    }
}
