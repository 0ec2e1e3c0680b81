//! The panel of a contact's conversation: details, assigned members, files.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowLeft, Mail, Pencil, Phone, X};

use super::assignment::{AssignedSection, Assigning};
use super::channel_members::ChannelMembersSection;
use super::closing::ClosingButton;
use super::contact_files::FilesSection;
use super::muting::MuteButton;
use super::panel_parts::PanelParts;
use crate::app::Route;
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::buckets::components::BucketSections;
use crate::conversations::contact_data::components::ContactMenu;
use crate::conversations::list::RenameChannelDialog;
use crate::ids::ChannelId;
use crate::people::contacts::model::Contact;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::ui::{Avatar, AvatarKind, NavLink, PanelOpen, use_hydrated, use_moments};

/// Opens the panel, beside the conversation or, on a narrow screen, instead of it.
pub fn show(channel: ChannelId, mut open: Signal<bool>) {
    if browser::is_narrow() {
        navigator().push(Route::ConversationPage { channel, panel: "open".to_owned(), message: String::new() }.href());
    } else {
        open.set(true);
    }
}

#[component]
pub fn SidePanel(
    channel: Channel,
    contact: Signal<Option<Contact>>,
    assigning: Assigning,
    parts: PanelParts,
) -> Element {
    let PanelOpen(mut open) = use_context();
    let session = use_session();
    let id = channel.id;
    let close = move |_| {
        if browser::is_narrow() {
            navigator().push(Route::conversation(id).href());
        } else {
            open.set(false);
        }
    };
    let hydrated = use_hydrated();
    let mut renaming = use_signal(|| false);
    let may_rename = session.may(Permission::ChannelCreate) || session.may(Permission::OrganizationManage);
    let back = Route::conversation(id).href();
    let title = match channel.kind {
        ChannelKind::Contact => "Contact",
        ChannelKind::Team => "Channel",
        ChannelKind::Bucket => "Bucket",
    };
    rsx! {
        aside { class: "pane panel", "aria-label": title, "data-component": "ContactPanel",
            header { class: "pane-head",
                NavLink { class: "icon-btn phone-only", to: back, label: "Back to the conversation",
                    ArrowLeft { class: "icon" }
                }
                h2 { class: "pane-title grow", "{title}" }
                if let Some(contact) = contact() {
                    if session.may(Permission::ContactEdit) {
                        NavLink { class: "icon-btn", to: Route::ContactPage { contact: contact.id }.href(), label: "Edit {contact.display_name()}", title: "Edit",
                            Pencil { class: "icon" }
                        }
                    }
                    ContactMenu { contact }
                }
                if channel.kind == ChannelKind::Team && may_rename {
                    button { class: "icon-btn", r#type: "button", "aria-label": "Change the name of {channel.name}", title: "Change the name", disabled: !hydrated, onclick: move |_| renaming.set(true),
                        Pencil { class: "icon" }
                    }
                }
                if channel.bucket.is_some() && session.may(Permission::BucketManage) {
                    NavLink { class: "icon-btn", to: Route::BucketPage { bucket: id }.href(), label: "Edit {channel.name}", title: "Edit",
                        Pencil { class: "icon" }
                    }
                }
                button { class: "icon-btn phone-hide", r#type: "button", "aria-label": "Hide details", title: "Hide details", onclick: close,
                    X { class: "icon" }
                }
            }
            div { class: "scroll",
                if let Some(current) = contact() {
                    ContactSection { contact: current.clone() }
                    AssignedSection { assigning }
                    section { class: "panel-sec",
                        ClosingButton { channel: channel.clone(), in_panel: true }
                    }
                } else if let Some(look) = channel.bucket.clone() {
                    BucketSections { channel: channel.clone(), look, contents: parts.bucket }
                } else {
                    section { class: "panel-sec",
                        p { class: "pane-title", "{channel.name}" }
                        p { class: "muted", if channel.private { "Visible to members only." } else { "Visible to everyone in the team." } }
                    }
                    if channel.private {
                        ChannelMembersSection { channel: channel.clone(), members: parts.members }
                    }
                }
                section { class: "panel-sec",
                    MuteButton { channel: channel.clone(), in_panel: true }
                }
                if session.may(Permission::MessageViewAttachment) {
                    FilesSection { channel: id, contact: contact(), overview: parts.files }
                }
            }
        }
        if renaming() {
            RenameChannelDialog { channel, on_close: move |()| renaming.set(false) }
        }
    }
}

#[component]
fn ContactSection(contact: Contact) -> Element {
    let since = use_moments()(contact.created_at).month();
    rsx! {
        section { class: "panel-sec",
            div { class: "panel-id",
                Avatar { kind: AvatarKind::Contact, id: contact.id.0, name: contact.display_name(), size: 48 }
                div {
                    p { class: "pane-title", "{contact.display_name()}" }
                    if !contact.company.is_empty() {
                        p { class: "muted", "{contact.company}" }
                    }
                    p { class: "muted", "Contact since {since}" }
                }
            }
            div { class: "mt-3",
                for (place, phone) in contact.phones.iter().enumerate() {
                    p { class: "kv num", key: "{place}",
                        Phone { class: "icon" }
                        "{phone.number}"
                        if phone.preferred {
                            span { class: "tag", "Preferred" }
                        }
                    }
                }
                if !contact.email.is_empty() {
                    p { class: "kv",
                        Mail { class: "icon" }
                        a { class: "link truncate", href: "mailto:{contact.email}", title: "{contact.email}", "{contact.email}" }
                    }
                }
                if contact.phones.is_empty() && contact.email.is_empty() {
                    p { class: "kv muted", "No phone" }
                }
                if !contact.note.is_empty() {
                    p { class: "note-of-contact", dir: "auto", "{contact.note}" }
                }
            }
        }
    }
}
