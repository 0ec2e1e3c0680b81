//! The table of all background jobs and their intervals. docs/operating.md describes what each removes, after how long
//! and why.

use std::time::Duration;

use crate::admin::backup::BackUp;
use crate::admin::refold;
use crate::channels::{numbering, search_index};
use crate::conversations::contact_data::removal::RemoveContact;
use crate::conversations::hooks::service as hooks;
use crate::files::attachments::remote_preview::FetchRemotePreview;
use crate::files::attachments::removal::{RemoveFilesOfChannel, RemovePurgedObjects};
use crate::files::attachments::{clean_up, type_recheck};
use crate::files::library::service as library;
use crate::files::pictures::service::{self as pictures, RemovePicture};
use crate::files::previews::MakePreview;
use crate::files::quotas;
use crate::files::sharing::public::downloads;
use crate::people::{accounts, organizations};
use crate::platform::jobs::{Job, Recurring};
use crate::platform::{Platform, error::Result, rate_limit};
use crate::programs::webhooks::dispatch::{self, DispatchEvents};
use crate::rest::idempotency;
use crate::rest::webhooks::DeliverWebhook;

const EVERY_MINUTE: Duration = Duration::from_mins(1);
const OFTEN: Duration = Duration::from_mins(10);
const HOURLY: Duration = Duration::from_hours(1);
const DAILY: Duration = Duration::from_hours(24);
/// Longer than any window in which tries are counted.
const COUNTER_RETENTION: Duration = Duration::from_hours(48);
/// No upload writes this long into one temporary file.
const PARTIAL_UPLOAD_RETENTION: Duration = Duration::from_hours(24);

pub static JOBS: &[Job] = &[
    Job::queued::<MakePreview>(),
    Job::queued::<FetchRemotePreview>(),
    Job::queued::<RemovePicture>(),
    Job::queued::<RemovePurgedObjects>(),
    Job::queued::<RemoveFilesOfChannel>(),
    Job::queued::<RemoveContact>(),
    Job::queued::<DispatchEvents>(),
    Job::queued::<DeliverWebhook>(),
    Job::recurring::<RemoveExpiredSessions>(),
    Job::recurring::<ForgetInvitations>(),
    Job::recurring::<SweepPictures>(),
    Job::recurring::<RemoveHalfUploads>(),
    Job::recurring::<FailUnfinishedUploads>(),
    Job::recurring::<RemoveFailedUploads>(),
    Job::recurring::<RemoveNeverSentFiles>(),
    Job::recurring::<RemoveUploadLeftovers>(),
    Job::recurring::<RemoveOwnerlessPreviews>(),
    Job::recurring::<PurgeDeletedFiles>(),
    Job::recurring::<JudgeStoredFiles>(),
    Job::recurring::<ForgetTries>(),
    Job::recurring::<ForgetAnswers>(),
    Job::recurring::<ForgetShareDownloads>(),
    Job::recurring::<ForgetEvents>(),
    Job::recurring::<ForgetHookFailures>(),
    Job::recurring::<RefoldTexts>(),
    Job::recurring::<NumberMessages>(),
    Job::recurring::<IndexMessages>(),
    Job::recurring::<SumFileTotals>(),
    Job::recurring::<SumStorageUsage>(),
    Job::recurring::<RecountStorage>(),
    Job::recurring::<BackUp>(),
];

struct RemoveExpiredSessions;

impl Recurring for RemoveExpiredSessions {
    const NAME: &'static str = "remove_expired_sessions";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        Ok(accounts::store::delete_expired_sessions(platform.db.on(), platform.clock.now()).await?)
    }
}

struct ForgetInvitations;

impl Recurring for ForgetInvitations {
    const NAME: &'static str = "forget_invitations";
    const EVERY: Duration = DAILY;

    async fn run(platform: Platform) -> Result<u64> {
        Ok(organizations::store::forget_invitations(platform.db.on(), platform.clock.now()).await?)
    }
}

/// Removes pictures that were never completed or were replaced, and their objects.
struct SweepPictures;

impl Recurring for SweepPictures {
    const NAME: &'static str = "sweep_pictures";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        pictures::sweep(&platform).await
    }
}

/// Temporary files of uploads that a crash cut off.
struct RemoveHalfUploads;

impl Recurring for RemoveHalfUploads {
    const NAME: &'static str = "remove_half_uploads";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        Ok(platform.storage.sweep_temporary(platform.clock.now().minus(PARTIAL_UPLOAD_RETENTION)).await?)
    }
}

struct FailUnfinishedUploads;

impl Recurring for FailUnfinishedUploads {
    const NAME: &'static str = "fail_unfinished_uploads";
    const EVERY: Duration = OFTEN;

    async fn run(platform: Platform) -> Result<u64> {
        clean_up::fail_unfinished(platform).await
    }
}

struct RemoveFailedUploads;

impl Recurring for RemoveFailedUploads {
    const NAME: &'static str = "remove_failed_uploads";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        clean_up::remove_failed(platform).await
    }
}

struct RemoveNeverSentFiles;

impl Recurring for RemoveNeverSentFiles {
    const NAME: &'static str = "remove_never_sent_files";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        clean_up::remove_never_sent(platform).await
    }
}

struct RemoveUploadLeftovers;

impl Recurring for RemoveUploadLeftovers {
    const NAME: &'static str = "remove_upload_leftovers";
    const EVERY: Duration = DAILY;

    async fn run(platform: Platform) -> Result<u64> {
        clean_up::remove_leftovers(platform).await
    }
}

struct RemoveOwnerlessPreviews;

impl Recurring for RemoveOwnerlessPreviews {
    const NAME: &'static str = "remove_ownerless_previews";
    const EVERY: Duration = DAILY;

    async fn run(platform: Platform) -> Result<u64> {
        clean_up::remove_ownerless(platform).await
    }
}

struct PurgeDeletedFiles;

impl Recurring for PurgeDeletedFiles {
    const NAME: &'static str = "purge_deleted_files";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        clean_up::purge_old(platform).await
    }
}

struct JudgeStoredFiles;

impl Recurring for JudgeStoredFiles {
    const NAME: &'static str = "judge_stored_files";
    const EVERY: Duration = OFTEN;

    async fn run(platform: Platform) -> Result<u64> {
        type_recheck::recheck_stored_files(platform).await
    }
}

/// Removes expired counters of rate limits.
struct ForgetTries;

impl Recurring for ForgetTries {
    const NAME: &'static str = "forget_tries";
    const EVERY: Duration = DAILY;

    async fn run(platform: Platform) -> Result<u64> {
        Ok(rate_limit::forget_before(&platform, platform.clock.now().minus(COUNTER_RETENTION)).await?)
    }
}

/// What requests with an idempotency key were answered.
struct ForgetAnswers;

impl Recurring for ForgetAnswers {
    const NAME: &'static str = "forget_answers";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        Ok(idempotency::forget_before(&platform, platform.clock.now().minus(idempotency::RESPONSE_RETENTION)).await?)
    }
}

/// Downloads by share links that can go on no more.
struct ForgetShareDownloads;

impl Recurring for ForgetShareDownloads {
    const NAME: &'static str = "forget_share_downloads";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        downloads::forget(&platform).await
    }
}

/// Events that no stream replays any more, and the log of webhooks.
struct ForgetEvents;

impl Recurring for ForgetEvents {
    const NAME: &'static str = "forget_events";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        dispatch::forget(&platform).await
    }
}

/// Rejected requests of incoming URLs.
struct ForgetHookFailures;

impl Recurring for ForgetHookFailures {
    const NAME: &'static str = "forget_hook_failures";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        hooks::forget_failures(&platform).await
    }
}

struct RefoldTexts;

impl Recurring for RefoldTexts {
    const NAME: &'static str = "refold_texts";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        refold::run(platform).await
    }
}

struct NumberMessages;

impl Recurring for NumberMessages {
    const NAME: &'static str = "number_messages";
    const EVERY: Duration = HOURLY;

    async fn run(platform: Platform) -> Result<u64> {
        numbering::run(platform).await
    }
}

/// Indexes messages of older versions for searches. Comes often, because a run ends before all is done.
struct IndexMessages;

impl Recurring for IndexMessages {
    const NAME: &'static str = "index_messages";
    const EVERY: Duration = EVERY_MINUTE;

    async fn run(platform: Platform) -> Result<u64> {
        search_index::build(platform).await
    }
}

/// Adds up the changes of the totals of files, which a request reads until then.
struct SumFileTotals;

impl Recurring for SumFileTotals {
    const NAME: &'static str = "sum_file_totals";
    const EVERY: Duration = EVERY_MINUTE;

    async fn run(platform: Platform) -> Result<u64> {
        library::sum_totals(platform).await
    }
}

/// Adds up the changes of the storage usage, which a request reads until then.
struct SumStorageUsage;

impl Recurring for SumStorageUsage {
    const NAME: &'static str = "sum_storage_usage";
    const EVERY: Duration = EVERY_MINUTE;

    async fn run(platform: Platform) -> Result<u64> {
        quotas::service::sum_usage(platform).await
    }
}

struct RecountStorage;

impl Recurring for RecountStorage {
    const NAME: &'static str = "recount_storage";
    const EVERY: Duration = DAILY;

    async fn run(platform: Platform) -> Result<u64> {
        Ok(quotas::store::recount(platform.db.on()).await?)
    }
}
