//! The steps of one upload, from the picked file to the stored object. Waits while the connection is lost; each attempt
//! signs a new URL.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use dioxus::core::{Task, spawn_forever};
use web_sys::{Blob, File};

use super::draft::{Drafts, UploadState};
use super::lazy::{self, Job};
use super::model::{Failure, MULTIPART_ABOVE, NewName, PresignRequest, PresignedUpload};
use super::transfer::{Target, is_storage_lost, put};
use super::{api, slots, worker};
use crate::files::attachments::model::Attachment;
use crate::ids::{AttachmentId, ChannelId};
use crate::platform::browser;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::json::{Body, NoBody};

/// Maximum retries of an error that may be temporary. Transient errors are retried forever.
const MAX_RETRIES: u32 = 5;
/// How long the storage may be unreachable before the chip says so, in milliseconds.
const STORAGE_GRACE: f64 = 60_000.0;
const STORAGE_UNREACHABLE: &str = "This browser can't reach the file storage, although it can reach Attaché. A \
    firewall, proxy or extension may be blocking it, or the store doesn't allow this site (CORS). Retrying \
    automatically; press Retry to try now";
/// Number of leading bytes by which a file that is picked again is recognized.
pub const HEAD: u64 = 1024 * 1024;

thread_local! {
    /// The picked files, and their upload tasks. Browser handles, which a signal need not track.
    static FILES: RefCell<HashMap<u64, File>> = RefCell::default();
    static LAST_NUMBER: Cell<u64> = const { Cell::new(0) };
    static RUNS: RefCell<HashMap<u64, Task>> = RefCell::default();
}

pub fn has_file(number: u64) -> bool {
    FILES.with_borrow(|files| files.contains_key(&number))
}

pub fn set_file(number: u64, file: File) {
    FILES.with_borrow_mut(|files| files.insert(number, file));
}

/// Cancels the task of a file, and its requests.
pub fn stop(number: u64) {
    if let Some(task) = RUNS.with_borrow_mut(|runs| runs.remove(&number)) {
        task.cancel();
    }
}

/// Releases a file that is no longer needed.
pub fn forget(number: u64) {
    stop(number);
    FILES.with_borrow_mut(|files| files.remove(&number));
}

/// Uploads a file, from its current state. The task continues when another channel is opened, hence "forever".
pub fn start(drafts: Drafts, channel: ChannelId, number: u64) {
    stop(number);
    let task = spawn_forever(async move {
        let Some(file) = FILES.with_borrow(|files| files.get(&number).cloned()) else { return };
        let run = Run { drafts, channel, number, size: size_of(&file), file, checksum: RefCell::default() };
        if !lazy::run(Job::Send(run)).await {
            let reason = "The code that sends files could not be loaded. Reload the page".to_owned();
            drafts.set_state(number, UploadState::Failed { reason, can_retry: true });
        }
        RUNS.with_borrow_mut(|runs| runs.remove(&number));
    });
    RUNS.with_borrow_mut(|runs| runs.insert(number, task));
}

/// Returns a number for an upload, unique in this page only.
pub fn new_number() -> u64 {
    LAST_NUMBER.set(LAST_NUMBER.get() + 1);
    LAST_NUMBER.get()
}

/// Returns Unix milliseconds.
pub fn last_modified(file: &File) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds, below 2^53")]
    let modified = file.last_modified() as i64;
    modified
}

pub fn size_of(file: &Blob) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes, below 2^53")]
    let size = file.size() as u64;
    size
}

/// Returns the bytes of a file from `start` to `end`.
pub fn slice(file: &Blob, start: u64, end: u64) -> Result<Blob> {
    #[expect(clippy::cast_precision_loss, reason = "a size in bytes, below 2^53")]
    let (start, end) = (start as f64, end as f64);
    file.slice_with_f64_and_f64(start, end).map_err(|_| worker::changed())
}

/// The upload of one file.
pub struct Run {
    pub(super) drafts: Drafts,
    channel: ChannelId,
    pub(super) number: u64,
    pub(super) file: File,
    pub(super) size: u64,
    /// Checksum of the whole file, when known.
    checksum: RefCell<Option<String>>,
}

/// The retries of a step.
#[derive(Default)]
struct Retries {
    lost: u32,
    refused: u32,
    /// Since when the storage is unreachable, in Unix milliseconds.
    unreached_since: Option<f64>,
}

impl Retries {
    /// Waits before a retry; returns the error if none would help. Transient errors are retried forever.
    async fn wait(&mut self, run: &Run, error: AppError) -> Result<()> {
        let asked_for = error.retry_after_ms();
        match error.kind {
            _ if is_transient(&error) => {
                self.lost += 1;
                let reason = self.reason(&error).await;
                run.drafts.update(run.number, |upload| {
                    upload.state = UploadState::Waiting { sent: upload.sent(), reason };
                });
                browser::sleep_or_online(pause(self.lost).max(asked_for)).await;
                Ok(())
            }
            ErrorKind::Conflict | ErrorKind::InvalidSignature | ErrorKind::UrlExpired if self.refused < MAX_RETRIES => {
                self.refused += 1;
                browser::sleep(pause(self.refused)).await;
                Ok(())
            }
            _ => Err(error),
        }
    }

    /// Returns what to say about the wait, other than that the connection is lost.
    async fn reason(&mut self, error: &AppError) -> Option<String> {
        if error.kind != ErrorKind::Network {
            self.unreached_since = None;
            return Some(error.message.clone());
        }
        if !is_storage_lost(error) {
            self.unreached_since = None;
            return None;
        }
        let now = js_sys::Date::now();
        let since = *self.unreached_since.get_or_insert(now);
        // If the app can't be reached either, the connection is lost.
        let is_storage_alone = now - since >= STORAGE_GRACE && browser::exists("/healthz").await == Some(true);
        is_storage_alone.then(|| STORAGE_UNREACHABLE.to_owned())
    }
}

/// Returns whether a retry may succeed. A conflict with `Retry-After` is temporary.
fn is_transient(error: &AppError) -> bool {
    error.is_transient() || (error.kind == ErrorKind::Conflict && error.retry_after.is_some())
}

/// Returns the milliseconds until the next retry: from one second, doubling, up to half a minute; with a random half
/// more or less, so that many clients don't retry at once.
fn pause(tries: u32) -> i32 {
    let longest = 1000_u32.saturating_mul(1 << tries.saturating_sub(1).min(5)).min(30_000);
    #[expect(clippy::cast_possible_truncation, reason = "at most 45,000")]
    let pause = (f64::from(longest) * (0.5 + js_sys::Math::random())) as i32;
    pause
}

impl Run {
    /// Uploads the file, and shows why it can't continue.
    pub(super) async fn deliver(self) {
        if let Err(error) = self.to_the_end().await {
            self.report(&error).await;
        }
    }

    async fn to_the_end(&self) -> Result<()> {
        let in_parts = self.size > MULTIPART_ABOVE;
        let attachment = match self.send(in_parts).await {
            // A store may list a part that it then does not accept: one that was cut off while it was sent again. It
            // does not say which, so all are sent again.
            Err(error) if in_parts && error.kind == ErrorKind::Conflict => {
                if let Some(id) = self.attachment() {
                    self.patiently(async || api::retry_upload(id, NoBody).await).await?;
                }
                self.send(in_parts).await?
            }
            // The server failed it while the connection was lost.
            Err(error) if error.kind == ErrorKind::InvalidTransition => self.send(in_parts).await?,
            attachment => attachment?,
        };
        if let Some(upload) = self.drafts.find(self.number) {
            spawn_forever(async move { worker::drop_kept(&upload.key).await });
        }
        let attachment = self.with_new_name(attachment).await;
        self.drafts.set_state(self.number, UploadState::Complete(Box::new(attachment)));
        FILES.with_borrow_mut(|files| files.remove(&self.number));
        Ok(())
    }

    /// Sends a name to the server that was changed during the upload.
    async fn with_new_name(&self, attachment: Attachment) -> Attachment {
        let Some(upload) = self.drafts.find(self.number).filter(|upload| upload.renamed) else { return attachment };
        let name = NewName { file_name: upload.file_name };
        self.patiently(async || api::rename_upload(attachment.id, Body(name.clone())).await).await.unwrap_or(attachment)
    }

    async fn send(&self, in_parts: bool) -> Result<Attachment> {
        let id = if in_parts { self.in_parts().await? } else { self.in_one().await? };
        self.drafts.set_state(self.number, UploadState::Verifying);
        self.patiently(async || api::complete_upload(id, NoBody).await).await
    }

    /// Retries until the step succeeds or can't.
    pub(super) async fn patiently<T>(&self, mut step: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        let mut retries = Retries::default();
        loop {
            match step().await {
                Ok(done) => return Ok(done),
                Err(error) => retries.wait(self, error).await?,
            }
        }
    }

    pub(super) fn attachment(&self) -> Option<AttachmentId> {
        self.drafts.find(self.number)?.attachment_id
    }

    pub(super) fn show(&self, sent: u64) {
        self.drafts.set_state(self.number, UploadState::Uploading { sent });
    }

    pub(super) async fn presign(&self, checksum: Option<String>) -> Result<PresignedUpload> {
        let Some(upload) = self.drafts.find(self.number) else { return Err(worker::changed()) };
        let presigned = api::presign_upload(Body(PresignRequest {
            upload_type: "attachment".to_owned(),
            channel_id: Some(self.channel),
            bot_id: None,
            name: None,
            file_name: upload.file_name,
            file_size: i64::try_from(self.size).unwrap_or(i64::MAX),
            content_type: upload.content_type,
            checksum_sha256: checksum,
        }))
        .await?;
        self.drafts.update(self.number, |upload| upload.attachment_id = Some(AttachmentId(presigned.resource_id)));
        Ok(presigned)
    }

    /// Uploads the whole file in one PUT, bound to its checksum.
    async fn in_one(&self) -> Result<AttachmentId> {
        self.patiently(async || {
            let _slot = slots::take().await;
            let checksum = worker::checksum(&self.file).await?;
            // Read again for each attempt, so that a file that has changed is not uploaded half old and half new.
            if self.checksum.borrow().as_ref().is_some_and(|known| *known != checksum) {
                return Err(worker::changed());
            }
            *self.checksum.borrow_mut() = Some(checksum.clone());
            let presigned = match self.attachment() {
                Some(id) => match api::retry_upload(id, NoBody).await {
                    // Removed by the clean-up in the meantime.
                    Err(error) if error.kind == ErrorKind::NotFound => self.presign(Some(checksum)).await?,
                    signed => signed?,
                },
                None => self.presign(Some(checksum)).await?,
            };
            self.show(0);
            let url = presigned.upload_url.unwrap_or_default();
            let target = Target { url: &url, headers: &presigned.headers };
            put(target, &self.file, |sent| self.show(sent.min(self.size))).await?;
            Ok(AttachmentId(presigned.resource_id))
        })
        .await
    }

    async fn report(&self, error: &AppError) {
        let can_retry = !matches!(
            error.kind,
            ErrorKind::TooLarge
                | ErrorKind::InvalidValue
                | ErrorKind::TypeMismatch
                | ErrorKind::UnreadableMedia
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
        );
        let attachment = self.attachment();
        self.drafts.set_state(self.number, UploadState::Failed { reason: error.message.clone(), can_retry });
        // If a retry may succeed, arrived parts are kept: only canceling, and the clean-up, remove them.
        if let (Some(id), false) = (attachment, can_retry) {
            // The server may know already, or be unreachable.
            let failure = Failure {
                reason: error.message.clone(),
                kind: Some(error.kind),
                store_code: error.store_code.as_deref().map(str::to_owned),
            };
            let _ = api::fail_upload(id, Body(failure)).await;
        }
    }
}
