//! The organization's members, loaded once for all conversations of the inbox.

use dioxus::prelude::*;

use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::api::list_members;
use crate::people::organizations::model::MemberInfo;
use crate::ui::{Latest, use_first_load, use_latest};

#[derive(Clone, Copy, PartialEq)]
pub struct Colleagues(Latest<Vec<MemberInfo>>);

/// Provides [`Colleagues`] to the conversations.
pub fn use_colleagues() {
    let members = use_latest(|| None);
    use_context_provider(|| Colleagues(members));
    use_first_load(members, || list_members(None));
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            spawn(members.reload(list_members(None)));
        }
    });
}

impl Colleagues {
    /// Returns all members; none until they are loaded.
    pub fn all(self) -> Vec<MemberInfo> {
        let Self(members) = self;
        (members.value)().unwrap_or_default()
    }
}
