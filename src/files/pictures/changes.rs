//! Live changes of pictures since the page was loaded.

use dioxus::prelude::*;

use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::api::{list_members, session};
use crate::platform::picture_url::picture_url;
use crate::ui::ChangedPictures;

/// Tracks changed pictures, for all avatars below.
pub fn use_changed_pictures() {
    let changed = ChangedPictures::provide();
    use_live(move |event: LiveEvent| {
        if event.is_resync() {
            spawn(async move {
                let (Ok(members), Ok(session)) = (list_members(None).await, session().await) else { return };
                changed.set(session.organization.id.0, session.organization.logo_url);
                for member in members {
                    changed.set(member.id.0, member.avatar_url);
                }
            });
        }
        if let LiveEvent::PictureChanged { owner, picture_id } = event {
            changed.set(owner.id(), picture_id.map(picture_url));
        }
    });
}
