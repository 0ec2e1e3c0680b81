//! The header of a conversation.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowLeft, Files, Hash, Lock, PanelRight};

use super::assignment::{AssignedButton, Assigning};
use super::closing::ClosingButton;
use super::contact_panel;
use super::message_search::MessageSearchButton;
use super::muting::MuteButton;
use crate::app::Route;
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::file_requests::components::RequestFilesButton;
use crate::files::library::model::FileFilter;
use crate::people::contacts::model::Contact;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::ui::{Avatar, AvatarKind, GlyphTile, NavLink, PanelOpen};

/// Without `contact` and `assigning` while the conversation loads.
#[component]
pub fn ConversationHeader(channel: Channel, contact: Option<Contact>, assigning: Option<Assigning>) -> Element {
    let PanelOpen(mut open) = use_context();
    let session = use_session();
    let id = channel.id;
    let toggle = move |_| {
        if open() && !browser::is_narrow() {
            open.set(false);
        } else {
            contact_panel::show(id, open);
        }
    };
    let details = match channel.kind {
        ChannelKind::Contact => "Contact and files",
        ChannelKind::Team => "Channel and files",
        ChannelKind::Bucket => "Bucket details",
    };
    let line = match &contact {
        Some(_) if channel.closed => "Resolved".to_owned(),
        Some(contact) => contact.main_phone().map_or_else(|| "No phone".to_owned(), ToString::to_string),
        // As high as the line.
        None if channel.kind == ChannelKind::Contact => "\u{a0}".to_owned(),
        None if channel.bucket.is_some() => "Bucket".to_owned(),
        None if channel.private => "Private channel".to_owned(),
        None => "Channel".to_owned(),
    };
    rsx! {
        header { class: "pane-head", "data-component": "ConversationHeader",
            NavLink { class: "icon-btn phone-only", to: Route::InboxPage {}.href(), label: "Back to the inbox",
                ArrowLeft { class: "icon" }
            }
            if let Some(contact) = channel.contact_id {
                Avatar { kind: AvatarKind::Contact, id: contact.0, name: channel.name.clone() }
            } else if let Some(look) = &channel.bucket {
                GlyphTile { name: channel.name.clone(), tint: look.color, picture: look.picture_url() }
            } else if channel.private {
                Lock { class: "icon" }
            } else {
                Hash { class: "icon" }
            }
            div { class: "conv-head-text",
                h1 { class: "conv-head-name truncate", "{channel.name}" }
                p { class: "conv-head-sub truncate num", "data-kind": if channel.kind == ChannelKind::Team { "team" }, "{line}" }
            }
            if let Some(assigning) = assigning.filter(|_| contact.is_some()) {
                AssignedButton { channel: id, assigning }
            }
            ClosingButton { channel: channel.clone() }
            MuteButton { channel: channel.clone() }
            RequestFilesButton { channel: channel.clone() }
            MessageSearchButton { channel: id }
            if session.may(Permission::MessageViewAttachment) {
                NavLink { class: "icon-btn phone-hide", to: Route::FilesPage { filter: FileFilter::of_channel(id) }.href(), label: "All files of {channel.name}", title: "All files",
                    Files { class: "icon" }
                }
            }
            button {
                class: "icon-btn",
                r#type: "button",
                "data-panel-switch": "",
                "aria-label": details,
                title: details,
                "aria-pressed": if open() { "true" } else { "false" },
                onclick: toggle,
                PanelRight { class: "icon" }
            }
        }
    }
}
