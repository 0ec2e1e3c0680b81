//! The menu of a file: actions other than viewing and downloading.

use dioxus::prelude::*;
use lucide_dioxus::{Share2, Trash};

use crate::files::attachments::model::Attachment;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{ForwardIcon, Menu, MenuItem};

/// The actions, provided by components that show files and can act on them. Without it files have no menu.
#[derive(Clone, Copy, PartialEq)]
pub struct FileActions {
    pub delete: Callback<Attachment>,
    pub share: Callback<Attachment>,
    pub forward: Callback<Attachment>,
}

/// `class` is the button's.
#[component]
pub fn FileMenu(file: Attachment, #[props(default = "icon-btn".to_owned())] class: String) -> Element {
    let Some(actions) = try_use_context::<FileActions>() else { return rsx! {} };
    let session = use_session();
    let may_delete = file.uploaded_by == Some(session.member_id) || session.may(Permission::AttachmentDeleteAny);
    let may_share = session.may(Permission::AttachmentShare);
    let may_send = session.may(Permission::MessageSend);
    if !may_delete && !may_share && !may_send {
        return rsx! {};
    }
    let id = format!("menu-{}", file.id);
    let name = file.label().to_owned();
    rsx! {
        Menu { id: id.clone(), label: "More for {name}", class,
            if may_share {
                MenuItem {
                    menu: id.clone(),
                    on_choose: {
                        let file = file.clone();
                        move |()| actions.share.call(file.clone())
                    },
                    Share2 { class: "icon" }
                    "Share"
                }
            }
            if may_send {
                MenuItem {
                    menu: id.clone(),
                    on_choose: {
                        let file = file.clone();
                        move |()| actions.forward.call(file.clone())
                    },
                    ForwardIcon {}
                    "Forward"
                }
            }
            if may_delete {
                MenuItem {
                    menu: id,
                    danger: true,
                    on_choose: move |()| actions.delete.call(file.clone()),
                    Trash { class: "icon" }
                    "Delete"
                }
            }
        }
    }
}
