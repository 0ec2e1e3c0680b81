//! Uploads a large file in parts: the missing ones, several at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::{StreamExt, stream};

use super::model::{MultipartPlan, PartRequest, PartsRequest, UploadedPart, UploadedParts};
use super::run::{HEAD, Run, slice};
use super::transfer::{Target, put};
use super::{api, slots, worker};
use crate::ids::AttachmentId;
use crate::platform::error::{ErrorKind, Result};
use crate::platform::json::{Body, NoBody};

impl Run {
    /// Uploads only the missing parts, several at once.
    pub(super) async fn in_parts(&self) -> Result<AttachmentId> {
        let head = self.patiently(async || worker::checksum(&slice(&self.file, 0, HEAD)?).await).await?;
        self.drafts.update(self.number, |upload| upload.head = Some(head));
        let (id, UploadedParts { plan, parts }) = self.patiently(async || self.begin_or_go_on().await).await?;
        let whole = |part: &&UploadedPart| part.size == plan.size_of(part.part_number, self.size);
        let there: BTreeMap<u32, u64> = parts.iter().filter(whole).map(|part| (part.part_number, part.size)).collect();
        let missing: Vec<u32> = (1..=plan.part_count).filter(|number| !there.contains_key(number)).collect();
        let progress = PartsProgress { run: self, sent: RefCell::new(there), shown: Cell::new(0) };
        progress.note(0, 0);
        let mut sending =
            pin!(stream::iter(missing).map(|part| self.part(id, plan, part, &progress)).buffer_unordered(slots::SLOTS));
        while let Some(sent) = sending.next().await {
            sent?;
        }
        Ok(id)
    }

    async fn begin_or_go_on(&self) -> Result<(AttachmentId, UploadedParts)> {
        let plan = MultipartPlan::of(self.size);
        if let Some(id) = self.attachment() {
            let listed = match api::uploaded_parts(id).await {
                // It failed: continues with the stored parts, if any.
                Err(error) if error.kind == ErrorKind::InvalidTransition => match api::retry_upload(id, NoBody).await {
                    Ok(_) => api::uploaded_parts(id).await,
                    Err(error) => Err(error),
                },
                listed => listed,
            };
            match listed {
                // Removed by the clean-up in the meantime.
                Err(error) if error.kind == ErrorKind::NotFound => {}
                listed => return Ok((id, listed?)),
            }
        }
        let presigned = self.presign(None).await?;
        Ok((AttachmentId(presigned.resource_id), UploadedParts { plan, parts: Vec::new() }))
    }

    async fn part(
        &self,
        id: AttachmentId,
        plan: MultipartPlan,
        number: u32,
        progress: &PartsProgress<'_>,
    ) -> Result<()> {
        let start = plan.offset(number);
        let bytes = slice(&self.file, start, start + plan.size_of(number, self.size))?;
        self.patiently(async || {
            let _slot = slots::take().await;
            let part = PartRequest { part_number: number, checksum_sha256: worker::checksum(&bytes).await? };
            let signed = api::presign_parts(id, Body(PartsRequest { parts: vec![part] })).await?;
            let Some(part) = signed.parts.first() else { return Err(worker::changed()) };
            let target = Target { url: &part.upload_url, headers: &part.headers };
            let sent = put(target, &bytes, |sent| progress.note(number, sent.min(part.size))).await;
            progress.note(number, if sent.is_ok() { part.size } else { 0 });
            sent
        })
        .await
    }
}

/// Bytes sent of all parts together.
struct PartsProgress<'a> {
    run: &'a Run,
    sent: RefCell<BTreeMap<u32, u64>>,
    shown: Cell<u64>,
}

impl PartsProgress<'_> {
    fn note(&self, part: u32, sent: u64) {
        self.sent.borrow_mut().insert(part, sent);
        let sum: u64 = self.sent.borrow().values().sum();
        // A part that is sent again does not move the bar back.
        self.shown.set(self.shown.get().max(sum));
        self.run.show(self.shown.get());
    }
}
