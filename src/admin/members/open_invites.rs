//! The list of unused invites.

use dioxus::prelude::*;

use crate::ids::InviteId;
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::api::{list_invites, revoke_invite};
use crate::people::organizations::model::Invite;
use crate::platform::json::NoBody;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Column, SectionHead, Table, When, use_hydrated, use_loaded, use_refresh, use_toast};

/// Suspends while the list loads. Renders nothing if it is empty.
#[component]
pub fn OpenInvites() -> Element {
    use_loaded(list_invites)?.show("Invites", |first| {
        rsx! {
            Invites { first }
        }
    })
}

#[component]
fn Invites(first: Vec<Invite>) -> Element {
    let toast = use_toast();
    let hydrated = use_hydrated();
    let mut invites = use_signal(|| first);
    let refresh = use_refresh(invites, list_invites);
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            refresh(());
        }
    });
    let revoke = move |id: InviteId| async move {
        match revoke_invite(id, NoBody).await {
            Ok(()) => {
                invites.write().retain(|invite| invite.id != id);
                toast.show("Invite revoked. Its link no longer works.");
            }
            Err(error) => {
                toast.show(error.message);
                refresh(());
            }
        }
    };
    if invites.read().is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "sec", "data-component": "OpenInvites",
            SectionHead { title: "Open invites", text: "Links that haven't been used yet." }
            Table { label: "Open invites", class: "invites",
                columns: vec![Column::Text("Role"), Column::Text("Created by"), Column::Text("Created"), Column::Text("Expires"), Column::Actions("Revoke")],
                for Invite { id, role, created_by, created_at, expires_at } in invites() {
                    tr { key: "{id}",
                        td { "{role.title()}" }
                        td { "{created_by.name}" }
                        td { class: "muted",
                            When { at: created_at, style: WhenStyle::Short }
                        }
                        td { class: "muted",
                            When { at: expires_at, style: WhenStyle::Short }
                        }
                        td {
                            button {
                                class: "btn btn-ghost btn-danger-quiet",
                                r#type: "button",
                                "aria-label": "Revoke the invite by {created_by.name} as {role.title()}",
                                disabled: !hydrated,
                                onclick: move |_| revoke(id),
                                "Revoke"
                            }
                        }
                    }
                }
            }
        }
    }
}
