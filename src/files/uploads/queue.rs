//! Actions on files in the browser: pick, drop, paste, pause, resume, retry, cancel.

use dioxus::html::FileData;
use dioxus::prelude::*;

use super::draft::{Drafts, Upload};
use crate::files::quotas::model::StorageRoom;
use crate::ids::ChannelId;
use crate::platform::error::Result;
use crate::ui::Toasts;

/// The composer's file field, where a file is also picked again.
pub const FILE_FIELD: &str = "#composer-files";

/// Uploads into one channel, with the remaining storage.
#[derive(Clone, Copy, PartialEq)]
pub struct UploadQueue {
    pub drafts: Drafts,
    pub channel: ChannelId,
    pub room: Signal<StorageRoom>,
}

#[cfg(not(feature = "web"))]
impl UploadQueue {
    pub fn add(self, _files: Vec<FileData>) {}

    pub fn add_dropped(self, _event: &DragEvent, _toasts: Toasts) {}

    pub fn add_pasted(self, _event: &ClipboardEvent) {}

    pub fn retry(self, _number: u64) {}

    pub fn pause(self, _number: u64) {}

    pub fn resume(self, _number: u64) {}

    pub fn cancel(self, _upload: &Upload) {}

    #[expect(clippy::unused_async, reason = "as in the browser")]
    pub async fn rename(self, _number: u64, _name: String) -> Result<()> {
        Ok(())
    }

    pub fn forget(_uploads: &[Upload]) {}
}

/// Loads the code that uploads files before it is needed.
pub async fn fetch_uploads() {
    #[cfg(feature = "web")]
    super::lazy::fetch().await;
}

#[cfg(feature = "web")]
mod browser_side {
    use dioxus::core::spawn_forever;
    use dioxus::html::HasFileData;
    use js_sys::Promise;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{File, Url};

    use super::*;
    use crate::files::attachments::media_type::is_picture;
    use crate::files::uploads::draft::{UploadState, new_key};
    use crate::files::uploads::folder::Folder;
    use crate::files::uploads::model::{MULTIPART_ABOVE, NewName};
    use crate::files::uploads::{api, run, stored_drafts, worker};
    use crate::platform::browser;
    use crate::platform::byte_size::ByteSize;
    use crate::platform::json::Body;

    impl UploadQueue {
        /// Uploads picked files.
        pub fn add(self, files: Vec<FileData>) {
            for file in files.iter().filter_map(|file| file.inner().downcast_ref::<File>()) {
                self.add_file(file.clone(), None);
            }
        }

        /// Uploads dropped files. If the browser provides handles, a large file continues automatically after a reload.
        /// Folders are included with their files; `toasts` shows errors.
        pub fn add_dropped(self, event: &DragEvent, toasts: Toasts) {
            let Some(dropped) = event.data().downcast::<web_sys::DragEvent>().cloned() else {
                return self.add(event.files());
            };
            let Some(items) = dropped.data_transfer().map(|data| data.items()) else { return };
            // Synchronously, because dropped items can be read only during the event.
            for item in (0..items.length()).filter_map(|place| items.get(place)) {
                if let Some(folder) = Folder::of(&item) {
                    self.add_folder(folder, toasts);
                } else if let Ok(Some(file)) = item.get_as_file() {
                    self.add_file(file, handle(&item));
                }
            }
        }

        fn add_folder(self, folder: Folder, toasts: Toasts) {
            spawn_forever(async move {
                let name = folder.name();
                match folder.files().await {
                    Ok(files) if files.is_empty() => toasts.show(format!("The folder {name} has no files.")),
                    Ok(files) => files.into_iter().for_each(|file| self.add_file(file, None)),
                    Err(reason) => toasts.show(format!("The folder {name} was not attached. {reason}")),
                }
            });
        }

        /// Uploads files from the clipboard. Office programs put a text there, with a picture of it: that is pasted as
        /// text. A file manager adds the name of the file.
        pub fn add_pasted(self, event: &ClipboardEvent) {
            let Some(pasted) = event.data().downcast::<web_sys::Event>().cloned() else { return };
            let Some(data) =
                pasted.dyn_into::<web_sys::ClipboardEvent>().ok().and_then(|pasted| pasted.clipboard_data())
            else {
                return;
            };
            let Some(files) = data.files() else { return };
            let text = |kind: &str| data.get_data(kind).unwrap_or_default();
            let (plain, html) = (text("text/plain"), text("text/html"));
            if !plain.is_empty() && !html.is_empty() {
                return;
            }
            let files: Vec<_> = (0..files.length()).filter_map(|place| files.get(place)).collect();
            if plain.is_empty() || files.iter().any(|file| plain.contains(&file.name())) {
                event.prevent_default();
            }
            for file in files {
                self.add_file(file, None);
            }
        }

        fn add_file(self, file: File, handle: Option<Promise>) {
            let (name, size, modified) = (file.name(), run::size_of(&file), run::last_modified(&file));
            let interrupted = self.drafts.find_in(self.channel, |upload| {
                matches!(upload.state, UploadState::Interrupted { .. })
                    && (upload.file_size, upload.last_modified) == (size, modified)
                    && upload.file_name == name
            });
            match interrupted {
                Some(upload) => self.go_on(upload, file),
                None => self.add_new(file, handle),
            }
        }

        /// Continues an interrupted upload with its file, unless only name, size and time match.
        fn go_on(self, upload: Upload, file: File) {
            // At once, so that the same file picked twice continues once.
            self.drafts.set_state(upload.number, UploadState::Uploading { sent: upload.sent() });
            spawn_forever(async move {
                let same = match &upload.head {
                    Some(head) => match run::slice(&file, 0, run::HEAD) {
                        Ok(start) => worker::checksum(&start).await.is_ok_and(|checksum| checksum == *head),
                        Err(_) => false,
                    },
                    None => true,
                };
                if same {
                    stored_drafts::hand_over(self.drafts, self.channel, &upload, file);
                } else {
                    self.drafts.set_state(upload.number, upload.state);
                    self.add_new(file, None);
                }
            });
        }

        fn add_new(self, file: File, handle: Option<Promise>) {
            let (number, key, file_size) = (run::new_number(), new_key(), run::size_of(&file));
            let refusal = self.room.peek().reason_against(file_size);
            let content_type = file.type_();
            let preview_url = is_picture(&content_type).then(|| Url::create_object_url_with_blob(&file).ok()).flatten();
            let state = match &refusal {
                Some(reason) => UploadState::Failed { reason: reason.clone(), can_retry: false },
                None => UploadState::Uploading { sent: 0 },
            };
            let upload = Upload {
                number,
                key: key.clone(),
                file_name: file.name(),
                renamed: false,
                file_size,
                last_modified: run::last_modified(&file),
                head: None,
                content_type,
                preview_url,
                attachment_id: None,
                state,
            };
            self.drafts.add(self.channel, upload);
            if refusal.is_none() {
                // So that the next of many is compared with the remaining storage.
                let mut room = self.room;
                let used = room.peek().used_bytes.plus(ByteSize(file_size));
                room.write().used_bytes = used;
                keep(key, &file, handle);
                run::set_file(number, file);
                run::start(self.drafts, self.channel, number);
            }
        }

        /// Retries a failed upload, or at once one that waits for the connection.
        pub fn retry(self, number: u64) {
            if run::has_file(number) {
                self.drafts.update(number, |upload| upload.state = UploadState::Uploading { sent: upload.sent() });
                run::start(self.drafts, self.channel, number);
            } else {
                self.resume(number);
            }
        }

        /// Pauses until `resume`. Uploaded parts are kept.
        pub fn pause(self, number: u64) {
            run::stop(number);
            self.drafts.update(number, |upload| upload.state = UploadState::Paused { sent: upload.sent() });
        }

        /// Resumes. After a reload the browser opens the file by its handle, or the person picks it again.
        pub fn resume(self, number: u64) {
            if run::has_file(number) {
                return self.retry(number);
            }
            let Some(upload) = self.drafts.find(number) else { return };
            spawn_forever(async move {
                let file = match worker::take(&upload.key).await {
                    Some(kept) => worker::open(kept, true).await,
                    None => None,
                };
                match file {
                    Some(file) => {
                        stored_drafts::hand_over(self.drafts, self.channel, &upload, file);
                    }
                    None => browser::click(FILE_FIELD),
                }
            });
        }

        /// Cancels an upload, or removes a complete file that is in no message.
        pub fn cancel(self, upload: &Upload) {
            // The current state: it may have been presigned since it was rendered.
            let upload = self.drafts.find(upload.number).unwrap_or_else(|| upload.clone());
            Self::forget(std::slice::from_ref(&upload));
            self.drafts.remove(upload.number);
            let Some(id) = upload.attachment_id else { return };
            let mut room = self.room;
            spawn_forever(async move {
                let removed = api::remove_upload(id).await.is_ok();
                // The conversation may be closed by now.
                if let (true, Ok(mut room)) = (removed, room.try_write()) {
                    room.used_bytes = room.used_bytes.minus(ByteSize(upload.file_size));
                }
            });
        }

        /// Renames a file. During the upload, the server gets the name at the end.
        pub async fn rename(self, number: u64, name: String) -> Result<()> {
            let Some(upload) = self.drafts.find(number) else { return Ok(()) };
            if !upload.is_complete() {
                self.drafts.update(number, |upload| (upload.file_name, upload.renamed) = (name, true));
                return Ok(());
            }
            let Some(id) = upload.attachment_id else { return Ok(()) };
            let renamed = api::rename_upload(id, Body(NewName { file_name: name })).await?;
            self.drafts.update(number, |upload| {
                renamed.label().clone_into(&mut upload.file_name);
                upload.state = UploadState::Complete(Box::new(renamed));
            });
            Ok(())
        }

        /// Releases local copies that are no longer needed.
        pub fn forget(uploads: &[Upload]) {
            for upload in uploads {
                run::forget(upload.number);
                if let Some(url) = &upload.preview_url {
                    let _ = Url::revoke_object_url(url);
                }
                let key = upload.key.clone();
                spawn_forever(async move { worker::drop_kept(&key).await });
            }
        }
    }

    /// Returns Chromium's handle of a dropped item.
    fn handle(item: &web_sys::DataTransferItem) -> Option<Promise> {
        let method = js_sys::Reflect::get(item, &"getAsFileSystemHandle".into()).ok()?;
        method.dyn_into::<js_sys::Function>().ok()?.call0(item).ok()?.dyn_into().ok()
    }

    /// Stores a small file itself, or a large one's handle, in case the page is reloaded.
    fn keep(key: String, file: &File, handle: Option<Promise>) {
        if run::size_of(file) <= MULTIPART_ABOVE {
            let file = JsValue::from(file.clone());
            spawn_forever(async move { worker::keep(&key, &file).await });
        } else if let Some(handle) = handle {
            spawn_forever(async move {
                let handle = wasm_bindgen_futures::JsFuture::from(handle).await;
                if let Some(handle) = handle.ok().filter(JsValue::is_object) {
                    worker::keep(&key, &handle).await;
                }
            });
        }
    }
}
