//! The rules of buckets.

use super::model::{Bucket, BucketChanges, BucketContents, NewBucket, Poster, icon_url};
use super::store::{self, BucketRow, Changes};
use crate::channels::access::Visible;
use crate::channels::model::{Channel, ChannelKind, check_channel_name};
use crate::channels::service as channels;
use crate::conversations::hooks::service as hooks;
use crate::files::attachments::media_type::is_picture;
use crate::files::attachments::removal::RemoveFilesOfChannel;
use crate::files::attachments::service::find_visible;
use crate::files::attachments::store as attachments;
use crate::ids::{AttachmentId, ChannelId};
use crate::live_event::{self, LiveEvent};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::{By, Subject};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::{Member, publish_access_change};
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{Lockable, On, Tx, is_unique_violation, retry_collisions};
use crate::platform::error::{AppError, Result};
use crate::platform::{Platform, jobs};
use crate::ui::{Glyph, Tint};

/// Maximum size of an icon, in bytes.
const ICON_MAX: ByteSize = ByteSize(1_000_000);
/// Number of tokens in the panel of a bucket.
const POSTERS: i64 = 10;

/// Returns a bucket that this member can view.
pub async fn find(platform: &Platform, member: &Member, id: ChannelId) -> Result<Bucket> {
    Ok(bucket(row(platform.db.on(), member, id).await?))
}

fn missing() -> AppError {
    AppError::not_found("bucket")
}

async fn row(mut on: On<'_>, member: &Member, id: ChannelId) -> Result<BucketRow> {
    let channel = channels::find_on(on.again(), member, id).await?;
    if channel.kind != ChannelKind::Bucket {
        return Err(missing());
    }
    store::find(on, id).await?.ok_or_else(missing)
}

/// Returns a bucket that the member may change.
pub(in crate::conversations) async fn changeable(on: On<'_>, member: &Member, id: ChannelId) -> Result<BucketRow> {
    let row = row(on, member, id).await?;
    member.require(Permission::BucketManage)?;
    Ok(row)
}

fn bucket(row: BucketRow) -> Bucket {
    Bucket {
        id: row.id,
        color: color(&row),
        name: row.name,
        icon_attachment_uuid: row.icon_id,
        icon_url: icon_url(row.id),
        public_downloads: row.public_files,
        created_at: row.created_at,
    }
}

fn color(row: &BucketRow) -> Tint {
    row.color.unwrap_or_else(|| Tint::of(row.id.0))
}

/// Returns a page of the buckets that this member can view, by age.
pub async fn list(platform: &Platform, member: &Member, after: Option<ChannelId>, limit: i64) -> Result<Vec<Bucket>> {
    let rows = store::list(platform.db.on(), member, after, limit).await?;
    Ok(rows.into_iter().map(bucket).collect())
}

/// Creates a bucket. If the request does not say whether its files are public, it is `public_by_default`, and private
/// for members who may not share files.
///
/// # Errors
/// `forbidden` without `Bucket:Manage`, and for a public bucket without `Attachment:Share`.
#[tracing::instrument(skip_all)]
pub async fn create(platform: &Platform, member: &Member, new: NewBucket, public_by_default: bool) -> Result<Bucket> {
    member.require(Permission::BucketManage)?;
    let name = check_channel_name(&new.name)?;
    if member.only_channel().is_some() {
        return Err(AppError::forbidden("This access token is limited to one bucket, so it can't create others."));
    }
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::BucketManage)?;
    let public_files = match new.public_downloads {
        Some(wanted) => wanted,
        None => public_by_default && member.may(Permission::AttachmentShare),
    };
    if public_files {
        member.require(Permission::AttachmentShare)?;
    }
    let id = ChannelId(platform.clock.new_id());
    let row = BucketRow {
        id,
        organization_id: member.organization_id(),
        name,
        color: Some(new.color.unwrap_or_else(|| Tint::of(id.0))),
        icon_id: new.icon_attachment_uuid,
        public_files,
        created_at: platform.clock.now(),
    };
    hold_icon(&mut tx, member, row.icon_id).await?;
    store::insert(&mut tx, &row).await.map_err(name_taken)?;
    note(platform, &mut tx, member, Action::BucketCreated, id, row.name.clone()).await?;
    if public_files {
        note_shared(platform, &mut tx, member, id, row.icon_id).await?;
    }
    tx.commit().await?;
    publish_change(platform, member, id).await;
    Ok(bucket(row))
}

#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn update(platform: &Platform, member: &Member, id: ChannelId, changes: BucketChanges) -> Result<Bucket> {
    let icon = changes.icon_attachment_uuid.flatten();
    let updated = retry_collisions(|| async {
        let (mut tx, ref member) = rights::begin(platform, member).await?;
        changeable(tx.on(), member, id).await?;
        let name = changes.name.as_deref().map(check_channel_name).transpose()?;
        let changes = Changes {
            name: name.as_deref(),
            color: changes.color,
            icon: changes.icon_attachment_uuid,
            public_files: changes.public_downloads,
        };
        // Channels are locked before files. Read again, because another change may have come first.
        tx.lock(Lockable::Channel, id.0).await?;
        let before = store::find(tx.on(), id).await?.ok_or_else(missing)?;
        hold_icon(&mut tx, member, icon).await?;
        let is_public = changes.public_files.unwrap_or(before.public_files);
        // Whether this change makes the bucket or a new icon public.
        let shares = is_public && (!before.public_files || icon.is_some());
        if shares {
            member.require(Permission::AttachmentShare)?;
            let icon = changes.icon.unwrap_or(before.icon_id);
            note_shared(platform, &mut tx, member, id, icon).await?;
        }
        if let Some(detail) = described(&before, &changes) {
            note(platform, &mut tx, member, Action::BucketChanged, id, detail).await?;
        }
        if !store::update(&mut tx, id, &changes).await.map_err(name_taken)? {
            return Err(missing());
        }
        let updated = store::find(tx.on(), id).await?.ok_or_else(missing)?;
        tx.commit().await?;
        Ok(bucket(updated))
    })
    .await?;
    publish_change(platform, member, id).await;
    Ok(updated)
}

/// Permanently deletes a bucket with everything in it. Files that messages elsewhere use stay.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn delete(platform: &Platform, member: &Member, id: ChannelId) -> Result<()> {
    let now = platform.clock.now();
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let bucket = changeable(tx.on(), member, id).await?;
    member.require(Permission::MessageDeleteAny)?;
    if !store::delete(&mut tx, id, now).await? {
        return Err(AppError::not_found("bucket"));
    }
    note(platform, &mut tx, member, Action::BucketDeleted, id, bucket.name).await?;
    jobs::enqueue(tx.on(), &RemoveFilesOfChannel { channel: id }, member.organization_id().0, now).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_access_change(platform, member.organization_id()).await;
    Ok(())
}

/// Describes the changes of a bucket, for the audit log. `None` if there are none.
fn described(before: &BucketRow, changes: &Changes<'_>) -> Option<String> {
    let name = changes.name.filter(|name| *name != before.name).map(|name| format!("Name: {name}"));
    let color = changes.color.filter(|wanted| *wanted != color(before)).map(|color| format!("Color: {}", color.name()));
    let icon = changes.icon.filter(|icon| *icon != before.icon_id).map(|_| "Icon".to_owned());
    let public = changes.public_files.filter(|public| *public != before.public_files);
    let public = public.map(|public| format!("Public downloads: {}", if public { "on" } else { "off" }));
    let all: Vec<_> = [name, color, icon, public].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Logs a change of a bucket in the audit log.
async fn note(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    action: Action,
    id: ChannelId,
    detail: String,
) -> Result<()> {
    let subject = Subject { channel: Some(id), ..Subject::words(detail) };
    audit::record(platform, tx.on(), &By::member(member), action, &subject).await
}

fn name_taken(error: sqlx::Error) -> AppError {
    if is_unique_violation(&error) {
        return AppError::conflict("A bucket with this name already exists. Choose another name.").on("name");
    }
    error.into()
}

/// Checks a picture that this member can view, and that may be public.
async fn check_icon(on: On<'_>, member: &Member, id: AttachmentId) -> Result<()> {
    let field = "iconAttachmentUuid";
    let file = find_visible(on, member, id).await.map_err(|error| error.on(field))?;
    if !is_picture(&file.attachment.content_type) {
        return Err(AppError::invalid(field, "An icon must be a PNG, JPEG, GIF or WebP. Choose another file."));
    }
    if file.attachment.file_size > ICON_MAX {
        return Err(AppError::invalid(field, "An icon can't be larger than 1 MB. Choose a smaller picture."));
    }
    Ok(())
}

/// Checks a file that becomes an icon, and locks it so that no clean-up removes it in between.
async fn hold_icon(tx: &mut Tx, member: &Member, icon: Option<AttachmentId>) -> Result<()> {
    let Some(icon) = icon else { return Ok(()) };
    tx.lock(Lockable::Attachment, icon.0).await?;
    check_icon(tx.on(), member, icon).await
}

/// Logs in the audit log that a bucket, and its icon if it has one, is public from now on.
async fn note_shared(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    id: ChannelId,
    icon: Option<AttachmentId>,
) -> Result<()> {
    let file = match icon {
        Some(icon) => attachments::find(tx.on(), member.organization_id(), icon).await?,
        None => None,
    };
    let subject = Subject {
        attachment: icon,
        channel: Some(id),
        file_name: file.map(|file| file.file_name).unwrap_or_default(),
        ..Subject::default()
    };
    audit::record(platform, tx.on(), &By::member(member), Action::Shared, &subject).await
}

/// Notifies open pages to reload their lists.
async fn publish_change(platform: &Platform, member: &Member, id: ChannelId) {
    live_event::publish(platform, member.organization_id(), LiveEvent::ChannelCreated { channel_id: id }).await;
}

/// Returns the contents of a bucket, and the programs that post there.
pub async fn contents(platform: &Platform, member: &Member, id: ChannelId) -> Result<BucketContents> {
    let channel = channels::find(platform, member, id).await?;
    if channel.kind != ChannelKind::Bucket {
        return Err(missing());
    }
    contents_of(platform, member, &channel).await
}

/// Does the same for a bucket that was found.
pub async fn contents_of(platform: &Platform, member: &Member, bucket: &Visible<Channel>) -> Result<BucketContents> {
    let (files, bytes) = if member.may(Permission::MessageViewAttachment) {
        store::contents(platform.db.on(), bucket.id).await?
    } else {
        (0, ByteSize::default())
    };
    let posters = store::posters(platform.db.on(), bucket.id, POSTERS).await?;
    let poster = |(name, last_posted_at)| Poster { name, last_posted_at };
    let may_manage = member.may(Permission::BucketManage);
    let hooks = if may_manage { Some(hooks::of_bucket(platform.db.on(), bucket).await?) } else { None };
    Ok(BucketContents {
        hooks,
        files,
        bytes,
        posters: posters.into_iter().map(poster).collect(),
        max_file_size: platform.config.attachments.max_file_size,
        allowed_types: platform.config.attachments.allowed_types.clone(),
    })
}

/// The icon of a bucket.
pub enum Icon {
    /// Its own picture.
    Picture(AttachmentId),
    /// An SVG document, drawn from name and color.
    Drawn(String),
}

/// Returns the icon of a bucket that this member can view.
pub async fn icon(platform: &Platform, member: &Member, id: ChannelId) -> Result<Icon> {
    Ok(icon_of(&row(platform.db.on(), member, id).await?))
}

/// Returns the icon of a bucket for everyone, while its public downloads are on.
pub async fn public_icon(platform: &Platform, id: ChannelId) -> Result<Icon> {
    let row = store::find(platform.db.on(), id).await?.filter(|row| row.public_files);
    let row = row.ok_or_else(|| AppError::not_found("bucket"))?;
    Ok(icon_of(&row))
}

fn icon_of(row: &BucketRow) -> Icon {
    match row.icon_id {
        Some(picture) => Icon::Picture(picture),
        None => Icon::Drawn(Glyph::of(&row.name).picture(color(row))),
    }
}
