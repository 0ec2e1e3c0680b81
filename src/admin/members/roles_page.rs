//! The page of roles.

use dioxus::prelude::*;
use lucide_dioxus::Plus;

use super::new_role_dialog::NewRoleDialog;
use super::permission_matrix::PermissionMatrix;
use crate::admin::settings::SettingsSection;
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::api::list_roles;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{Permission, Role};
use crate::ui::{SectionHead, use_hydrated, use_loaded, use_refresh};

#[component]
pub fn RolesPage() -> Element {
    rsx! {
        SettingsSection { title: "Roles",
            LoadedRoles {}
        }
    }
}

#[component]
fn LoadedRoles() -> Element {
    use_loaded(list_roles)?.show("Roles", |first| {
        rsx! {
            Roles { first }
        }
    })
}

#[component]
fn Roles(first: Vec<Role>) -> Element {
    let session = use_session();
    let mut roles = use_signal(|| first);
    let hydrated = use_hydrated();
    let mut adding = use_signal(|| false);
    let refresh = use_refresh(roles, list_roles);
    use_live(move |event: LiveEvent| {
        if event.changes_access() {
            refresh(());
        }
    });
    let may_manage = session.may(Permission::OrganizationManage);
    let organization = session.organization.name.clone();
    rsx! {
        section { class: "sec",
            SectionHead { title: "Roles and permissions", text: "What each role can do in {organization}. Owners can do everything.",
                if may_manage {
                    button { class: "btn", r#type: "button", disabled: !hydrated, onclick: move |_| adding.set(true),
                        Plus { class: "icon" }
                        "New role"
                    }
                }
            }
            PermissionMatrix { roles, may_manage }
            p { class: "hint mt-2",
                if may_manage {
                    "Changes apply immediately, in the app and the API."
                } else {
                    "Your role is {session.role.title()}. Changing this requires “Manage members and roles”. Ask an admin."
                }
            }
        }
        if adding() {
            NewRoleDialog {
                roles: roles(),
                on_close: move |()| adding.set(false),
                on_role: move |role| {
                    roles.write().push(role);
                    adding.set(false);
                },
            }
        }
    }
}
