//! The members of a private channel, in its panel: shown, changed, and Leave.

use dioxus::prelude::*;

use super::colleagues::Colleagues;
use crate::channels::api::{leave_channel, list_channel_members, set_channel_members};
use crate::channels::model::{Channel, ChannelMembers};
use crate::ids::{ChannelId, MemberId};
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{MemberInfo, Permission};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::ui::{Avatar, AvatarKind, ConfirmDialog, Latest, use_first_load, use_hydrated, use_submit, use_toast};

async fn load(channel: ChannelId) -> Result<Vec<MemberId>, AppError> {
    Ok(list_channel_members(channel).await?.member_ids)
}

/// Shows the members, and, for members who may create channels, the choice of others. Open from the start if there is
/// only one member.
#[component]
pub fn ChannelMembersSection(channel: Channel, members: Latest<Vec<MemberId>>) -> Element {
    let session = use_session();
    let toast = use_toast();
    let colleagues: Colleagues = use_context();
    let id = channel.id;
    let mut inside = members.value;
    let mut choosing = use_signal(|| None::<bool>);
    let mut leaving = use_signal(|| false);
    use_first_load(members, move || load(id));
    use_effect(move || {
        // An open choice stays open when others join.
        if let Some(alone) = inside.read().as_ref().map(|inside| inside.len() == 1)
            && choosing.peek().is_none()
        {
            choosing.set(Some(alone));
        }
    });
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            spawn(members.reload(load(id)));
        }
    });
    let choose = move |member: MemberId, on: bool| async move {
        let Some(mut member_ids) = inside.peek().clone() else { return };
        member_ids.retain(|one| *one != member);
        if on {
            member_ids.push(member);
        }
        // At once, because the next choice is based on it.
        inside.set(Some(member_ids.clone()));
        if let Err(error) = set_channel_members(id, Body(ChannelMembers { member_ids })).await {
            toast.show(error.message);
            members.reload(load(id)).await;
        }
    };
    let Some(inside) = inside() else { return rsx! {} };
    let all = colleagues.all();
    if all.is_empty() {
        return rsx! {};
    }
    let may_choose = session.may(Permission::ChannelCreate) || session.may(Permission::OrganizationManage);
    let choosing_now = may_choose && choosing().unwrap_or(false);
    let count = inside.len();
    rsx! {
        section { class: "panel-sec", id: "channel-members", "data-component": "ChannelMembers",
            h3 { class: "panel-h",
                "Members "
                span { class: "muted num", "{count}" }
                if may_choose {
                    button {
                        class: "link",
                        r#type: "button",
                        "aria-expanded": if choosing_now { "true" } else { "false" },
                        onclick: move |_| choosing.set(Some(!choosing_now)),
                        if choosing_now { "Done" } else { "Add or remove" }
                    }
                }
            }
            for member in all.into_iter().filter(|member| choosing_now || inside.contains(&member.id)) {
                MemberLine {
                    key: "{member.id}",
                    inside: inside.contains(&member.id),
                    own: member.id == session.member_id,
                    choosing: choosing_now,
                    on_choose: {
                        let id = member.id;
                        move |on| choose(id, on)
                    },
                    member,
                }
            }
            if choosing_now {
                p { class: "hint mt-2", "New members see the full history. Removed members lose access." }
            }
            if count > 1 {
                button { class: "btn btn-sm mt-2", r#type: "button", onclick: move |_| leaving.set(true), "Leave channel" }
            }
        }
        if leaving() {
            LeaveDialog { channel, on_close: move |()| leaving.set(false) }
        }
    }
}

#[component]
fn MemberLine(member: MemberInfo, inside: bool, own: bool, choosing: bool, on_choose: EventHandler<bool>) -> Element {
    let hydrated = use_hydrated();
    let person = rsx! {
        Avatar { kind: AvatarKind::Member, id: member.id.0, name: member.name.clone(), picture: member.avatar_url.clone(), size: 24 }
        span { class: "truncate", title: "{member.name}", "{member.name}" }
        if own {
            span { class: "tag", "You" }
        }
    };
    rsx! {
        if choosing {
            label { class: "kv",
                input {
                    class: "check",
                    r#type: "checkbox",
                    checked: inside,
                    // You can't remove yourself here by mistake: Leave asks for confirmation.
                    disabled: own || !hydrated,
                    onchange: move |event| on_choose(event.checked()),
                }
                {person}
            }
        } else {
            p { class: "kv", {person} }
        }
    }
}

#[component]
fn LeaveDialog(channel: Channel, on_close: EventHandler<()>) -> Element {
    let toast = use_toast();
    let submit = use_submit();
    let id = channel.id;
    let leave = move |()| async move {
        match submit.track(leave_channel(id, NoBody)).await {
            Ok(()) => {
                navigator().push(crate::app::Route::InboxPage {}.href());
            }
            Err(error) => {
                on_close(());
                toast.show(error.message);
            }
        }
    };
    rsx! {
        ConfirmDialog {
            title: "Leave #{channel.name}?",
            text: "You'll lose access to this channel. Any member can add you back.",
            confirm: "Leave",
            keep: "Cancel",
            busy: submit.is_busy(),
            on_confirm: leave,
            on_close,
        }
    }
}
