//! The page of the organization's name and logo.

use dioxus::prelude::*;

use super::picture_field::PictureField;
use crate::admin::settings::SettingsSection;
use crate::files::pictures::model::PictureKind;
use crate::people::organizations::components::{NameForm, Named, use_session};
use crate::people::organizations::model::Permission;
use crate::ui::{SectionHead, initials, use_picture};

#[component]
pub fn OrganizationPage() -> Element {
    let session = use_session();
    let organization = session.organization.clone();
    let logo = use_picture(organization.id.0, organization.logo_url.clone());
    let letters = initials(&organization.name);
    let face = rsx! {
        span { class: "logo-72", "aria-hidden": "true",
            if let Some(logo) = logo {
                img { src: "{logo}", alt: "" }
            } else {
                "{letters}"
            }
        }
    };
    rsx! {
        SettingsSection { title: "General",
            if session.may(Permission::OrganizationManage) {
                section { class: "sec",
                    SectionHead { title: "Name", text: "Shown in invites, settings and shared links." }
                    NameForm { of: Named::Organization }
                }
            }
            section { class: "sec", "data-component": "OrganizationLogo",
                SectionHead { title: "{organization.name}", text: "The logo appears at the top of the sidebar for everyone." }
                if session.may(Permission::OrganizationManage) {
                    PictureField { kind: PictureKind::OrganizationAvatar, id: organization.id.0, loaded: organization.logo_url, {face} }
                } else {
                    div { class: "row-gap",
                        {face}
                        p { class: "hint", "Changing this requires “Manage members and roles”. Ask an admin." }
                    }
                }
            }
        }
    }
}
