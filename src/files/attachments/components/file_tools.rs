//! The tools of a file in the lightbox: actions other than viewing and downloading.

use dioxus::prelude::*;
use lucide_dioxus::{Share2, Trash};

use super::FileActions;
use crate::files::attachments::model::Attachment;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::ForwardIcon;

/// Share, Forward and Delete, for members with these permissions.
#[component]
pub fn FileTools(file: Attachment) -> Element {
    let Some(actions) = try_use_context::<FileActions>() else { return rsx! {} };
    let session = use_session();
    let may_delete = file.uploaded_by == Some(session.member_id) || session.may(Permission::AttachmentDeleteAny);
    let (shared, forwarded) = (file.clone(), file.clone());
    rsx! {
        if session.may(Permission::AttachmentShare) {
            button { class: "icon-btn", r#type: "button", "aria-label": "Share", title: "Share", onclick: move |_| actions.share.call(shared.clone()),
                Share2 { class: "icon" }
            }
        }
        if session.may(Permission::MessageSend) {
            button { class: "icon-btn", r#type: "button", "aria-label": "Forward", title: "Forward", onclick: move |_| actions.forward.call(forwarded.clone()),
                ForwardIcon {}
            }
        }
        if may_delete {
            button { class: "icon-btn", r#type: "button", "aria-label": "Delete", title: "Delete", onclick: move |_| actions.delete.call(file.clone()),
                Trash { class: "icon" }
            }
        }
    }
}
