//! A conversation in the list: its name, last message and unread count.

use dioxus::prelude::*;
use lucide_dioxus::{File, FileText, Hash, Image, Images, Lock, Mic, OctagonAlert, Trash, Video};

use super::unsent::{Unsent, UnsentNote};
use crate::app::Route;
use crate::channels::model::{ChannelKind, Conversation, Preview};
use crate::files::emoji::components::EmojiText;
use crate::people::contacts::model::Contact;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Avatar, AvatarKind, GlyphTile, NavLink, When};

#[component]
pub fn ConversationRow(row: Conversation) -> Element {
    let open = match use_route::<Route>() {
        Route::ConversationPage { channel, .. } => channel == row.channel.id,
        _ => false,
    };
    let unread = row.unread_count;
    let to = Route::conversation(row.channel.id).href();
    let is_contact = row.channel.kind == ChannelKind::Contact;
    let Unsent(all_unsent) = use_context();
    let unsent = all_unsent.read().get(&row.channel.id).copied();
    rsx! {
        NavLink {
            class: if is_contact { "conv-row" } else { "chan-row" },
            to,
            "data-component": "ConversationRow",
            "data-row": "",
            "data-unread": if unread > 0 && !row.channel.muted { "" },
            current: open,
            if is_contact {
                Avatar {
                    kind: AvatarKind::Contact,
                    id: row.channel.contact_id.map_or(row.channel.id.0, |contact| contact.0),
                    name: row.channel.name.clone(),
                }
                span {
                    span { class: "conv-line",
                        span { class: "conv-name truncate", "{row.channel.name}" }
                        if let Some(last) = &row.last_message {
                            When { at: last.created_at, style: WhenStyle::Short, class: "conv-time" }
                        }
                    }
                    span { class: "conv-line",
                        span { class: "conv-preview",
                            if let Some(failed) = unsent {
                                UnsentNote { failed }
                            } else if let Some(last) = row.last_message.clone() {
                                PreviewLine { last }
                            } else {
                                span { class: "truncate", "Nothing yet" }
                            }
                        }
                        Mentions { count: row.mention_count }
                        Unread { count: unread, muted: row.channel.muted }
                    }
                }
            } else {
                if let Some(look) = &row.channel.bucket {
                    GlyphTile { name: row.channel.name.clone(), tint: look.color, picture: look.picture_url(), size: 20 }
                } else if row.channel.private {
                    Lock { class: "icon" }
                } else {
                    Hash { class: "icon" }
                }
                span { class: "chan-name truncate", "{row.channel.name}" }
                if let Some(failed) = unsent {
                    UnsentNote { failed, short: true }
                }
                Mentions { count: row.mention_count }
                if row.critical_count > 0 {
                    Critical { critical: row.critical_count, unread }
                } else {
                    Unread { count: unread, muted: row.channel.muted }
                }
            }
        }
    }
}

/// A contact whose conversation is not in the loaded lists.
#[component]
pub fn ContactHit(contact: Contact) -> Element {
    let to = Route::conversation(contact.channel_id).href();
    rsx! {
        NavLink { class: "conv-row", to, "data-component": "ConversationRow", "data-row": "",
            Avatar { kind: AvatarKind::Contact, id: contact.id.0, name: contact.display_name() }
            span {
                span { class: "conv-line",
                    span { class: "conv-name truncate", "{contact.display_name()}" }
                }
                span { class: "conv-preview",
                    if let Some(phone) = contact.main_phone() {
                        span { class: "truncate num", "{phone}" }
                    }
                }
            }
        }
    }
}

/// `muted`: without emphasis.
#[component]
fn Unread(count: i64, muted: bool) -> Element {
    if count == 0 {
        return rsx! {};
    }
    let (short, long) =
        if count > 99 { ("99+".to_owned(), "99 or more".to_owned()) } else { (count.to_string(), count.to_string()) };
    rsx! {
        span { class: if muted { "count count-quiet" } else { "count" }, "aria-label": "{long} unread", "{short}" }
    }
}

/// Unread mentions of the person.
#[component]
fn Mentions(count: i64) -> Element {
    if count == 0 {
        return rsx! {};
    }
    let label = if count == 1 { "1 mention".to_owned() } else { format!("{count} mentions") };
    rsx! {
        span { class: "count", role: "img", "aria-label": "{label}", title: "{label}", "@" }
    }
}

/// Unread messages, some of them critical.
#[component]
fn Critical(critical: i64, unread: i64) -> Element {
    let short = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    rsx! {
        span { class: "count count-critical", "aria-label": "{critical} critical, {unread} unread",
            OctagonAlert { class: "icon" }
            "{short}"
        }
    }
}

/// The last message in a line: its text, or its files.
#[component]
fn PreviewLine(last: Preview) -> Element {
    let author = if last.own { Some("You".to_owned()) } else { last.author.clone() };
    let author = author.map(|name| format!("{name}: ")).unwrap_or_default();
    if !last.text.is_empty() {
        return rsx! {
            span { class: "truncate",
                "{author}"
                EmojiText { text: last.text }
            }
        };
    }
    let Some(text) = last.files() else {
        return rsx! {
            Trash { class: "icon" }
            span { class: "truncate", if last.deleted { "Message deleted" } else { "File deleted" } }
        };
    };
    let content_type = last.content_type.clone().unwrap_or_default();
    let has_more = last.attachment_count > 1;
    let icon = match content_type.split('/').next().unwrap_or_default() {
        "image" if has_more => rsx! { Images { class: "icon" } },
        "image" => rsx! { Image { class: "icon" } },
        "video" => rsx! { Video { class: "icon" } },
        "audio" => rsx! { Mic { class: "icon" } },
        _ if has_more => rsx! { File { class: "icon" } },
        _ => rsx! { FileText { class: "icon" } },
    };
    rsx! {
        {icon}
        span { class: "truncate", "{author}{text}" }
    }
}
