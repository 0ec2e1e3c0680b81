//! The switch between the organizations of the logged-in person.

use dioxus::prelude::*;

use super::use_session;
use crate::ids::OrganizationId;
use crate::people::organizations::api::{list_organizations, switch_organization};
use crate::people::organizations::model::{Organization, OrganizationChoice};
use crate::platform::browser;
use crate::platform::json::Body;
use crate::ui::{SectionHead, use_hydrated, use_loaded, use_submit, use_toast};

/// Renders nothing for members of one organization.
#[component]
pub fn OrganizationSwitch() -> Element {
    let session = use_session();
    let toast = use_toast();
    let hydrated = use_hydrated();
    let submit = use_submit();
    let loaded = use_loaded(list_organizations)?;
    let organizations = match loaded.get::<Vec<Organization>>() {
        Some(Ok(all)) if all.len() > 1 => all,
        _ => return rsx! {},
    };
    let go = move |organization_id: OrganizationId| async move {
        match submit.track(switch_organization(Body(OrganizationChoice { organization_id }))).await {
            Ok(_) => browser::go_to("/inbox"),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        section { class: "sec", "data-component": "OrganizationSwitch",
            SectionHead { title: "Organizations", text: "You belong to several organizations. The next time you log in, you start in the one you used last." }
            ul { class: "devices", "aria-label": "Organizations",
                for organization in organizations {
                    li { class: "device", key: "{organization.id}",
                        span { class: "grow truncate", "{organization.name}" }
                        if organization.id == session.organization.id {
                            span { class: "tag", "Current" }
                        } else {
                            button {
                                class: "btn btn-sm",
                                r#type: "button",
                                disabled: submit.is_busy() || !hydrated,
                                "aria-label": "Switch to {organization.name}",
                                onclick: move |_| go(organization.id),
                                "Switch"
                            }
                        }
                    }
                }
            }
        }
    }
}
