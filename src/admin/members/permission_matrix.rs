//! The table of roles and permissions. Each change is saved at once.

use std::collections::VecDeque;

use dioxus::prelude::*;
use lucide_dioxus::Check;

use crate::ids::RoleId;
use crate::people::organizations::api::update_role;
use crate::people::organizations::model::{BuiltInRole, Permission, Role, RoleUpdate};
use crate::platform::json::Body;
use crate::ui::{use_hydrated, use_toast};

/// A change that is being saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    role: RoleId,
    permission: Permission,
    on: bool,
}

impl Change {
    /// Returns the role's permissions with this change.
    fn applied(self, role: &Role) -> Vec<Permission> {
        let mut permissions = role.permissions.clone();
        permissions.retain(|permission| *permission != self.permission);
        if self.on {
            permissions.push(self.permission);
        }
        permissions
    }
}

/// `roles` is the state of the server. The table shows it with the pending changes, which are sent one after the other:
/// a rejected one is dropped, and its box is reset.
#[component]
pub fn PermissionMatrix(roles: Signal<Vec<Role>>, may_manage: bool) -> Element {
    let mut roles = roles;
    let toast = use_toast();
    let hydrated = use_hydrated();
    let mut waiting = use_signal(VecDeque::<Change>::new);
    let send = move || async move {
        loop {
            let Some(change) = waiting.peek().front().copied() else { return };
            let wanted = roles.peek().iter().find(|role| role.id == change.role).map(|role| change.applied(role));
            let permissions = wanted.unwrap_or_default().into_iter().map(|one| one.name().to_owned()).collect();
            let answer = update_role(Body(RoleUpdate { role: change.role.to_string(), permissions })).await;
            match answer {
                Ok(saved) => {
                    if let Some(role) = roles.write().iter_mut().find(|role| role.id == saved.id) {
                        role.permissions = saved.permissions;
                    }
                }
                Err(error) => toast.show(error.message),
            }
            waiting.write().pop_front();
        }
    };
    let mut change = move |change: Change| {
        waiting.write().push_back(change);
        if waiting.peek().len() == 1 {
            spawn(send());
        }
    };
    let mut shown = roles();
    for change in &*waiting.read() {
        if let Some(role) = shown.iter_mut().find(|role| role.id == change.role) {
            role.permissions = change.applied(role);
        }
    }
    let columns = shown.len() + 1;
    rsx! {
        div { class: "table-box", tabindex: "0", role: "region", "aria-label": "Permission matrix, scrolls sideways", "data-component": "PermissionMatrix",
            table { class: "table matrix",
                thead {
                    tr {
                        th { scope: "col", "Permission" }
                        for role in &shown {
                            th { scope: "col", key: "{role.id}",
                                "{role.title()}"
                                small { {people(role.member_count)} }
                            }
                        }
                    }
                }
                for group in Permission::ALL.chunk_by(|one, next| one.resource() == next.resource()) {
                    tbody { key: "{group[0].resource()}",
                        tr { class: "group",
                            th { colspan: "{columns}", scope: "rowgroup",
                                span { {group[0].resource()} }
                            }
                        }
                        for permission in group.iter().copied() {
                            tr { key: "{permission}",
                                th { scope: "row",
                                    span { class: "perm",
                                        {permission.words()}
                                        " "
                                        code { "{permission}" }
                                    }
                                }
                                for role in &shown {
                                    td { key: "{role.id}",
                                        PermissionCell {
                                            permission,
                                            role: role.title(),
                                            fixed: role.built_in == Some(BuiltInRole::Owner),
                                            checked: role.permissions.contains(&permission),
                                            disabled: !may_manage || !hydrated,
                                            on_change: {
                                                let role = role.id;
                                                move |on| change(Change { role, permission, on })
                                            },
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn people(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

#[component]
fn PermissionCell(
    permission: Permission,
    role: String,
    fixed: bool,
    checked: bool,
    disabled: bool,
    on_change: EventHandler<bool>,
) -> Element {
    if fixed {
        return rsx! {
            span { class: "locked", role: "img", "aria-label": "Always",
                Check { class: "icon" }
            }
        };
    }
    rsx! {
        input {
            class: "check",
            r#type: "checkbox",
            "aria-label": "{permission.words()}, {role}",
            checked,
            disabled,
            onchange: move |event| on_change(event.checked()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_adds_or_takes_away_one_permission() {
        let permissions = vec![Permission::MessageSend];
        let id = RoleId(uuid::Uuid::nil());
        let role = Role { id, name: "guest".to_owned(), built_in: None, permissions, member_count: 0 };
        let change = |permission, on| Change { role: id, permission, on };
        assert_eq!(change(Permission::MessageSend, false).applied(&role), vec![]);
        assert_eq!(change(Permission::MessageSend, true).applied(&role), vec![Permission::MessageSend]);
        let both = vec![Permission::MessageSend, Permission::ContactEdit];
        assert_eq!(change(Permission::ContactEdit, true).applied(&role), both);
    }
}
