//! The remaining storage, reloaded whenever it may have changed.

use dioxus::prelude::*;

use crate::files::quotas::api::storage_room;
use crate::files::quotas::model::StorageRoom;
use crate::platform::byte_size::ByteSize;

/// Starts with `known`, else with the limit for one file, which the page has. `uploads` is read to detect changes of files;
/// without a quota they don't matter, so it is loaded once.
pub fn use_storage_room(
    max_file_size: Option<u64>,
    known: Option<StorageRoom>,
    uploads: impl Fn() -> usize + 'static,
) -> Signal<StorageRoom> {
    let unknown = StorageRoom { used_bytes: ByteSize::default(), quota_bytes: None, max_file_size };
    let mut room = use_signal(|| known.unwrap_or(unknown));
    let mut counted = use_signal(|| None::<usize>);
    let is_known = use_hook(|| known.is_some());
    use_effect(move || {
        let count = uploads();
        let before = counted.replace(Some(count));
        let is_current = match before {
            None => is_known,
            Some(before) => before == count || room.peek().quota_bytes.is_none(),
        };
        if is_current {
            return;
        }
        spawn(async move {
            if let Ok(fresh) = storage_room().await {
                room.set(fresh);
            }
        });
    });
    room
}
