//! Who belongs to the organisation, with which role; and inviting others.

use dioxus::prelude::*;
use lucide_dioxus::{KeyRound, UserRoundPlus, X};

use super::invite_dialog::{Invite, InviteDialog};
use super::member_row::MemberRow;
use super::settings_section::{SectionHead, SettingsSection};
use crate::organizations::api::{list_members, list_roles};
use crate::organizations::components::use_session;
use crate::organizations::model::{MemberInfo, Permission, Role};
use crate::platform::error::{AppError, Result};
use crate::platform::live::{LiveEvent, use_live};
use crate::ui::{Column, Secret, Table, use_hydrated, use_loaded};

#[component]
pub fn MembersPage() -> Element {
    rsx! {
        SettingsSection { title: "Members",
            LoadedMembers {}
        }
    }
}

type Loaded = (Vec<MemberInfo>, Vec<Role>);

async fn load() -> Result<Loaded, AppError> {
    Ok((list_members().await?, list_roles().await?))
}

#[component]
fn LoadedMembers() -> Element {
    use_loaded(load)?.show("Members", |first| {
        rsx! {
            Members { first }
        }
    })
}

#[component]
fn Members(first: Loaded) -> Element {
    let session = use_session();
    let hydrated = use_hydrated();
    let mut current = use_signal(|| first);
    let mut inviting = use_signal(|| false);
    let mut invite = use_signal(|| None::<Invite>);
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            spawn(async move {
                if let Ok(fresh) = load().await {
                    current.set(fresh);
                }
            });
        }
    });
    let (members, roles) = current();
    let may_manage = session.may(Permission::OrganizationManage);
    let organization = session.organization.name.clone();
    let saved = move |member: MemberInfo| {
        if let Some(row) = current.write().0.iter_mut().find(|row| row.id == member.id) {
            *row = member;
        }
    };
    rsx! {
        section { class: "sec", "data-component": "Members",
            SectionHead { title: "Members", text: "Who works in {organization}, and with which role.",
                if may_manage {
                    button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| inviting.set(true),
                        UserRoundPlus { class: "icon" }
                        "Invite"
                    }
                }
            }
            if let Some(Invite { url, role }) = invite() {
                InviteNotice { url, role, on_dismiss: move |()| invite.set(None) }
            }
            Table {
                label: "Members",
                class: "members",
                columns: vec![Column::Text("Name"), Column::Text("Role"), Column::Text("Joined")],
                for member in members {
                    MemberRow { key: "{member.id}", member, roles: roles.clone(), on_saved: saved }
                }
            }
            p { class: "hint mt-2",
                if may_manage {
                    "A new role holds at once. Greyed roles permit more than yours."
                } else {
                    "You are {session.role.title()}. Inviting people and changing roles needs “Manage members and roles”: ask an admin."
                }
            }
        }
        if inviting() {
            InviteDialog {
                roles,
                on_close: move |()| inviting.set(false),
                on_invite: move |made| {
                    invite.set(Some(made));
                    inviting.set(false);
                },
            }
        }
    }
}

/// The link, as long as it is not dismissed. The server keeps only its hash.
#[component]
fn InviteNotice(url: String, role: String, on_dismiss: EventHandler<()>) -> Element {
    rsx! {
        div { class: "notice notice-success", role: "status", "data-component": "InviteNotice",
            KeyRound { class: "icon" }
            div { class: "grow",
                b { class: "font-semibold", "The invite link is ready." }
                " Whoever opens it joins as {role}. It works once, for a week. Copy it now; it is not shown again."
                Secret { key: "{url}", text: url.clone() }
            }
            button { class: "icon-btn icon-btn-sm", r#type: "button", "aria-label": "Dismiss the invite link", title: "Dismiss", onclick: move |_| on_dismiss(()),
                X { class: "icon icon-14" }
            }
        }
    }
}
