//! Presigned uploads of pictures: permissions, and the rate limit.

use std::time::Duration;

use uuid::Uuid;

use super::model::{PictureKind, PicturesLeft, is_allowed};
use super::store::{self, NewPicture, object_key};
use crate::files::attachments::upload_failure::{Failed, Step, noted};
use crate::files::emoji::service as emoji;
use crate::files::staged::object::{sign, terms};
use crate::ids::{AttemptId, BotId, PictureId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::ByteSize;
use crate::platform::db::On;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::storage::{ObjectKey, SignedPut};
use crate::platform::timestamp::Timestamp;

/// Maximum uploads of a user, of all kinds together, in any [`WINDOW`].
pub const LIMIT: i64 = 5;
pub const WINDOW: Duration = Duration::from_hours(1);

/// A requested upload.
pub struct NewUpload {
    pub kind: PictureKind,
    /// The bot of a bot avatar.
    pub bot: Option<BotId>,
    /// The name of a custom emoji.
    pub name: Option<String>,
    /// Bytes.
    pub file_size: i64,
    pub content_type: String,
}

/// A presigned upload.
pub struct SignedPicture {
    pub id: PictureId,
    pub key: ObjectKey,
    pub put: SignedPut,
}

/// Creates the picture and signs a URL for its bytes. Everything else is checked before the upload is counted.
#[tracing::instrument(skip_all)]
pub async fn presign(platform: &Platform, member: &Member, upload: NewUpload) -> Result<SignedPicture> {
    let failed = Failed { size: Some(upload.file_size), is_picture: true, ..Failed::default() };
    noted(platform, Step::Presign, failed, begin(platform, member, upload).await)
}

async fn begin(platform: &Platform, member: &Member, upload: NewUpload) -> Result<SignedPicture> {
    let kind = upload.kind;
    let owner = owner(platform.db.on(), member, &upload).await?;
    let size = check_size(kind, upload.file_size)?;
    if !is_allowed(&upload.content_type) {
        return Err(not_a_picture("contentType"));
    }
    let emoji_name = match kind {
        PictureKind::CustomEmoji => Some(emoji::check_new_name(platform, member, upload.name.as_deref()).await?),
        _ => None,
    };
    let now = platform.clock.now();
    let (id, attempt_id) = (PictureId(platform.clock.new_id()), AttemptId(platform.clock.new_id()));
    let new = NewPicture {
        id,
        kind,
        owner,
        organization: member.organization_id(),
        uploaded_by: member.user_id,
        emoji_name: emoji_name.as_deref(),
        file_size: ByteSize(size),
        content_type: &upload.content_type,
        attempt_id,
        now,
    };
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    self::owner(tx.on(), member, &upload).await?;
    if let Some(oldest) = store::insert_within_limit(&mut tx, &new, LIMIT, now.minus(WINDOW)).await? {
        return Err(too_many(waiting_seconds(oldest, now)));
    }
    tx.commit().await?;
    let terms = terms(platform, size, upload.content_type, None);
    let put = sign(platform, &ObjectKey::Staging(id.0, attempt_id.0), &terms).await?;
    Ok(SignedPicture { id, key: object_key(kind, owner, id), put })
}

/// Returns the user, bot or organization that the picture is of, if this member may set it.
async fn owner(on: On<'_>, member: &Member, upload: &NewUpload) -> Result<Uuid> {
    match upload.kind {
        PictureKind::UserAvatar => Ok(member.user_id.0),
        PictureKind::OrganizationAvatar => {
            member.require(Permission::OrganizationManage)?;
            Ok(member.organization_id().0)
        }
        PictureKind::CustomEmoji => {
            member.require(Permission::EmojiManage)?;
            Ok(member.organization_id().0)
        }
        PictureKind::BotAvatar => {
            member.require(Permission::OrganizationManage)?;
            let bot = upload.bot.ok_or_else(|| AppError::invalid("botId", "Enter the bot's ID."))?;
            if store::find_bot(on, member.organization_id(), bot).await?.is_none() {
                return Err(AppError::not_found("bot").on("botId"));
            }
            Ok(bot.0)
        }
    }
}

fn check_size(kind: PictureKind, size: i64) -> Result<u64> {
    let Some(size) = u64::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(AppError::invalid("fileSize", "This file is empty. Choose another file."));
    };
    if size > kind.max_size() {
        let limit = if kind == PictureKind::CustomEmoji { "256 kB" } else { "5 MB" };
        let message = format!("This picture has {size} bytes. The limit is {limit}.");
        return Err(AppError::new(ErrorKind::TooLarge, message).on("fileSize"));
    }
    Ok(size)
}

fn not_a_picture(field: &str) -> AppError {
    AppError::invalid(field, "This file isn't a PNG, JPEG, GIF or WebP image.")
}

/// Returns the seconds until an upload no longer counts, rounded up, so that a retry after that time succeeds.
fn waiting_seconds(begun: Timestamp, now: Timestamp) -> u32 {
    // Another request may have been recorded while this one waited.
    let waited = Duration::from_millis(u64::try_from(now.0 - begun.0).unwrap_or(0));
    u32::try_from(WINDOW.saturating_sub(waited).as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

fn too_many(seconds: u32) -> AppError {
    let minutes = seconds.div_ceil(60);
    let wait = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    let message = format!("You can upload {LIMIT} pictures and emoji per hour. Try again in {wait}.");
    AppError::retry_later(ErrorKind::RateLimited, message, seconds)
}

/// Returns how many more pictures this member can upload now, and, if none, the wait until the next.
pub async fn uploads_left(platform: &Platform, member: &Member) -> Result<PicturesLeft> {
    let now = platform.clock.now();
    let (begun, first) = store::begun_since(platform.db.on(), member.user_id, now.minus(WINDOW)).await?;
    let left = (LIMIT - begun).max(0);
    let retry_after = first.filter(|_| left == 0).map(|first| waiting_seconds(first, now));
    Ok(PicturesLeft { left, retry_after })
}
