//! The table of all background jobs: which there are and how often they run. What each removes, after how long and why stands
//! in docs/operating.md.

use std::time::Duration;

use futures::FutureExt;

use crate::admin::refold;
use crate::files::attachments::{clean_up, judge_again, remote_preview, removal};
use crate::files::pictures::service as pictures;
use crate::files::previews as preview;
use crate::platform::jobs::{Job, Task};
use crate::platform::{Platform, error::Result};
use crate::rest::idempotency;

const OFTEN: Option<Duration> = Some(Duration::from_mins(10));
const HOURLY: Option<Duration> = Some(Duration::from_hours(1));
const DAILY: Option<Duration> = Some(Duration::from_hours(24));
/// Longer than any window in which tries are counted.
const TRIES_KEPT: Duration = Duration::from_hours(48);
/// No upload writes this long into one temporary file.
const HALF_UPLOAD_LIFE: Duration = Duration::from_hours(24);

pub static JOBS: &[Job] = &[
    Job { name: preview::JOB, every: None, run: |p, t| preview::make(p, t).boxed() },
    Job { name: remote_preview::JOB, every: None, run: |p, t| remote_preview::fetch(p, t).boxed() },
    Job { name: "remove_expired_sessions", every: HOURLY, run: |p, t| remove_expired_sessions(p, t).boxed() },
    Job { name: "forget_invitations", every: DAILY, run: |p, t| forget_invitations(p, t).boxed() },
    Job { name: "sweep_pictures", every: HOURLY, run: |p, t| sweep_pictures(p, t).boxed() },
    Job { name: pictures::REMOVE_PICTURE, every: None, run: |p, t| remove_picture(p, t).boxed() },
    Job { name: "remove_half_uploads", every: HOURLY, run: |p, t| remove_half_uploads(p, t).boxed() },
    Job { name: removal::PURGE_JOB, every: None, run: removal::run_purge },
    Job {
        name: removal::REMOVE_FILES_OF_CHANNEL,
        every: None,
        run: |p, t| removal::remove_files_of_channel(p, t).boxed(),
    },
    Job { name: "fail_unfinished_uploads", every: OFTEN, run: |p, t| clean_up::fail_unfinished(p, t).boxed() },
    Job { name: "remove_failed_uploads", every: HOURLY, run: |p, t| clean_up::remove_failed(p, t).boxed() },
    Job { name: "remove_never_sent_files", every: HOURLY, run: |p, t| clean_up::remove_never_sent(p, t).boxed() },
    Job { name: "remove_upload_leftovers", every: DAILY, run: |p, t| clean_up::remove_leftovers(p, t).boxed() },
    Job { name: "remove_ownerless_previews", every: DAILY, run: |p, t| clean_up::remove_ownerless(p, t).boxed() },
    Job { name: "purge_deleted_files", every: HOURLY, run: |p, t| clean_up::purge_old(p, t).boxed() },
    Job { name: "judge_stored_files", every: OFTEN, run: |p, t| judge_again::judge_stored_files(p, t).boxed() },
    Job { name: "forget_tries", every: DAILY, run: |p, t| forget_tries(p, t).boxed() },
    Job { name: "forget_answers", every: HOURLY, run: |p, t| forget_answers(p, t).boxed() },
    Job { name: "forget_share_downloads", every: HOURLY, run: |p, t| forget_share_downloads(p, t).boxed() },
    Job { name: "refold_texts", every: HOURLY, run: |p, t| refold::run(p, t).boxed() },
    Job { name: "recount_storage", every: DAILY, run: |p, t| recount_storage(p, t).boxed() },
];

async fn remove_expired_sessions(platform: Platform, _: Task) -> Result<u64> {
    Ok(crate::people::accounts::store::delete_expired_sessions(platform.db.on(), platform.clock.now()).await?)
}

async fn forget_invitations(platform: Platform, _: Task) -> Result<u64> {
    Ok(crate::people::organizations::store::forget_invitations(platform.db.on(), platform.clock.now()).await?)
}

/// Pictures that were never completed or were replaced, with all that is left of them.
async fn sweep_pictures(platform: Platform, _: Task) -> Result<u64> {
    pictures::sweep(&platform).await
}

/// The object of one picture that was replaced.
async fn remove_picture(platform: Platform, task: Task) -> Result<u64> {
    pictures::remove_object(&platform, task.subject).await
}

/// Temporary files of uploads that a crash cut off.
async fn remove_half_uploads(platform: Platform, _: Task) -> Result<u64> {
    Ok(platform.storage.sweep_temporary(platform.clock.now().minus(HALF_UPLOAD_LIFE)).await?)
}

async fn recount_storage(platform: Platform, _: Task) -> Result<u64> {
    Ok(crate::files::quotas::store::recount(platform.db.on()).await?)
}

/// What requests with an idempotency key were answered.
async fn forget_answers(platform: Platform, _: Task) -> Result<u64> {
    Ok(idempotency::forget_before(&platform, platform.clock.now().minus(idempotency::KEPT)).await?)
}

/// Counts of tries whose window is over, whatever its length.
async fn forget_tries(platform: Platform, _: Task) -> Result<u64> {
    Ok(crate::platform::rate_limit::forget_before(&platform, platform.clock.now().minus(TRIES_KEPT)).await?)
}

/// Downloads by share links that can go on no more.
async fn forget_share_downloads(platform: Platform, _: Task) -> Result<u64> {
    crate::files::sharing::public::downloads::forget(&platform).await
}
