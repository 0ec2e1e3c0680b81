//! The browser's upload queue: every picked file starts at once, each on its own.

use dioxus::html::FileData;
use dioxus::prelude::*;

use super::draft::{Drafts, Upload};
use crate::channels::model::ChannelId;

/// Uploads into one channel, with the largest size that the server takes.
#[derive(Clone, Copy, PartialEq)]
pub struct UploadQueue {
    pub drafts: Drafts,
    pub channel: ChannelId,
    pub max_size: Option<u64>,
}

#[cfg(not(feature = "web"))]
impl UploadQueue {
    pub fn add(self, _files: Vec<FileData>) {}

    pub fn add_pasted(self, _event: &ClipboardEvent) {}

    pub fn add_from_field(self, _field: &MountedEvent) {}

    pub fn retry(self, _number: u64) {}

    pub fn cancel(self, _upload: Upload) {}

    pub fn forget_sent(self) {}
}

#[cfg(feature = "web")]
mod browser {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use dioxus::web::WebEventExt;
    use wasm_bindgen::JsCast;
    use web_sys::{File, Url};

    use super::*;
    use crate::attachments::media_type::is_picture;
    use crate::attachments::model::format_size;
    use crate::platform::error::{AppError, ErrorKind, Result};
    use crate::platform::json::{Body, NoBody};
    use crate::uploads::api::{complete_upload, fail_upload, presign_upload, retry_upload};
    use crate::uploads::draft::UploadState;
    use crate::uploads::model::{Failure, PresignRequest, PresignedUpload};
    use crate::uploads::transfer::{Lost, Transfer};

    thread_local! {
        /// The picked files, for retries, and what is being sent, for cancelling. Handles of the browser, which a signal
        /// need not follow.
        static FILES: RefCell<HashMap<u64, File>> = RefCell::default();
        static TRANSFERS: RefCell<HashMap<u64, Transfer>> = RefCell::default();
        static LAST_NUMBER: RefCell<u64> = const { RefCell::new(0) };
    }

    impl UploadQueue {
        /// Starts files that were picked, dropped or pasted.
        pub fn add(self, files: Vec<FileData>) {
            for file in files.iter().filter_map(|file| file.inner().downcast_ref::<File>()) {
                self.add_file(file.clone());
            }
        }

        /// Starts files that were picked before the browser's code had taken the page over.
        pub fn add_from_field(self, field: &MountedEvent) {
            let input =
                field.try_as_web_event().and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok());
            let Some(files) = input.and_then(|input| input.files()) else { return };
            for file in (0..files.length()).filter_map(|place| files.get(place)) {
                self.add_file(file);
            }
        }

        /// Starts files that are on the clipboard. A text that comes with them is pasted as ever.
        pub fn add_pasted(self, event: &ClipboardEvent) {
            let Some(pasted) = event.data().downcast::<web_sys::Event>().cloned() else { return };
            let Some(data) =
                pasted.dyn_into::<web_sys::ClipboardEvent>().ok().and_then(|pasted| pasted.clipboard_data())
            else {
                return;
            };
            let Some(files) = data.files() else { return };
            if files.length() > 0 && data.get_data("text/plain").unwrap_or_default().is_empty() {
                event.prevent_default();
                for file in (0..files.length()).filter_map(|place| files.get(place)) {
                    self.add_file(file);
                }
            }
        }

        fn add_file(self, file: File) {
            let number = LAST_NUMBER.with_borrow_mut(|last| {
                *last += 1;
                *last
            });
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes, below 2^53")]
            let file_size = file.size() as u64;
            let refusal = refusal(file_size, self.max_size);
            let content_type = file.type_();
            let preview_url = is_picture(&content_type).then(|| Url::create_object_url_with_blob(&file).ok()).flatten();
            let state = match &refusal {
                Some(reason) => UploadState::Failed { reason: reason.clone(), can_retry: false },
                None => UploadState::Uploading { sent: 0 },
            };
            let file_name = file.name();
            self.drafts.add(
                self.channel,
                Upload { number, file_name, file_size, content_type, preview_url, attachment_id: None, state },
            );
            if refusal.is_none() {
                FILES.with_borrow_mut(|files| files.insert(number, file));
                self.start(number);
            }
        }

        /// Once more, with a fresh URL.
        pub fn retry(self, number: u64) {
            self.set_state(number, UploadState::Uploading { sent: 0 });
            self.start(number);
        }

        /// Stops an upload, or takes a file back that is up already.
        pub fn cancel(self, upload: Upload) {
            if let Some(transfer) = TRANSFERS.with_borrow_mut(|transfers| transfers.remove(&upload.number)) {
                transfer.abort();
            }
            Self::forget(&upload);
            self.drafts.remove(self.channel, upload.number);
            let unfinished = !upload.is_complete() && !upload.is_failed();
            if let (Some(id), true) = (upload.attachment_id, unfinished) {
                dioxus::core::spawn_forever(async move {
                    let _ = fail_upload(id, Body(Failure { reason: "cancelled".to_owned() })).await;
                });
            }
        }

        /// Lets go of the local copies of what has been sent.
        pub fn forget_sent(self) {
            for upload in self.drafts.peek(self.channel).uploads {
                Self::forget(&upload);
            }
        }

        fn forget(upload: &Upload) {
            FILES.with_borrow_mut(|files| files.remove(&upload.number));
            if let Some(url) = &upload.preview_url {
                let _ = Url::revoke_object_url(url);
            }
        }

        fn set_state(self, number: u64, state: UploadState) -> bool {
            self.drafts.update(self.channel, number, |upload| upload.state = state)
        }

        /// The upload runs on when the person looks at another channel, hence "forever".
        fn start(self, number: u64) {
            dioxus::core::spawn_forever(async move {
                if let Err(error) = self.run(number).await {
                    self.report(number, &error).await;
                }
                TRANSFERS.with_borrow_mut(|transfers| transfers.remove(&number));
            });
        }

        async fn run(self, number: u64) -> Result<()> {
            let Some(file) = FILES.with_borrow(|files| files.get(&number).cloned()) else { return Ok(()) };
            let upload = self.drafts.peek(self.channel).uploads.into_iter().find(|upload| upload.number == number);
            let Some(upload) = upload else { return Ok(()) };
            let presigned = self.sign(&upload).await?;
            let id = presigned.resource_id;
            if !self.drafts.update(self.channel, number, |upload| upload.attachment_id = Some(id)) {
                // Cancelled while it was being signed.
                fail_upload(id, Body(Failure { reason: "cancelled".to_owned() })).await?;
                return Ok(());
            }
            let (transfer, mut progress) =
                Transfer::start(&presigned, &file).map_err(|lost| lost.into_error(&upload, 0))?;
            TRANSFERS.with_borrow_mut(|transfers| transfers.insert(number, transfer));
            let mut sent = 0;
            loop {
                match progress.next().await {
                    Ok(Some(now)) => {
                        sent = now;
                        self.set_state(number, UploadState::Uploading { sent });
                    }
                    Ok(None) => break,
                    Err(Lost::Aborted) => return Ok(()),
                    Err(lost) => return Err(lost.into_error(&upload, sent)),
                }
            }
            self.set_state(number, UploadState::Verifying);
            let attachment = complete_upload(id, NoBody).await?;
            self.set_state(number, UploadState::Complete(Box::new(attachment)));
            Ok(())
        }

        async fn sign(self, upload: &Upload) -> Result<PresignedUpload> {
            match upload.attachment_id {
                Some(id) => retry_upload(id, NoBody).await,
                None => {
                    presign_upload(Body(PresignRequest {
                        upload_type: "attachment".to_owned(),
                        channel_id: self.channel,
                        file_name: upload.file_name.clone(),
                        file_size: i64::try_from(upload.file_size).unwrap_or(i64::MAX),
                        content_type: upload.content_type.clone(),
                        checksum_sha256: None,
                    }))
                    .await
                }
            }
        }

        async fn report(self, number: u64, error: &AppError) {
            let can_retry = !matches!(
                error.kind,
                ErrorKind::TooLarge
                    | ErrorKind::InvalidValue
                    | ErrorKind::TypeMismatch
                    | ErrorKind::Forbidden
                    | ErrorKind::NotFound
            );
            let mut attachment = None;
            self.drafts.update(self.channel, number, |upload| {
                attachment = upload.attachment_id;
                upload.state = UploadState::Failed { reason: error.message.clone(), can_retry };
            });
            if let Some(id) = attachment {
                // The server may know already, or not be there; a retry works either way.
                let _ = fail_upload(id, Body(Failure { reason: error.message.clone() })).await;
            }
        }
    }

    /// Why a file is not even tried.
    fn refusal(size: u64, max: Option<u64>) -> Option<String> {
        match max {
            _ if size == 0 => Some("This file is empty".to_owned()),
            Some(max) if size > max => Some(format!("{}, the limit is {}", format_size(size), format_size(max))),
            _ => None,
        }
    }
}
