//! The rules of stored pictures: who can view and remove them, and their clean-up.

use std::time::Duration;

use uuid::Uuid;

use super::model::{PictureKind, PictureStatus};
use super::store::{self, PictureRow};
use crate::files::attachments::upload_failure::{Failed, Reason, Step, note};
use crate::ids::{BotId, OrganizationId, PictureId};
use crate::live_event::{self, LiveEvent, PictureOwner};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::Tx;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::{self, Attempt, Queued};
use crate::platform::sweep::Sweep;

/// After this time an uncompleted upload is abandoned.
const UNFINISHED_TIMEOUT: Duration = Duration::from_hours(1);
/// How long rows of removed pictures are kept, because the rate limit counts them.
const ROW_RETENTION: Duration = Duration::from_hours(24);

pub(super) async fn remove_others(
    platform: &Platform,
    tx: &mut Tx,
    kind: PictureKind,
    owner: Uuid,
    kept: Option<PictureId>,
) -> Result<()> {
    for old in store::set_others_removed(tx.on(), kind, owner, kept).await? {
        jobs::enqueue(tx.on(), &RemovePicture { picture: old }, owner, platform.clock.now()).await?;
    }
    Ok(())
}

/// Removes a picture: your own, or, for members who manage the organization, its logo or a bot's.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn remove(platform: &Platform, member: &Member, id: PictureId) -> Result<()> {
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    let row = store::find_visible(tx.on(), member.organization_id(), id).await?;
    let row = row.ok_or_else(|| AppError::not_found("picture"))?;
    let kind = row.kind;
    match kind {
        PictureKind::UserAvatar if row.owner_id == member.user_id.0 => {}
        PictureKind::UserAvatar => {
            return Err(AppError::forbidden("You can remove only your own picture."));
        }
        PictureKind::CustomEmoji => {
            let message = "This is an emoji's picture. To remove it, use DELETE /api/emoji/{id}.";
            return Err(AppError::invalid("id", message));
        }
        PictureKind::BotAvatar | PictureKind::OrganizationAvatar => member.require(Permission::OrganizationManage)?,
    }
    store::point(tx.on(), kind, row.owner_id, None).await?;
    remove_others(platform, &mut tx, kind, row.owner_id, None).await?;
    tx.commit().await?;
    platform.job_added.notify_one();
    publish_change(platform, member, kind, row.owner_id, None).await
}

/// Notifies open browsers of a changed picture: for a person, in each of their organizations.
pub(super) async fn publish_change(
    platform: &Platform,
    member: &Member,
    kind: PictureKind,
    owner: Uuid,
    picture: Option<PictureId>,
) -> Result<()> {
    let changed = match kind {
        PictureKind::UserAvatar => {
            let memberships = store::memberships(platform.db.on(), owner).await?;
            memberships.into_iter().map(|(id, organization)| (organization, PictureOwner::Member(id))).collect()
        }
        PictureKind::BotAvatar => vec![(member.organization_id(), PictureOwner::Bot(BotId(owner)))],
        _ => vec![(OrganizationId(owner), PictureOwner::Organization(OrganizationId(owner)))],
    };
    for (organization, owner) in changed {
        live_event::publish(platform, organization, LiveEvent::PictureChanged { owner, picture_id: picture }).await;
    }
    Ok(())
}

/// A picture to serve.
pub struct Served {
    pub bytes: Vec<u8>,
    pub content_type: String,
}

/// Returns the bytes of a complete picture, for the members of its organization. At most 5 MB, so in one piece.
pub async fn prepare(platform: &Platform, member: &Member, id: PictureId) -> Result<Served> {
    let row = store::find_visible(platform.db.on(), member.organization_id(), id).await?;
    let row = row.ok_or_else(|| AppError::not_found("picture"))?;
    read(platform, row).await
}

/// Returns the logo of an organization, for visitors of its share links.
pub async fn public_logo(platform: &Platform, organization: OrganizationId, logo: Option<PictureId>) -> Result<Served> {
    let missing = || AppError::not_found("picture");
    let id = logo.ok_or_else(missing)?;
    let row = store::find_visible(platform.db.on(), organization, id).await?.ok_or_else(missing)?;
    read(platform, row).await
}

async fn read(platform: &Platform, row: PictureRow) -> Result<Served> {
    Ok(Served {
        bytes: platform.storage.read_start(&row.key(), row.file_size.0).await?,
        content_type: row.content_type,
    })
}

/// Removes the object of a picture that is no longer shown.
pub struct RemovePicture {
    pub picture: PictureId,
}

impl Queued for RemovePicture {
    const NAME: &'static str = "remove_picture";

    fn key(&self) -> Uuid {
        self.picture.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { picture: PictureId(key) }
    }

    async fn run(self, platform: Platform, _: Attempt) -> Result<u64> {
        remove_object(&platform, self.picture).await
    }
}

async fn remove_object(platform: &Platform, id: PictureId) -> Result<u64> {
    let Some(row) = store::find(platform.db.on(), id).await?.filter(|row| row.status == PictureStatus::Removed) else {
        return Ok(0);
    };
    platform.storage.delete(&row.key()).await?;
    Ok(1)
}

/// Fails abandoned uploads, and removes the objects of removed pictures.
pub async fn sweep(platform: &Platform) -> Result<u64> {
    let now = platform.clock.now();
    for (id, attempt) in store::fail_stale(platform.db.on(), now.minus(UNFINISHED_TIMEOUT), now).await? {
        let failed = Failed { is_picture: true, ..Failed::of(id.0, attempt) };
        note(platform, Step::CleanUp, failed, Reason::default());
    }
    let mut sweep = Sweep::new("pictures");
    loop {
        let before = sweep.done();
        for row in store::unwanted(platform.db.on(), now.minus(ROW_RETENTION), 1000).await? {
            sweep.note(row.id, remove_row(platform, &row).await)?;
        }
        // No rows, or only rows that can't be removed.
        if sweep.done() == before {
            return Ok(sweep.end());
        }
    }
}

async fn remove_row(platform: &Platform, row: &PictureRow) -> Result<u64> {
    row.staged().remove(platform).await?;
    Ok(store::delete(platform.db.on(), row.id).await?)
}
