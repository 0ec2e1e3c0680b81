//! The feed: newest at the bottom, older ones load while scrolling up, new ones appear live.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowDown, Lock, Paperclip, WifiOff};

use super::MessageEntry;
use super::active_message::use_active_messages;
use super::feed::{FEED, Feed, fits};
use super::feed_lightbox::{FeedLightbox, ShownFile, go_once_closed};
use super::feed_opening::FeedMarks;
use super::feed_rows::{Row, arrange};
use super::freshness::Asked;
use super::notification_entry::NotificationEntry;
use super::reactions::use_reacting;
use super::scroll_position::use_saved_scroll;
use super::unread::{LinePlace, UnreadDivider, UnreadPill, use_unread};
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::messages::model::Message;
use crate::ids::{AttachmentId, MessageId};
use crate::live_event::{LiveEvent, use_live};
use crate::people::contacts::model::Contact;
use crate::platform::browser;
use crate::platform::live::use_online;
use crate::platform::read_only::use_read_only;
use crate::ui::relative_time::use_moments;
use crate::ui::{EmptyState, Entry, ScrollPosition, use_page_shown, use_roving};

/// `sent` contains new messages of the composer; `at` is the message to open the feed at, `left` the saved scroll
/// position. The children are rendered below the newest message.
#[component]
pub fn CommunicationFeed(
    channel: Channel,
    contact: Option<Contact>,
    feed: Feed,
    marks: Signal<FeedMarks>,
    at: Option<MessageId>,
    left: Option<ScrollPosition>,
    sent: Signal<Vec<Message>>,
    children: Element,
) -> Element {
    use_saved_scroll(feed, left);
    let mut shown = use_signal(|| None::<ShownFile>);
    let (online, is_read_only) = (use_online(), use_read_only());
    use_reacting(feed);
    use_active_messages(feed);
    let unread = use_unread(feed, marks);
    let moments = use_moments();
    let roving = use_roving(Entry::Last);

    use_effect(move || {
        let fresh = sent();
        if !fresh.is_empty() {
            sent.set(Vec::new());
            feed.receive(Asked::FIRST, fresh);
            spawn(feed.to_newest());
        }
    });
    // If everything fits into the window, no scroll event would load more.
    use_effect(move || {
        if fits() {
            spawn(feed.load_on());
        }
    });
    use_effect(move || {
        if let Some(message) = at {
            browser::point_out(&format!("m-{message}"));
        }
    });
    use_live(move |event: LiveEvent| {
        if event.is_resync() {
            spawn(feed.catch_up());
        }
        if matches!(event, LiveEvent::ChannelsRead { .. }) {
            feed.resume_reading();
        }
        if event.channel() != Some(feed.channel) {
            return;
        }
        let wanted = match event {
            LiveEvent::ContactUpdated { .. } => {
                spawn(feed.catch_up());
                return;
            }
            LiveEvent::ChannelRead { .. } => {
                feed.resume_reading();
                return;
            }
            LiveEvent::ChannelUnread { message_id, .. } => {
                feed.keep_unread(message_id);
                return;
            }
            LiveEvent::MessageCreated { message_id, .. } => feed.lacks(message_id).then_some(message_id),
            LiveEvent::MessageChanged { message_id: id, .. } => {
                feed.note_change(id);
                // A message can change before it is fetched. A change to one that is not loaded yet is no arrival.
                let is_shown = feed.shows(id) || feed.quotes(id);
                (is_shown || (feed.lacks(id) && !*feed.has_newer.peek())).then_some(id)
            }
            _ => None,
        };
        if let Some(id) = wanted {
            spawn(feed.fetch(id));
        }
    });
    use_effect(move || {
        let _ = feed.messages.read();
        spawn(feed.look_when_drawn());
    });
    use_page_shown(move || {
        feed.look();
        spawn(feed.mark_seen());
    });
    let on_scroll = move |_| {
        feed.look();
        spawn(feed.mark_seen());
        spawn(feed.load_on());
    };
    let last_read = marks.read().last_read;
    let days = arrange(&feed.messages.read(), (feed.first_unread)(), moments);
    // Stable, because a row with another callback is drawn again.
    let open = use_callback(move |(message, file)| shown.set(Some(ShownFile { message, file })));
    // Tasks of the feed, which continue when the lightbox closes.
    let load_files = use_callback(move |is_older| _ = spawn(feed.load_files(is_older)));
    let go_to = use_callback(move |message| _ = spawn(go_once_closed(feed, message)));
    let (unseen, at_end) = (feed.arrivals.read().unseen.len(), feed.arrivals.read().at_end);
    let pill_text = match unseen {
        0 => "Newest messages".to_owned(),
        1 => "1 new message".to_owned(),
        many => format!("{many} new messages"),
    };
    let on_line = use_callback(move |place| unread.see(place));
    let is_newest = at_end || (unseen == 0 && !(feed.has_newer)());
    rsx! {
        if !online {
            p { class: "banner", role: "status",
                WifiOff { class: "icon" }
                span { "Offline. Messages you write here are sent when you're back online." }
            }
        } else if is_read_only {
            p { class: "banner", role: "status",
                Lock { class: "icon" }
                span { "Attaché is being moved and is read-only. Messages you write here are sent when that's done." }
            }
        }
        div {
            class: "feed-wrap",
            "data-at-bottom": if is_newest { "" },
            onkeydown: move |event| {
                if event.key() == Key::Escape && unread.is_above() {
                    event.prevent_default();
                    unread.dismiss();
                }
            },
            UnreadPill { unread, on_go: move |id| feed.go_to(id) }
            div {
                class: "feed",
                id: FEED,
                tabindex: "-1",
                "data-component": "CommunicationFeed",
                role: "log",
                "aria-label": "Feed",
                // Screen readers don't read older messages that load.
                "aria-busy": if (feed.loading)() { "true" },
                onmounted: move |mounted| roving.start(&mounted),
                onscroll: on_scroll,
                div { class: "feed-rows",
                    if (feed.has_more)() {
                        div { class: "feed-more",
                            button { class: "btn btn-sm", r#type: "button", "data-row": "", onclick: move |_| feed.load_on(),
                                if (feed.loading)() { "Loading…" } else { "Show earlier" }
                            }
                        }
                    }
                    for day in days {
                        section { class: "day-group", key: "{day.number}",
                            h2 { class: "day", "data-component": "DayDivider",
                                span { "{day.name}" }
                            }
                            for row in day.rows {
                                FeedRow { key: "{row.message.id}", row, is_bucket: channel.kind == ChannelKind::Bucket, last_read, on_open: open, on_line }
                            }
                        }
                    }
                    if feed.messages.read().is_empty() {
                        EmptyState {
                            icon: rsx! {
                                Paperclip { class: "icon" }
                            },
                            title: if channel.kind == ChannelKind::Contact { "No messages with {channel.name} yet" } else { "No messages in {channel.name} yet" },
                            text: if channel.kind == ChannelKind::Bucket { "Messages from programs appear here." } else { "Write a message or drop files here." },
                        }
                    }
                    {children}
                }
            }
            button {
                class: "pill",
                r#type: "button",
                "data-component": "NewMessagesPill",
                onclick: move |_| feed.to_newest(),
                ArrowDown { class: "icon" }
                "{pill_text}"
            }
        }
        if let Some(start) = shown() {
            FeedLightbox { feed, contact, start, on_load: load_files, on_go: go_to, on_close: move |()| shown.set(None) }
        }
    }
}

#[component]
fn FeedRow(
    row: Row,
    is_bucket: bool,
    last_read: Option<MessageId>,
    on_open: EventHandler<(MessageId, AttachmentId)>,
    on_line: EventHandler<LinePlace>,
) -> Element {
    let Row { message, first, starts_unread } = row;
    let id = message.id;
    rsx! {
        if starts_unread {
            UnreadDivider { on_line }
        }
        if is_bucket {
            NotificationEntry { message, unread: last_read.is_none_or(|read| id > read), on_open: move |file| on_open((id, file)) }
        } else {
            MessageEntry { message, first, on_open: move |file| on_open((id, file)) }
        }
    }
}
