//! The feed: newest at the bottom, older ones as one scrolls up, new ones as they come.

use std::rc::Rc;

use dioxus::prelude::*;
use lucide_dioxus::{ArrowDown, Paperclip, WifiOff};

use super::MessageEntry;
use super::feed::Feed;
use super::feed_rows::{Row, arrange};
use super::lightbox_files::lightbox_files;
use super::notification_entry::NotificationEntry;
use super::reactions::use_reacting;
use super::removal::{RemovalDialog, use_file_actions};
use crate::attachments::components::FileText;
use crate::channels::api::mark_read;
use crate::channels::model::{Channel, ChannelKind, ReadMark};
use crate::contacts::model::Contact;
use crate::messaging::api::get_message;
use crate::messaging::model::{FeedPage, Message, MessageId};
use crate::organizations::components::use_session;
use crate::platform::json::Body;
use crate::platform::live::{LiveEvent, use_live, use_online};
use crate::sharing::components::SharingDialog;
use crate::ui::when::use_moments;
use crate::ui::{EmptyState, Entry, Lightbox, browser, use_roving};

/// Nearer to the bottom than this counts as being there, in pixels.
const AT_BOTTOM: f64 = 24.0;
/// Nearer to the top than this loads older messages, in pixels.
const NEAR_TOP: f64 = 3000.0;

/// `sent` takes what the composer has sent; `at` is the message that the feed is opened at. The children stand below the newest
/// message.
#[component]
pub fn CommunicationFeed(
    channel: Channel,
    contact: Option<Contact>,
    page: FeedPage,
    at: Option<MessageId>,
    sent: Signal<Vec<Message>>,
    children: Element,
) -> Element {
    let me = use_session().member_id;
    let feed = Feed {
        channel: channel.id,
        messages: use_signal(|| page.messages.iter().cloned().map(Rc::new).collect()),
        has_more: use_signal(|| page.has_more),
        has_newer: use_signal(|| page.has_newer),
        loading: use_signal(|| false),
    };
    let last_read = use_hook(|| page.last_read_id);
    let mut at_bottom = use_signal(|| at.is_none());
    let mut unseen = use_signal(|| 0_usize);
    let mut shown = use_signal(|| None::<(MessageId, usize)>);
    let online = use_online();
    use_file_actions();
    use_reacting(move |message| feed.add(vec![message]));
    let moments = use_moments();
    let roving = use_roving(Entry::Last);

    use_effect(move || {
        let fresh = sent();
        if !fresh.is_empty() {
            sent.set(Vec::new());
            if !(feed.has_newer)() {
                feed.add(fresh);
            }
            spawn(feed.to_newest());
        }
    });
    use_effect(move || {
        if let Some(message) = at {
            browser::point_out(&format!("m-{message}"));
        }
    });
    use_live(move |event: LiveEvent| {
        let renamed = event.name == "contact.updated" && event.data.channel_id == Some(feed.channel.0);
        if event.is_resync() || renamed {
            spawn(feed.catch_up());
        }
        let (Some(of), Some(id)) = (event.data.channel_id, event.data.message_id) else { return };
        if of != feed.channel.0 {
            return;
        }
        if event.name == "message.changed" && !feed.lacks(MessageId(id)) {
            spawn(async move {
                if feed.refresh(MessageId(id)).await && shown.peek().is_some_and(|(of, _)| of.0 == id) {
                    // A picture that was looked at may be gone.
                    shown.set(None);
                }
            });
        }
        // Changed before it could be fetched: what is fetched now is newer than what is on its way.
        if !matches!(event.name.as_str(), "message.created" | "message.changed") || !feed.lacks(MessageId(id)) {
            return;
        }
        spawn(async move {
            if let Ok(message) = get_message(MessageId(id)).await {
                if feed.lacks(message.id) && message.author.id != me.0 && !at_bottom() {
                    unseen += 1;
                }
                // Next to what is shown there would else be a gap.
                if !(feed.has_newer)() {
                    feed.add(vec![message]);
                }
            }
        });
    });
    // What is on the screen is read.
    use_effect(move || {
        let newest = feed.messages.read().last().map(|message| message.id);
        if let (Some(newest), true) = (newest, at_bottom()) {
            unseen.set(0);
            spawn(async move {
                if browser::is_visible() && last_read != Some(newest) {
                    let _ = mark_read(feed.channel, Body(ReadMark { message_id: newest.0 })).await;
                }
            });
        }
    });
    let on_scroll = move |event: ScrollEvent| {
        // Counted from the bottom, downwards from zero: the column is reversed.
        let above = -event.scroll_top();
        let is_at_bottom = above < AT_BOTTOM && !(feed.has_newer)();
        // Only when it changes: each write draws the feed anew.
        if is_at_bottom != at_bottom() {
            at_bottom.set(is_at_bottom);
        }
        if above < NEAR_TOP {
            spawn(feed.load_newer());
        }
        let below_top = f64::from(event.scroll_height()) - f64::from(event.client_height()) - above;
        if below_top < NEAR_TOP {
            spawn(feed.load_older());
        }
    };
    let days = arrange(&feed.messages.read(), last_read, me.0, moments);
    let open_images = shown().and_then(|(id, place)| {
        let messages = feed.messages.read();
        let message = messages.iter().find(|message| message.id == id)?;
        let when = moments(message.created_at);
        let said = format!("{}, {} {}", message.author.name, when.day_name(), when.time());
        Some((lightbox_files(message, &said, contact.as_ref()), place))
    });
    // The same one each time: a row that is handed another is drawn anew.
    let open = use_callback(move |opened| shown.set(Some(opened)));
    let show_text = use_callback(|id: String| {
        rsx! {
            if let Ok(id) = id.parse() {
                FileText { id }
            }
        }
    });
    let pill_text = match unseen() {
        0 => "Newest messages".to_owned(),
        1 => "1 new message".to_owned(),
        many => format!("{many} new messages"),
    };
    let is_newest = at_bottom() || (unseen() == 0 && !(feed.has_newer)());
    rsx! {
        if !online {
            p { class: "banner", role: "status",
                WifiOff { class: "icon" }
                span { "Offline. What you write waits here until the connection is back." }
            }
        }
        div { class: "feed-wrap", "data-at-bottom": if is_newest { "" },
            div {
                class: "feed",
                id: "feed",
                "data-component": "CommunicationFeed",
                role: "log",
                "aria-label": "Feed",
                onmounted: move |mounted| roving.start(&mounted),
                onscroll: on_scroll,
                div { class: "feed-rows",
                    if (feed.has_more)() {
                        div { class: "feed-more",
                            button { class: "btn btn-sm", r#type: "button", "data-row": "", onclick: move |_| feed.load_older(),
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
                                FeedRow { key: "{row.message.id}", row, is_bucket: channel.kind == ChannelKind::Bucket, last_read, on_open: open }
                            }
                        }
                    }
                    if feed.messages.read().is_empty() {
                        EmptyState {
                            icon: rsx! {
                                Paperclip { class: "icon" }
                            },
                            title: if channel.kind == ChannelKind::Contact { "Nothing with {channel.name} yet" } else { "Nothing in {channel.name} yet" },
                            text: if channel.kind == ChannelKind::Bucket { "What programs post shows up here." } else { "Write the first lines below, or drop files anywhere here." },
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
        RemovalDialog {}
        SharingDialog {}
        if let Some((images, start)) = open_images {
            Lightbox { images, start, text: show_text, on_close: move |()| shown.set(None) }
        }
    }
}

#[component]
fn FeedRow(
    row: Row,
    is_bucket: bool,
    last_read: Option<MessageId>,
    on_open: EventHandler<(MessageId, usize)>,
) -> Element {
    let Row { message, first, starts_unread } = row;
    let id = message.id;
    rsx! {
        if starts_unread {
            p { class: "unread-mark", "data-component": "UnreadDivider", role: "separator", "New" }
        }
        if is_bucket {
            NotificationEntry { message, unread: last_read.is_none_or(|read| id > read), on_open: move |place| on_open((id, place)) }
        } else {
            MessageEntry { message, first, on_open: move |place| on_open((id, place)) }
        }
    }
}
