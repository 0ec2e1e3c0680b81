//! Drafts over a reload: what is written and picked is kept in the browser, and taken up again when the page is loaded anew.
//! One tab keeps them; another that is open beside it has drafts of its own, until it closes.

use std::collections::HashMap;

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use uuid::Uuid;
use web_sys::{File, Storage, Url};

use super::draft::{Draft, Drafts, Upload, UploadState};
use super::lazy::{self, Job};
use super::{api, run, worker};
use crate::attachments::media_type::is_picture;
use crate::attachments::model::AttachmentId;
use crate::channels::model::ChannelId;
use crate::platform::error::ErrorKind;
use crate::platform::json::NoBody;

/// Under which the browser keeps drafts, with the member's id behind.
const PREFIX: &str = "attache-drafts-";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Takes up what was kept, and keeps what changes from then on.
pub fn use_kept(drafts: Drafts, keeper: Uuid) {
    let name = format!("{PREFIX}{keeper}");
    let mut keeps = use_signal(|| false);
    let mut written = use_signal(|| None::<String>);
    use_effect({
        let name = name.clone();
        move || {
            let name = name.clone();
            spawn_forever(async move {
                if worker::own(&name).await {
                    let kept = storage().and_then(|storage| storage.get_item(&name).ok().flatten());
                    // What could not be taken up stays kept.
                    keeps.set(match kept {
                        Some(kept) => lazy::run(Job::TakeUp(drafts, kept)).await,
                        None => true,
                    });
                }
            });
        }
    });
    use_effect(move || {
        let kept = to_keep(&drafts.0.read());
        // Each percent of a bar comes by here; it changes nothing that is kept.
        if keeps() && written.peek().as_ref() != Some(&kept) {
            if let Some(storage) = storage() {
                let _ = if kept == "{}" { storage.remove_item(&name) } else { storage.set_item(&name, &kept) };
            }
            written.set(Some(kept));
        }
    });
}

/// The drafts as JSON, without what changes with every byte or is of this page only.
fn to_keep(drafts: &HashMap<ChannelId, Draft>) -> String {
    let kept: HashMap<_, _> = drafts
        .iter()
        .filter(|(_, draft)| !draft.is_empty() || !draft.text.is_empty() || !draft.pending.is_empty())
        .map(|(channel, draft)| {
            let mut draft = draft.clone();
            for upload in draft.all_uploads_mut() {
                if !upload.is_complete() && (!upload.is_failed() || upload.can_retry()) {
                    upload.state = UploadState::Interrupted { sent: 0 };
                }
            }
            (*channel, draft)
        })
        .collect();
    serde_json::to_string(&kept).unwrap_or_default()
}

/// Puts what was kept, as JSON, where it was, and goes on with its uploads.
pub fn take_up(drafts: Drafts, kept: &str) {
    let Ok(kept) = serde_json::from_slice::<HashMap<ChannelId, Draft>>(kept.as_bytes()) else { return };
    let mut signal = drafts.0;
    for (channel, mut draft) in kept {
        for upload in draft.all_uploads_mut() {
            upload.number = run::new_number();
            if let UploadState::Complete(attachment) = &upload.state {
                upload.preview_url = attachment.is_picture().then(|| attachment.url.clone());
            }
        }
        let uploads: Vec<Upload> = draft.all_uploads().cloned().collect();
        {
            // What was typed and picked since the page was loaded stays, behind what was there before.
            let mut all = signal.write();
            let now = all.entry(channel).or_default();
            if now.text.is_empty() {
                now.text = draft.text;
            }
            if now.key.is_empty() {
                now.key = draft.key;
            }
            now.uploads.splice(0..0, draft.uploads);
            now.pending.splice(0..0, draft.pending);
        }
        for upload in uploads.into_iter().filter(|upload| !upload.is_failed()) {
            spawn_forever(go_on(drafts, channel, upload));
        }
    }
}

/// Takes up one upload: it may be whole already, the browser may have its file, or the person is asked for it.
async fn go_on(drafts: Drafts, channel: ChannelId, upload: Upload) {
    let number = upload.number;
    if let Some(id) = upload.attachment_id {
        let whole = upload.is_complete() || is_whole(drafts, &upload, id).await;
        match if whole { Some(api::complete_upload(id, NoBody).await) } else { None } {
            Some(Ok(attachment)) => {
                drafts.update(number, |upload| {
                    upload.preview_url = attachment.is_picture().then(|| attachment.url.clone());
                    upload.state = UploadState::Complete(Box::new(attachment));
                });
                return worker::drop_kept(&upload.key).await;
            }
            // It stays as it was: complete as far as is known.
            Some(Err(error)) if upload.is_complete() && error.kind == ErrorKind::Network => return,
            Some(Err(_)) if upload.is_complete() => {
                let reason = "The server no longer has it. Attach it again".to_owned();
                drafts.set_state(number, UploadState::Failed { reason, can_retry: false });
                return;
            }
            _ => {}
        }
    }
    let Some(kept) = worker::take(&upload.key).await else { return };
    if let Some(file) = worker::open(kept, false).await {
        hand_over(drafts, channel, &upload, file);
    }
}

/// Whether nothing of an upload is missing. Shows how far it is otherwise.
async fn is_whole(drafts: Drafts, upload: &Upload, id: AttachmentId) -> bool {
    match api::uploaded_parts(id).await {
        Ok(there) => {
            let sent = there.parts.iter().map(|part| part.size).sum();
            drafts.set_state(upload.number, UploadState::Interrupted { sent });
            sent == upload.file_size
        }
        // It is no longer under way: complete, perhaps, by a call whose answer was lost.
        Err(error) => error.kind == ErrorKind::InvalidTransition,
    }
}

/// Gives an interrupted upload its file again, if it is still the one that was picked, and sends the rest. Answers whether
/// it was.
pub fn hand_over(drafts: Drafts, channel: ChannelId, upload: &Upload, file: File) -> bool {
    if run::size_of(&file) != upload.file_size || run::last_modified(&file) != upload.last_modified {
        drafts.set_state(upload.number, UploadState::Failed { reason: worker::changed().message, can_retry: false });
        return false;
    }
    if is_picture(&upload.content_type) {
        let preview = Url::create_object_url_with_blob(&file).ok();
        drafts.update(upload.number, |upload| upload.preview_url = preview);
    }
    run::set_file(upload.number, file);
    drafts.update(upload.number, |upload| upload.state = UploadState::Uploading { sent: upload.sent() });
    run::start(drafts, channel, upload.number);
    true
}
