//! The remaining storage, reloaded whenever it may have changed.

use dioxus::prelude::*;

use crate::files::quotas::api::storage_room;
use crate::files::quotas::model::StorageRoom;
use crate::platform::byte_size::ByteSize;

/// Starts with the limit for one file, which the page has. `uploads` is read to detect changes of files; without a
/// quota they don't matter, so it is loaded once.
pub fn use_storage_room(max_file_size: Option<u64>, uploads: impl Fn() -> usize + 'static) -> Signal<StorageRoom> {
    let mut room = use_signal(|| StorageRoom { used_bytes: ByteSize::default(), quota_bytes: None, max_file_size });
    let mut asked = use_signal(|| None::<usize>);
    use_effect(move || {
        let count = uploads();
        let before = *asked.peek();
        if before.is_some() && (before == Some(count) || room.peek().quota_bytes.is_none()) {
            return;
        }
        asked.set(Some(count));
        spawn(async move {
            if let Ok(fresh) = storage_room().await {
                room.set(fresh);
            }
        });
    });
    room
}
