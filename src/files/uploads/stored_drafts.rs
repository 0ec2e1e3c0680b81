//! Drafts over a reload: text and files are stored in the browser, and restored when the page is reloaded.
//!
//! Each tab stores its own, an entry for each conversation, so that tabs don't overwrite each other and a draft that is
//! too large for the browser affects no other. The next page of the same member adopts the drafts of a closed tab.

use std::collections::HashMap;

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use uuid::Uuid;
use web_sys::{File, Storage, Url};

use super::draft::{Draft, Drafts, Upload, UploadState};
use super::lazy::{self, Job};
use super::{api, run, worker};
use crate::files::attachments::media_type::is_picture;
use crate::ids::{AttachmentId, ChannelId};
use crate::platform::browser;
use crate::platform::error::ErrorKind;
use crate::platform::json::NoBody;

/// Prefix of the browser's entries, followed by the ids of member, tab and channel.
const PREFIX: &str = "attache-draft-";
/// Prefix of the former single entry for all drafts of a member.
const OLD_PREFIX: &str = "attache-drafts-";
/// How long a reloaded tab, perhaps with all others of the browser, has to show that it is open. In milliseconds.
const RELOAD_GRACE: i32 = 3000;
/// Key of a tab's id, which survives a reload.
const TAB: &str = "attache-tab";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// The drafts of a member in one tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Keeper {
    member: Uuid,
    tab: Uuid,
}

impl Keeper {
    fn prefix(self) -> String {
        format!("{PREFIX}{}-{}-", self.member, self.tab)
    }

    /// Returns the name of the lock that shows that this tab is open.
    fn lock(self) -> String {
        format!("{PREFIX}{}-{}", self.member, self.tab)
    }

    fn entry(self, channel: ChannelId) -> String {
        format!("{}{channel}", self.prefix())
    }

    /// Returns the entries of this tab.
    fn entries(self) -> Vec<(ChannelId, String)> {
        let prefix = self.prefix();
        let Some(storage) = storage() else { return Vec::new() };
        let entry = |name: String| {
            let channel = name.strip_prefix(&prefix)?.parse().ok()?;
            Some((channel, storage.get_item(&name).ok()??))
        };
        names(&storage).into_iter().filter_map(entry).collect()
    }

    fn remove_entries(self) {
        let Some(storage) = storage() else { return };
        let prefix = self.prefix();
        for name in names(&storage).into_iter().filter(|name| name.starts_with(&prefix)) {
            let _ = storage.remove_item(&name);
        }
    }

    /// Returns the member's other tabs that have entries.
    fn others(self) -> Vec<Self> {
        let prefix = format!("{PREFIX}{}-", self.member);
        let Some(storage) = storage() else { return Vec::new() };
        let tab = |name: &String| name.strip_prefix(&prefix)?.get(..36)?.parse().ok();
        let mut tabs: Vec<Uuid> = names(&storage).iter().filter_map(tab).filter(|tab| *tab != self.tab).collect();
        tabs.sort_unstable();
        tabs.dedup();
        tabs.into_iter().map(|tab| Self { tab, ..self }).collect()
    }
}

fn names(storage: &Storage) -> Vec<String> {
    (0..storage.length().unwrap_or(0)).filter_map(|place| storage.key(place).ok().flatten()).collect()
}

/// Returns the id of this tab: different from every open tab, even if the browser has copied this tab.
async fn open_tab(member: Uuid) -> Keeper {
    let session = web_sys::window().and_then(|window| window.session_storage().ok().flatten());
    let known = session.as_ref().and_then(|session| session.get_item(TAB).ok().flatten()?.parse().ok());
    if let Some(tab) = known {
        let keeper = Keeper { member, tab };
        if worker::own(&keeper.lock()).await {
            return keeper;
        }
    }
    #[expect(clippy::disallowed_methods, reason = "made in the browser, where the server's clock is not")]
    let keeper = Keeper { member, tab: Uuid::new_v4() };
    if let Some(session) = session {
        let _ = session.set_item(TAB, &keeper.tab.to_string());
    }
    worker::own(&keeper.lock()).await;
    keeper
}

/// Restores stored drafts, and stores later changes.
pub fn use_kept(drafts: Drafts, member: Uuid) {
    let mut keeper = use_signal(|| None::<Keeper>);
    let mut written = use_signal(HashMap::<ChannelId, String>::new);
    use_effect(move || {
        spawn_forever(async move {
            let own = open_tab(member).await;
            // What could not be restored stays stored.
            if take_up_entries(drafts, own.entries()).await {
                keeper.set(Some(own));
                browser::sleep(RELOAD_GRACE).await;
                adopt(drafts, own).await;
            }
        });
    });
    use_effect(move || {
        let kept = to_keep(&drafts.0.read());
        let Some(keeper) = keeper() else { return };
        // Runs at each percent of progress, which changes nothing that is stored.
        if *written.peek() != kept {
            keep(keeper, &written.peek(), &kept);
            written.set(kept);
        }
    });
}

/// Writes the entries that differ from those that were written before.
fn keep(keeper: Keeper, before: &HashMap<ChannelId, String>, now: &HashMap<ChannelId, String>) {
    let Some(storage) = storage() else { return };
    for (channel, draft) in now {
        if before.get(channel) != Some(draft) {
            // One that is too large for the browser affects no other.
            let _ = storage.set_item(&keeper.entry(*channel), draft);
        }
    }
    for channel in before.keys().filter(|channel| !now.contains_key(channel)) {
        let _ = storage.remove_item(&keeper.entry(*channel));
    }
}

/// Adopts the drafts of closed tabs, and the former single entry.
async fn adopt(drafts: Drafts, own: Keeper) {
    for other in own.others() {
        if worker::adopt(&other.lock()).await && take_up_entries(drafts, other.entries()).await {
            // Written for this tab first, so that nothing is lost in between.
            keep(own, &HashMap::new(), &to_keep(&drafts.0.peek()));
            other.remove_entries();
        }
    }
    let old = format!("{OLD_PREFIX}{}", own.member);
    let Some(kept) = storage().and_then(|storage| storage.get_item(&old).ok().flatten()) else { return };
    if !worker::adopt(&old).await {
        return;
    }
    let Ok(kept) = serde_json::from_slice::<HashMap<ChannelId, serde_json::Value>>(kept.as_bytes()) else { return };
    let entries = kept.into_iter().map(|(channel, draft)| (channel, draft.to_string())).collect();
    if take_up_entries(drafts, entries).await {
        keep(own, &HashMap::new(), &to_keep(&drafts.0.peek()));
        let _ = storage().map(|storage| storage.remove_item(&old));
    }
}

async fn take_up_entries(drafts: Drafts, entries: Vec<(ChannelId, String)>) -> bool {
    entries.is_empty() || lazy::run(Job::TakeUp(drafts, entries)).await
}

/// Returns the drafts as JSON, without what changes with every byte or is valid in this page only.
fn to_keep(drafts: &HashMap<ChannelId, Draft>) -> HashMap<ChannelId, String> {
    drafts
        .iter()
        .filter(|(_, draft)| !draft.is_unused())
        .map(|(channel, draft)| {
            let mut draft = draft.clone();
            for upload in draft.all_uploads_mut() {
                if !upload.is_complete() && (!upload.is_failed() || upload.can_retry()) {
                    upload.state = UploadState::Interrupted { sent: 0 };
                }
            }
            (*channel, serde_json::to_string(&draft).unwrap_or_default())
        })
        .collect()
}

/// Restores drafts, and continues their uploads.
pub fn take_up(drafts: Drafts, kept: Vec<(ChannelId, String)>) {
    let mut signal = drafts.0;
    for (channel, text) in kept {
        let Ok(mut draft) = serde_json::from_slice::<Draft>(text.as_bytes()) else { continue };
        for upload in draft.all_uploads_mut() {
            upload.number = run::new_number();
            if let UploadState::Complete(attachment) = &upload.state {
                upload.preview_url = attachment.is_picture().then(|| attachment.url.clone());
            }
        }
        let uploads: Vec<Upload> = draft.all_uploads().cloned().collect();
        signal.write().entry(channel).or_default().put_before(draft);
        for upload in uploads.into_iter().filter(|upload| !upload.is_failed()) {
            spawn_forever(go_on(drafts, channel, upload));
        }
    }
}

/// Continues an upload: it may be complete already, the browser may have its file, or the person must pick it again.
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
            // Unchanged: complete as far as known.
            Some(Err(error)) if upload.is_complete() && error.kind == ErrorKind::Network => return,
            Some(Err(_)) if upload.is_complete() => {
                let reason = "The server no longer has this file. Attach it again".to_owned();
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

/// Returns whether an upload is complete. Otherwise shows its progress.
async fn is_whole(drafts: Drafts, upload: &Upload, id: AttachmentId) -> bool {
    match api::uploaded_parts(id).await {
        Ok(there) => {
            let sent = there.parts.iter().map(|part| part.size).sum();
            drafts.set_state(upload.number, UploadState::Interrupted { sent });
            sent == upload.file_size
        }
        // It is no longer uploading: perhaps a call whose response was lost completed it.
        Err(error) => error.kind == ErrorKind::InvalidTransition,
    }
}

/// Continues an interrupted upload with its file, if it is the one that was picked. Returns whether it was.
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
