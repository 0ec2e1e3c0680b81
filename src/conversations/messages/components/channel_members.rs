//! The members of a private channel, in its panel: shown, changed, and Leave.

use dioxus::prelude::*;

use crate::channels::api::{leave_channel, list_channel_members, set_channel_members};
use crate::channels::model::{Channel, ChannelMembers};
use crate::ids::{ChannelId, MemberId};
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::api::list_members;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{MemberInfo, Permission};
use crate::platform::json::{Body, NoBody};
use crate::ui::{Avatar, AvatarKind, ConfirmDialog, use_hydrated, use_request_order, use_submit, use_toast};

/// The organization's members, and those of the channel.
type People = (Vec<MemberInfo>, Vec<MemberId>);

async fn load(channel: ChannelId) -> Option<People> {
    Some((list_members(None).await.ok()?, list_channel_members(channel).await.ok()?.member_ids))
}

/// Shows the members, and, for members who may create channels, the choice of others. Open from the start if there is
/// only one member.
#[component]
pub fn ChannelMembersSection(channel: Channel) -> Element {
    let session = use_session();
    let toast = use_toast();
    let id = channel.id;
    let mut people = use_signal(|| None::<People>);
    let mut choosing = use_signal(|| None::<bool>);
    let mut leaving = use_signal(|| false);
    let order = use_request_order();
    let reload = move || async move {
        let number = order.begin();
        if let Some(fresh) = load(id).await.filter(|_| order.shows(number)) {
            // An open choice stays open when others join.
            let alone = fresh.1.len() == 1;
            choosing.with_mut(|choosing| *choosing = choosing.or(Some(alone)));
            people.set(Some(fresh));
        }
    };
    use_future(reload);
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            spawn(reload());
        }
    });
    let choose = move |member: MemberId, on: bool| async move {
        let Some((_, mut member_ids)) = people.peek().clone() else { return };
        member_ids.retain(|one| *one != member);
        if on {
            member_ids.push(member);
        }
        // At once, because the next choice is based on it.
        people.with_mut(|people| {
            if let Some((_, inside)) = people {
                inside.clone_from(&member_ids);
            }
        });
        if let Err(error) = set_channel_members(id, Body(ChannelMembers { member_ids })).await {
            toast.show(error.message);
            reload().await;
        }
    };
    let Some((all, inside)) = people() else { return rsx! {} };
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
