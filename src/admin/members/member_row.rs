//! A row of a member: the choice of their role, and other actions.

use dioxus::prelude::*;
use lucide_dioxus::{KeyRound, LogOut, UserRoundMinus};

use crate::ids::RoleId;
use crate::people::organizations::api::update_member;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{BuiltInRole, MemberInfo, Permission, Role, RoleChoice};
use crate::platform::json::Body;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Avatar, AvatarKind, Choice, Menu, MenuItem, SelectField, When, use_hydrated, use_toast};

#[component]
pub fn MemberRow(
    member: MemberInfo,
    roles: Vec<Role>,
    on_saved: EventHandler<MemberInfo>,
    on_reset: EventHandler<MemberInfo>,
    on_log_out: EventHandler<MemberInfo>,
    on_remove: EventHandler<MemberInfo>,
) -> Element {
    let session = use_session();
    let toast = use_toast();
    let hydrated = use_hydrated();
    // The choice that is being saved; if it is rejected, it is reset.
    let mut chosen = use_signal(|| None::<String>);
    let id = member.id;
    let choose = move |role: String| async move {
        chosen.set(Some(role.clone()));
        match update_member(id, Body(RoleChoice { role })).await {
            Ok(saved) => on_saved(saved),
            Err(error) => toast.show(error.message),
        }
        chosen.set(None);
    };
    let find = |id: RoleId| roles.iter().find(|role| role.id == id);
    let owners_only = find(member.role.id).is_some_and(|role| role.built_in == Some(BuiltInRole::Owner))
        && find(session.role.id).is_none_or(|role| role.built_in != Some(BuiltInRole::Owner));
    let may_manage = session.may(Permission::OrganizationManage);
    let choice = |role: &Role| Choice {
        value: role.id.to_string(),
        text: role.title(),
        disabled: !session.may_grant(role, &roles),
    };
    rsx! {
        tr { "data-component": "MemberRow",
            td {
                span { class: "member",
                    Avatar { kind: AvatarKind::Member, id: id.0, name: member.name.clone(), picture: member.avatar_url.clone() }
                    span { class: "member-text",
                        span { class: "member-name truncate",
                            "{member.name}"
                            if id == session.member_id {
                                span { class: "tag", "You" }
                            }
                        }
                        if let Some(email) = &member.email {
                            span { class: "muted text-xs truncate", "{email}" }
                        }
                    }
                }
            }
            td {
                if may_manage && !owners_only {
                    SelectField {
                        name: "role-{id}",
                        label: "Role of {member.name}",
                        in_table: true,
                        disabled: !hydrated,
                        value: chosen().unwrap_or_else(|| member.role.id.to_string()),
                        choices: roles.iter().map(choice).collect::<Vec<_>>(),
                        on_choose: choose,
                    }
                } else {
                    "{member.role.title()}"
                    if may_manage {
                        span { class: "hint block", "Only owners can change this role." }
                    }
                }
            }
            td { class: "muted",
                When { at: member.created_at, style: WhenStyle::Short }
            }
            if may_manage {
                td {
                    if !owners_only && id != session.member_id {
                        Menu { id: "member-{id}", label: "More for {member.name}",
                            MenuItem {
                                menu: "member-{id}",
                                on_choose: {
                                    let member = member.clone();
                                    move |()| on_reset(member.clone())
                                },
                                KeyRound { class: "icon" }
                                "Reset password"
                            }
                            MenuItem {
                                menu: "member-{id}",
                                on_choose: {
                                    let member = member.clone();
                                    move |()| on_log_out(member.clone())
                                },
                                LogOut { class: "icon" }
                                "Log out everywhere"
                            }
                            MenuItem { menu: "member-{id}", danger: true, on_choose: move |()| on_remove(member.clone()),
                                UserRoundMinus { class: "icon" }
                                "Remove"
                            }
                        }
                    }
                }
            }
        }
    }
}
