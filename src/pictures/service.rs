//! The rules of pictures: who may set which, how often, and what their bytes must be.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use uuid::Uuid;

use super::model::{Bot, BotId, NewBot, Picture, PictureId, PictureKind, SIDE_MAX, is_allowed};
use super::store::{self, BotRow, Lease, NewPicture, PictureRow};
use crate::auth::model::check_name;
use crate::emoji::service as emoji;
use crate::organizations::model::Permission;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{Tx, is_unique_violation};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::events::{Audience, Event};
use crate::platform::http::add_header;
use crate::platform::jobs;
use crate::platform::picture_url::picture_url;
use crate::platform::storage::{ObjectKey, PutTerms, SignedPut, StorageError};

/// Uploads of a user, of all kinds together, in any [`WINDOW`].
pub const LIMIT: i64 = 5;
pub const WINDOW: Duration = Duration::from_hours(1);
/// How long an upload URL is valid.
const URL_LIFE: Duration = Duration::from_mins(5);
/// After this an upload that was never completed is given up.
const UNFINISHED_LIFE: Duration = Duration::from_hours(1);
/// Rows of pictures that are gone are kept this long: the limit counts them.
const ROW_LIFE: Duration = Duration::from_hours(24);
/// How much of a picture is looked at: enough for a JPEG's EXIF block before its size.
const SNIFF_BYTES: u64 = 256 * 1024;
/// A look gives up before its lease runs out, so that it never goes on beside the next holder's.
const LOOK_MAX: Duration = Duration::from_secs(100);
/// How often, and how many times, a request looks whether another one is done with the picture: ten seconds in all.
const LEASE_POLL: Duration = Duration::from_millis(50);
const LEASE_POLLS: u32 = 200;
const BOTS_PAGE: i64 = 100;

/// The job that removes the object of a picture that was replaced.
pub const REMOVE_PICTURE: &str = "remove_picture";

/// What somebody wants to upload.
pub struct NewUpload {
    pub kind: PictureKind,
    /// Of bot avatars: whose.
    pub bot: Option<BotId>,
    /// Of custom emoji.
    pub name: Option<String>,
    /// Bytes.
    pub file_size: i64,
    pub content_type: String,
}

/// An upload that may begin.
pub struct SignedPicture {
    pub id: PictureId,
    pub key: ObjectKey,
    pub put: SignedPut,
}

/// Makes the picture and a URL for its bytes. All else is checked before the try is counted.
pub async fn presign(platform: &Platform, member: &Member, upload: NewUpload) -> Result<SignedPicture> {
    let kind = upload.kind;
    let owner = owner(platform, member, &upload).await?;
    let size = check_size(kind, upload.file_size)?;
    if !is_allowed(&upload.content_type) {
        return Err(not_a_picture("contentType"));
    }
    let emoji_name = match kind {
        PictureKind::CustomEmoji => Some(emoji::check_new_name(platform, member, upload.name.as_deref()).await?),
        _ => None,
    };
    let now = platform.clock.now();
    let (id, attempt_id) = (PictureId(platform.clock.new_id()), platform.clock.new_id());
    let new = NewPicture {
        id,
        kind,
        owner,
        organization: member.organization_id(),
        uploaded_by: member.user_id,
        emoji_name: emoji_name.as_deref(),
        file_size: upload.file_size,
        content_type: &upload.content_type,
        attempt_id,
        now,
    };
    let mut tx = platform.db.begin().await?;
    if let Some(oldest) = store::insert_within_limit(&mut tx, &new, LIMIT, now.minus(WINDOW)).await? {
        // Another request may have been written down while this one waited.
        let waited = Duration::from_millis(u64::try_from(now.0 - oldest.0).unwrap_or(0));
        return Err(too_many(WINDOW.saturating_sub(waited)));
    }
    tx.commit().await?;
    let terms = PutTerms { content_type: upload.content_type, checksum: None, size, now, expires_in: URL_LIFE };
    let put = platform.storage.presign_put(&ObjectKey::Staging(id.0, attempt_id), &terms).await?;
    Ok(SignedPicture { id, key: object_key(kind, owner, id), put })
}

/// The user, bot or organisation that the picture is of, if this member may give it one.
async fn owner(platform: &Platform, member: &Member, upload: &NewUpload) -> Result<Uuid> {
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
            let bot = upload.bot.ok_or_else(|| AppError::invalid("botId", "Say which bot the picture is of."))?;
            if !store::has_bot(platform.db.on(), member.organization_id(), bot).await? {
                return Err(AppError::not_found("bot").on("botId"));
            }
            Ok(bot.0)
        }
    }
}

fn check_size(kind: PictureKind, size: i64) -> Result<u64> {
    let Some(size) = u64::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(AppError::invalid("fileSize", "This file is empty. Pick one with something in it."));
    };
    if size > kind.max_size() {
        let limit = if kind == PictureKind::CustomEmoji { "256 kB" } else { "5 MB" };
        let message = format!("The picture has {size} bytes, the limit is {limit}. Pick a smaller one.");
        return Err(AppError::new(ErrorKind::TooLarge, message).on("fileSize"));
    }
    Ok(size)
}

fn not_a_picture(field: &str) -> AppError {
    AppError::invalid(field, "A picture is a PNG, JPEG, GIF or WebP. Pick one of these.")
}

fn too_many(wait: Duration) -> AppError {
    // Rounded up: who waits as long as told is let in.
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
    let minutes = seconds.div_ceil(60);
    let wait = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    let message = format!("{LIMIT} pictures and emoji can be uploaded in an hour. Wait {wait} and try again.");
    let mut error = AppError::new(ErrorKind::RateLimited, message);
    error.retry_after = Some(seconds);
    add_header(RETRY_AFTER, seconds.into());
    error
}

fn object_key(kind: PictureKind, owner: Uuid, id: PictureId) -> ObjectKey {
    match kind {
        PictureKind::UserAvatar => ObjectKey::UserAvatar(owner, id.0),
        PictureKind::BotAvatar => ObjectKey::BotAvatar(owner, id.0),
        PictureKind::OrganizationAvatar => ObjectKey::OrganizationAvatar(owner, id.0),
        PictureKind::CustomEmoji => ObjectKey::Emoji(owner, id.0),
    }
}

/// What a row says, read.
fn kind_and_key(row: &PictureRow) -> Result<(PictureKind, ObjectKey)> {
    let kind = PictureKind::from_name(&row.kind).ok_or_else(AppError::internal)?;
    Ok((kind, object_key(kind, row.owner_id, row.id)))
}

/// Whether a signed URL's bytes are still waited for.
pub async fn expects_upload(platform: &Platform, id: Uuid, attempt: Uuid) -> Result<bool> {
    Ok(store::expects_upload(platform.db.on(), id, attempt).await?)
}

/// How many more pictures this member can upload now.
pub async fn uploads_left(platform: &Platform, member: &Member) -> Result<i64> {
    let since = platform.clock.now().minus(WINDOW);
    Ok((LIMIT - store::count_since(platform.db.on(), member.user_id, since).await?).max(0))
}

/// The caller's own upload. Of others it is not told that it exists.
async fn own(platform: &Platform, member: &Member, id: PictureId) -> Result<PictureRow> {
    let row = store::find(platform.db.on(), id).await?;
    row.filter(|row| row.uploaded_by == member.user_id).ok_or_else(|| AppError::not_found("picture"))
}

/// `uploading → complete`, after a look at the bytes; the picture is then shown in place of the old one. Once more on a
/// complete one changes nothing.
pub async fn complete(platform: &Platform, member: &Member, id: PictureId) -> Result<Picture> {
    for _ in 0..LEASE_POLLS {
        let row = own(platform, member, id).await?;
        if row.status != "uploading" {
            return finished(row);
        }
        if let Some(lease) = store::lease(platform.db.on(), id, platform.clock.now()).await? {
            let done = tokio::time::timeout(LOOK_MAX, finish(platform, member, &row, lease)).await;
            store::release(platform.db.on(), lease).await?;
            done.unwrap_or_else(|_| Err(StorageError::Failed("a look took too long".to_owned()).into()))?;
            return finished(own(platform, member, id).await?);
        }
        tokio::time::sleep(LEASE_POLL).await;
    }
    Err(AppError::conflict("This picture is being looked at right now. Ask again in a moment."))
}

/// Stores a picture that the server itself has, as if its member had uploaded it.
pub async fn import(platform: &Platform, member: &Member, upload: NewUpload, bytes: Vec<u8>) -> Result<Picture> {
    let id = presign(platform, member, upload).await?.id;
    let row = own(platform, member, id).await?;
    platform.storage.put_bytes(&ObjectKey::Staging(id.0, row.attempt_id), &row.content_type, bytes).await?;
    complete(platform, member, id).await
}

fn finished(row: PictureRow) -> Result<Picture> {
    let (kind, _) = kind_and_key(&row)?;
    if row.status != "complete" {
        let message = format!("This picture is {}. Presign a new one.", row.status);
        return Err(AppError::new(ErrorKind::InvalidTransition, message));
    }
    Ok(Picture {
        id: row.id,
        kind,
        content_type: row.content_type,
        file_size: row.file_size,
        width: row.width.unwrap_or_default(),
        height: row.height.unwrap_or_default(),
        url: picture_url(row.id.0),
    })
}

/// Looks at the bytes, moves them to where no upload URL reaches, and shows the picture.
async fn finish(platform: &Platform, member: &Member, row: &PictureRow, lease: Lease) -> Result<()> {
    let (kind, key) = kind_and_key(row)?;
    let staged = ObjectKey::Staging(row.id.0, row.attempt_id);
    let outcome = match look(platform, row, &staged, &key).await {
        Ok(seen) => show(platform, member, row, kind, lease, seen).await,
        Err(error) => Err(error),
    };
    let refused = outcome.as_ref().is_err_and(|error| {
        matches!(
            error.kind,
            ErrorKind::SizeMismatch | ErrorKind::TypeMismatch | ErrorKind::InvalidValue | ErrorKind::Conflict
        )
    });
    if refused {
        platform.storage.delete(&staged).await?;
        platform.storage.delete(&key).await?;
        store::set_failed(platform.db.on(), lease).await?;
    }
    outcome
}

type Seen = (&'static str, (i32, i32));

async fn look(platform: &Platform, row: &PictureRow, staged: &ObjectKey, key: &ObjectKey) -> Result<Seen> {
    let (info, is_staged) = match platform.storage.head(staged).await {
        Ok(info) => (info, true),
        // Moved by a call that was cut off before it could write so down.
        Err(StorageError::NotFound) => match platform.storage.head(key).await {
            Ok(info) => (info, false),
            Err(StorageError::NotFound) => {
                let message = "Nothing was uploaded yet. PUT the picture to its upload URL first, then complete it.";
                return Err(AppError::new(ErrorKind::ObjectMissing, message));
            }
            Err(error) => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    };
    if i64::try_from(info.size) != Ok(row.file_size) {
        let message = format!("{} bytes were announced, {} came. Pick the picture again.", row.file_size, info.size);
        return Err(AppError::new(ErrorKind::SizeMismatch, message));
    }
    if is_staged {
        platform.storage.promote(staged, key, &info.version).await?;
    }
    judge(&platform.storage.read_start(key, SNIFF_BYTES).await?)
}

/// What the bytes are, by themselves: the client's word counts for nothing here.
fn judge(start: &[u8]) -> Result<Seen> {
    let seen = infer::get(start).map(|kind| kind.mime_type()).filter(|seen| is_allowed(seen));
    let Some(seen) = seen else {
        let message = "By its bytes this is no PNG, JPEG, GIF or WebP. Pick one of these.";
        return Err(AppError::new(ErrorKind::TypeMismatch, message));
    };
    let allowed = |pixels: usize| i32::try_from(pixels).ok().filter(|pixels| (1..=SIDE_MAX).contains(pixels));
    let size = imagesize::blob_size(start).ok();
    match size.map(|size| (allowed(size.width), allowed(size.height))) {
        Some((Some(width), Some(height))) => Ok((seen, (width, height))),
        Some(_) => Err(AppError::new(
            ErrorKind::InvalidValue,
            format!("A picture has at most {SIDE_MAX} × {SIDE_MAX} pixels. Make it smaller."),
        )),
        None => Err(AppError::new(ErrorKind::TypeMismatch, "This picture is damaged: its size cannot be read.")),
    }
}

/// One transaction: the picture is complete, its owner has it, the old one is to be removed.
async fn show(
    platform: &Platform,
    member: &Member,
    row: &PictureRow,
    kind: PictureKind,
    lease: Lease,
    (content_type, pixels): Seen,
) -> Result<()> {
    let mut tx = platform.db.begin().await?;
    store::point(tx.on(), kind, row.owner_id, Some(row.id)).await?;
    if !store::set_complete(tx.on(), lease, content_type, pixels).await? {
        return Err(AppError::new(ErrorKind::InvalidTransition, "This picture was completed or given up meanwhile."));
    }
    if kind == PictureKind::CustomEmoji {
        let name = row.emoji_name.as_deref().unwrap_or_default();
        emoji::add(platform, &mut tx, member, row.id.0, name).await?;
    } else {
        remove_others(platform, &mut tx, kind, row.owner_id, Some(row.id)).await?;
    }
    tx.commit().await?;
    platform.job_added.notify_one();
    if kind == PictureKind::CustomEmoji {
        emoji::publish_change(platform, member.organization_id()).await;
        return Ok(());
    }
    publish_change(platform, member, kind, row.owner_id, Some(row.id)).await
}

async fn remove_others(
    platform: &Platform,
    tx: &mut Tx,
    kind: PictureKind,
    owner: Uuid,
    kept: Option<PictureId>,
) -> Result<()> {
    for old in store::set_others_removed(tx.on(), kind, owner, kept).await? {
        jobs::enqueue(tx.on(), REMOVE_PICTURE, old.0, platform.clock.now()).await?;
    }
    Ok(())
}

/// Takes a picture away: one's own, or, for who manages the organisation, its logo or a bot's.
pub async fn remove(platform: &Platform, member: &Member, id: PictureId) -> Result<()> {
    let row = store::find_visible(platform.db.on(), member.organization_id(), id).await?;
    let row = row.ok_or_else(|| AppError::not_found("picture"))?;
    let (kind, _) = kind_and_key(&row)?;
    match kind {
        PictureKind::UserAvatar if row.owner_id == member.user_id.0 => {}
        PictureKind::UserAvatar => {
            return Err(AppError::forbidden("Only the person themselves can remove this picture."));
        }
        PictureKind::CustomEmoji => {
            let message = "This is the picture of an emoji: DELETE /api/emoji/{id} removes that.";
            return Err(AppError::invalid("id", message));
        }
        PictureKind::BotAvatar | PictureKind::OrganizationAvatar => member.require(Permission::OrganizationManage)?,
    }
    let mut tx = platform.db.begin().await?;
    store::point(tx.on(), kind, row.owner_id, None).await?;
    remove_others(platform, &mut tx, kind, row.owner_id, None).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_change(platform, member, kind, row.owner_id, None).await
}

/// Tells open browsers who looks different now: a person in each of their organisations.
async fn publish_change(
    platform: &Platform,
    member: &Member,
    kind: PictureKind,
    owner: Uuid,
    picture: Option<PictureId>,
) -> Result<()> {
    let changed = match kind {
        PictureKind::UserAvatar => {
            let memberships = store::memberships(platform.db.on(), owner).await?;
            memberships.into_iter().map(|(id, organization)| (organization.0, "memberId", id.0)).collect()
        }
        PictureKind::BotAvatar => vec![(member.organization_id().0, "botId", owner)],
        _ => vec![(owner, "organizationId", owner)],
    };
    for (organization_id, field, id) in changed {
        let event = Event {
            id: platform.clock.new_id(),
            organization_id,
            audience: Audience::Organization,
            name: "picture.changed".to_owned(),
            data: serde_json::json!({ field: id, "pictureId": picture }),
        };
        platform.events.publish(event).await;
    }
    Ok(())
}

/// A picture to serve.
pub struct Served {
    pub bytes: Vec<u8>,
    pub content_type: String,
}

/// The bytes of a complete picture, for the members of its organisation. At most 5 MB, so in one piece.
pub async fn prepare(platform: &Platform, member: &Member, id: PictureId) -> Result<Served> {
    let row = store::find_visible(platform.db.on(), member.organization_id(), id).await?;
    let row = row.ok_or_else(|| AppError::not_found("picture"))?;
    let (_, key) = kind_and_key(&row)?;
    let size = u64::try_from(row.file_size).unwrap_or_default();
    Ok(Served { bytes: platform.storage.read_start(&key, size).await?, content_type: row.content_type })
}

/// The job [`REMOVE_PICTURE`]: removes the object of a picture that nothing shows any more.
pub async fn remove_object(platform: &Platform, id: Uuid) -> Result<u64> {
    let Some(row) = store::find(platform.db.on(), PictureId(id)).await?.filter(|row| row.status == "removed") else {
        return Ok(0);
    };
    let (_, key) = kind_and_key(&row)?;
    platform.storage.delete(&key).await?;
    Ok(1)
}

/// Gives up what was never completed, and removes all that is left of pictures that are gone.
pub async fn sweep(platform: &Platform) -> Result<u64> {
    let now = platform.clock.now();
    store::fail_stale(platform.db.on(), now.minus(UNFINISHED_LIFE), now).await?;
    let mut removed = 0;
    loop {
        let rows = store::unwanted(platform.db.on(), now.minus(ROW_LIFE), 100).await?;
        if rows.is_empty() {
            return Ok(removed);
        }
        for row in rows {
            let (_, key) = kind_and_key(&row)?;
            platform.storage.delete(&ObjectKey::Staging(row.id.0, row.attempt_id)).await?;
            platform.storage.delete(&key).await?;
            removed += store::delete(platform.db.on(), row.id).await?;
        }
    }
}

/// Makes a bot: a name and a face for a program.
pub async fn create_bot(platform: &Platform, member: &Member, input: NewBot) -> Result<Bot> {
    member.require(Permission::OrganizationManage)?;
    let name = check_name("name", &input.name)?;
    let (id, created_at) = (BotId(platform.clock.new_id()), platform.clock.now());
    let inserted = store::insert_bot(platform.db.on(), id, member.organization_id(), &name, created_at).await;
    inserted.map_err(|error| {
        if is_unique_violation(&error) {
            return AppError::conflict("There is a bot of this name already. Choose another.").on("name");
        }
        error.into()
    })?;
    Ok(Bot { id, name, avatar_url: None, created_at })
}

/// A page of the organisation's bots, by age.
pub async fn bots(platform: &Platform, member: &Member, after: Option<BotId>) -> Result<Vec<Bot>> {
    let rows = store::bots(platform.db.on(), member.organization_id(), after, BOTS_PAGE).await?;
    let bot = |row: BotRow| Bot {
        id: row.id,
        name: row.name,
        avatar_url: row.avatar_id.map(picture_url),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(bot).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0";
        assert_eq!(judge(png), Ok(("image/png", (256, 128))));
        let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x10\x01\0\0\0\x80\x08\x06\0\0\0";
        assert_eq!(judge(bomb).unwrap_err().kind, ErrorKind::InvalidValue);
        let endless = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\0\0\0";
        assert_eq!(judge(endless).unwrap_err().kind, ErrorKind::InvalidValue);
        for wrong in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"BM", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b""]
        {
            assert_eq!(judge(wrong).unwrap_err().kind, ErrorKind::TypeMismatch, "{wrong:?}");
        }
    }
}
