//! The page of members and their roles, with invites and removal.

use dioxus::prelude::*;
use lucide_dioxus::UserRoundPlus;

use super::invite_dialog::{InviteDialog, NewInvite};
use super::member_row::MemberRow;
use super::open_invites::OpenInvites;
use crate::admin::settings::SettingsSection;
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::api::{
    create_password_reset, end_member_sessions, list_members, list_roles, remove_member,
};
use crate::people::organizations::components::link_notice::LinkNotice;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{MemberInfo, Permission, Role};
use crate::platform::error::{AppError, Result};
use crate::platform::json::NoBody;
use crate::ui::{
    Column, ConfirmDialog, SectionHead, Table, use_hydrated, use_loaded, use_refresh, use_submit, use_toast,
};

#[component]
pub fn MembersPage() -> Element {
    rsx! {
        SettingsSection { title: "Members",
            LoadedMembers {}
        }
    }
}

/// A new link: whose it is, and what it does.
#[derive(Clone, PartialEq)]
struct Link {
    title: String,
    text: String,
    url: String,
}

type Loaded = (Vec<MemberInfo>, Vec<Role>);

async fn load() -> Result<Loaded, AppError> {
    Ok((list_members(None).await?, list_roles().await?))
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
    let toast = use_toast();
    let mut current = use_signal(|| first);
    let mut inviting = use_signal(|| false);
    let mut removing = use_signal(|| None::<MemberInfo>);
    let mut link = use_signal(|| None::<Link>);
    let refresh = use_refresh(current, load);
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            refresh(());
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
    let reset = move |member: MemberInfo| async move {
        match create_password_reset(member.id, NoBody).await {
            Ok(made) => link.set(Some(Link {
                title: format!("Reset link for {} created.", member.name),
                text: "Anyone with this link can set a new password for this account and log in to it. It works once and expires in 24 hours."
                    .to_owned(),
                url: made.url,
            })),
            Err(error) => toast.show(error.message),
        }
    };
    let log_out = move |member: MemberInfo| async move {
        match end_member_sessions(member.id, NoBody).await {
            Ok(_) => toast.show(format!("{} was logged out everywhere.", member.name)),
            Err(error) => toast.show(error.message),
        }
    };
    let mut columns = vec![Column::Text("Name"), Column::Text("Role"), Column::Text("Joined")];
    if may_manage {
        columns.push(Column::Actions("More"));
    }
    rsx! {
        section { class: "sec", "data-component": "Members",
            SectionHead { title: "Members", text: "People in {organization} and their roles.",
                if may_manage {
                    button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| inviting.set(true),
                        UserRoundPlus { class: "icon" }
                        "Invite"
                    }
                }
            }
            if let Some(Link { title, text, url }) = link() {
                LinkNotice { title, text, url, on_dismiss: move |()| link.set(None) }
            }
            Table {
                label: "Members",
                class: "members",
                columns,
                for member in members {
                    MemberRow {
                        key: "{member.id}",
                        member,
                        roles: roles.clone(),
                        on_saved: saved,
                        on_reset: reset,
                        on_log_out: log_out,
                        on_remove: move |member| removing.set(Some(member)),
                    }
                }
            }
            p { class: "hint mt-2",
                if may_manage {
                    "Changes apply immediately. You can't assign a role with more permissions than yours."
                } else {
                    "Your role is {session.role.title()}. Inviting people and changing roles requires “Manage members and roles”. Ask an admin."
                }
            }
        }
        if may_manage {
            OpenInvites {}
        }
        if inviting() {
            InviteDialog {
                roles,
                on_close: move |()| inviting.set(false),
                on_invite: move |NewInvite { url, role }| {
                    link.set(Some(Link {
                        title: "Invite link created.".to_owned(),
                        text: format!("Anyone with this link can join as {role}. It works once and expires in 7 days."),
                        url,
                    }));
                    inviting.set(false);
                },
            }
        }
        if let Some(member) = removing() {
            RemoveDialog {
                on_close: move |()| removing.set(None),
                on_removed: {
                    let id = member.id;
                    move |()| current.write().0.retain(|row| row.id != id)
                },
                member,
            }
        }
    }
}

/// The confirmation to remove a member, with the consequences.
#[component]
fn RemoveDialog(member: MemberInfo, on_close: EventHandler<()>, on_removed: EventHandler<()>) -> Element {
    let session = use_session();
    let toast = use_toast();
    let submit = use_submit();
    let MemberInfo { id, name, .. } = member;
    let organization = &session.organization.name;
    let confirm = move |()| async move {
        let done = submit.track(remove_member(id, NoBody)).await;
        on_close(());
        match done {
            Ok(()) => on_removed(()),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        ConfirmDialog {
            title: "Remove {name} from {organization}?",
            text: "They are logged out immediately and lose access.",
            confirm: "Remove",
            busy: submit.is_busy(),
            on_confirm: confirm,
            on_close,
            ul { class: "dialog-points",
                li { "Their messages and files stay, under their name." }
                li { "Their access tokens, open invites and assignments are removed." }
                li { "Their share links work until someone revokes them." }
                li { "You replace them in private channels where they are the only member." }
            }
            p { "They can rejoin with an invite." }
        }
    }
}
