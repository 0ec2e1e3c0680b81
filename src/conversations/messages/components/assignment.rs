//! The assigned members of a contact: shown in the conversation's header and in its panel, changed in the panel.

use dioxus::prelude::*;

use super::colleagues::Colleagues;
use crate::ids::{ChannelId, MemberId};
use crate::people::contacts::api::assign_contact;
use crate::people::contacts::model::{Assignment, Contact};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::json::Body;
use crate::ui::{Avatar, AvatarKind, PanelOpen, use_hydrated, use_toast};

/// Maximum number of avatars; the rest are a number.
const MAX_AVATARS: usize = 3;

/// The contact with the organization's members, and whether the choice is open.
#[derive(Clone, Copy, PartialEq)]
pub struct Assigning {
    contact: Signal<Option<Contact>>,
    colleagues: Colleagues,
    choosing: Signal<bool>,
}

pub fn use_assigning(contact: Signal<Option<Contact>>) -> Assigning {
    Assigning { contact, colleagues: use_context(), choosing: use_signal(|| false) }
}

impl Assigning {
    fn assigned(self) -> Vec<MemberId> {
        self.contact.read().as_ref().map(|contact| contact.member_ids.clone()).unwrap_or_default()
    }
}

/// Shows the assigned members and opens the choice.
#[component]
pub fn AssignedButton(channel: ChannelId, assigning: Assigning) -> Element {
    let may_choose = use_session().may(Permission::ContactEdit);
    let hydrated = use_hydrated();
    let PanelOpen(open) = use_context();
    let assigned = assigning.assigned();
    let people: Vec<_> =
        assigning.colleagues.all().into_iter().filter(|member| assigned.contains(&member.id)).collect();
    let names: Vec<_> = people.iter().map(|member| member.name.as_str()).collect();
    let names = if names.is_empty() { "no one".to_owned() } else { names.join(", ") };
    let further = people.len().saturating_sub(MAX_AVATARS);
    let show = move |_| {
        super::contact_panel::show(channel, open);
        let mut choosing = assigning.choosing;
        choosing.set(may_choose);
        spawn(async {
            // After the panel is rendered.
            browser::sleep(0).await;
            browser::focus("#assigned button");
            browser::focus("#assigned input");
        });
    };
    rsx! {
        button { class: "btn btn-ghost phone-hide assigned", r#type: "button", title: "Assigned to {names}", disabled: !hydrated, onclick: show,
            if !people.is_empty() {
                span { class: "stack",
                    for member in people.into_iter().take(MAX_AVATARS) {
                        Avatar { key: "{member.id}", kind: AvatarKind::Member, id: member.id.0, name: member.name.clone(), picture: member.avatar_url.clone(), size: 20 }
                    }
                }
            }
            if further > 0 {
                span { class: "muted num", "aria-hidden": "true", "+{further}" }
            }
            span { class: "muted",
                "Assigned"
                span { class: "sr-only",
                    " to {names}"
                    if may_choose { ", change" }
                }
            }
        }
    }
}

/// Shows the assigned members, and, for members who may edit contacts, the choice of others.
#[component]
pub fn AssignedSection(assigning: Assigning) -> Element {
    let session = use_session();
    let toast = use_toast();
    let mut choosing = assigning.choosing;
    let assigned = assigning.assigned();
    let choose = move |member: MemberId, on: bool| async move {
        let mut contact = assigning.contact;
        let Some(current) = contact.peek().clone() else { return };
        let mut member_ids = current.member_ids.clone();
        member_ids.retain(|id| *id != member);
        if on {
            member_ids.push(member);
        }
        match assign_contact(current.id, Body(Assignment { member_ids })).await {
            Ok(updated) => contact.set(Some(updated)),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        section { class: "panel-sec", id: "assigned",
            h3 { class: "panel-h",
                "Assigned"
                if session.may(Permission::ContactEdit) {
                    button { class: "link", r#type: "button", "aria-expanded": if choosing() { "true" } else { "false" }, onclick: move |_| choosing.toggle(),
                        if choosing() { "Done" } else { "Change" }
                    }
                }
            }
            for member in assigning.colleagues.all() {
                if choosing() {
                    label { class: "kv", key: "{member.id}",
                        input {
                            class: "check",
                            r#type: "checkbox",
                            checked: assigned.contains(&member.id),
                            onchange: move |event| choose(member.id, event.checked()),
                        }
                        Avatar { kind: AvatarKind::Member, id: member.id.0, name: member.name.clone(), picture: member.avatar_url.clone(), size: 24 }
                        "{member.name}"
                    }
                } else if assigned.contains(&member.id) {
                    p { class: "kv", key: "{member.id}",
                        Avatar { kind: AvatarKind::Member, id: member.id.0, name: member.name.clone(), picture: member.avatar_url.clone(), size: 24 }
                        "{member.name}"
                    }
                }
            }
            if assigned.is_empty() && !choosing() {
                p { class: "kv muted", "Unassigned" }
            }
        }
    }
}
