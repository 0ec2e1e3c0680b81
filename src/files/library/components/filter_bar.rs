//! The filters and the layout of the files, all of them in the URL.

use dioxus::prelude::*;
use lucide_dioxus::LayoutGrid;

use crate::app::Route;
use crate::channels::conversations::Conversations;
use crate::channels::model::{ChannelKind, Conversation};
use crate::files::library::model::{FileFilter, FileKind, Sender, is_day};
use crate::ids::ChannelId;
use crate::people::organizations::api::list_members;
use crate::people::organizations::model::MemberInfo;
use crate::ui::relative_time::use_today;
use crate::ui::{FilterChoice, FilterMenu, NavLink, use_hydrated};

const fn kind_words(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "Images",
        FileKind::Video => "Video",
        FileKind::Audio => "Audio",
        FileKind::Document => "Documents",
        FileKind::Other => "Other",
    }
}

/// Formats kinds as `Images, video, audio`.
fn kinds_text(kinds: &[FileKind]) -> String {
    let words: Vec<_> = kinds.iter().map(|kind| kind_words(*kind)).collect();
    match words.split_first() {
        None => "any".to_owned(),
        Some((first, rest)) => {
            rest.iter().fold((*first).to_owned(), |text, word| format!("{text}, {}", word.to_lowercase()))
        }
    }
}

/// Navigates to the page with another filter, so that Back restores the previous one.
fn show(filter: FileFilter) {
    navigator().push(Route::FilesPage { filter });
}

fn conversation_name(row: &Conversation) -> String {
    match row.channel.kind {
        ChannelKind::Team => format!("#{}", row.channel.name),
        ChannelKind::Contact | ChannelKind::Bucket => row.channel.name.clone(),
    }
}

/// Returns all conversations of the lists.
fn use_conversation_rows() -> Vec<Conversation> {
    let conversations: Conversations = use_context();
    match &*conversations.lists.read() {
        Ok(lists) => lists.rows().cloned().collect(),
        Err(_) => Vec::new(),
    }
}

#[component]
pub fn FilterBar(filter: FileFilter) -> Element {
    let hydrated = use_hydrated();
    let rows = use_conversation_rows();
    let layout = move |list: bool, filter: FileFilter| {
        move |_| {
            navigator().replace(Route::FilesPage { filter: FileFilter { list, ..filter.clone() } });
        }
    };
    let narrows = filter.narrows() || filter.channel.is_some();
    let everything = FileFilter { list: filter.list, oldest_first: filter.oldest_first, ..FileFilter::default() };
    rsx! {
        div { class: "files-bar", role: "group", "aria-label": "Filters", "data-component": "FilterBar",
            KindFilter { filter: filter.clone() }
            FromFilter { filter: filter.clone(), rows: rows.clone() }
            ConversationFilter { filter: filter.clone(), rows }
            DateFilter { filter: filter.clone() }
            if narrows {
                NavLink { class: "btn btn-ghost phone-hide", to: Route::FilesPage { filter: everything }.href(), "Reset" }
            }
            span { class: "grow phone-hide" }
            FilterMenu {
                id: "filter-sort",
                label: "Sort",
                muted: "Sort",
                text: if filter.oldest_first { "oldest" } else { "newest" },
                class: "filter-quiet phone-hide",
                for oldest_first in [false, true] {
                    FilterChoice {
                        name: "sort",
                        text: if oldest_first { "Oldest first" } else { "Newest first" },
                        checked: filter.oldest_first == oldest_first,
                        on_choose: {
                            let filter = filter.clone();
                            move |_| show(FileFilter { oldest_first, ..filter.clone() })
                        },
                    }
                }
            }
            div { class: "segmented", role: "radiogroup", "aria-label": "View",
                label {
                    input { r#type: "radio", name: "view", id: "view-grid", "aria-label": "Grid", checked: !filter.list, disabled: !hydrated, onchange: layout(false, filter.clone()) }
                    LayoutGrid { class: "icon" }
                }
                label {
                    input { r#type: "radio", name: "view", id: "view-list", "aria-label": "List", checked: filter.list, disabled: !hydrated, onchange: layout(true, filter.clone()) }
                    // Lucide's `list`: its category would add too many others.
                    svg { class: "icon", view_box: "0 0 24 24", fill: "none", stroke: "currentColor", stroke_width: "2", stroke_linecap: "round", stroke_linejoin: "round",
                        path { d: "M3 5h.01M3 12h.01M3 19h.01M8 5h13M8 12h13M8 19h13" }
                    }
                }
            }
        }
    }
}

#[component]
fn KindFilter(filter: FileFilter) -> Element {
    let text = if filter.kinds.is_empty() { "any".to_owned() } else { kinds_text(&filter.kinds) };
    rsx! {
        FilterMenu { id: "filter-kinds", label: "Types", muted: if filter.kinds.is_empty() { "Type" } else { "" }, text, on: !filter.kinds.is_empty(),
            for kind in FileKind::ALL.iter().copied() {
                FilterChoice {
                    name: "kinds",
                    text: kind_words(kind),
                    many: true,
                    checked: filter.kinds.contains(&kind),
                    on_choose: {
                        let filter = filter.clone();
                        move |on| {
                            let mut kinds = filter.kinds.clone();
                            kinds.retain(|known| *known != kind);
                            if on {
                                kinds.push(kind);
                                kinds.sort_unstable();
                            }
                            show(FileFilter { kinds, ..filter.clone() });
                        }
                    },
                }
            }
        }
    }
}

#[component]
fn FromFilter(filter: FileFilter, rows: Vec<Conversation>) -> Element {
    let members = use_resource(|| list_members(None));
    let members: Vec<MemberInfo> = match &*members.read() {
        Some(Ok(members)) => members.clone(),
        _ => Vec::new(),
    };
    // A contact can be chosen only if their conversation is the filter; elsewhere a link may contain one.
    let contacts =
        rows.iter().filter_map(|row| Some((row.channel.contact_id?.0, row.channel.id, row.channel.name.clone())));
    let contacts: Vec<_> = contacts
        .filter(|(id, channel, _)| filter.channel == Some(*channel) || filter.from == Sender::Person(*id))
        .collect();
    let mut choices = vec![(Sender::Anyone, "Anyone".to_owned()), (Sender::Contacts, "Contacts".to_owned())];
    choices.extend(contacts.into_iter().map(|(id, _, name)| (Sender::Person(id), name)));
    choices.extend(members.into_iter().map(|member| (Sender::Person(member.id.0), member.name)));
    let chosen = choices.iter().find(|(sender, _)| *sender == filter.from).map(|(_, name)| name.clone());
    let text = match filter.from {
        Sender::Anyone => "anyone".to_owned(),
        Sender::Contacts => "contacts".to_owned(),
        Sender::Person(_) => chosen.unwrap_or_else(|| "one person".to_owned()),
    };
    rsx! {
        FilterMenu { id: "filter-from", label: "From", muted: "From", text, on: filter.from != Sender::Anyone,
            for (from, name) in choices {
                FilterChoice {
                    key: "{from}",
                    name: "from",
                    text: name,
                    checked: filter.from == from,
                    on_choose: {
                        let filter = filter.clone();
                        move |_| show(FileFilter { from, ..filter.clone() })
                    },
                }
            }
        }
    }
}

#[component]
fn ConversationFilter(filter: FileFilter, rows: Vec<Conversation>) -> Element {
    let chosen = rows.iter().find(|row| Some(row.channel.id) == filter.channel).map(conversation_name);
    let text = match filter.channel {
        None => "all conversations".to_owned(),
        Some(_) => chosen.unwrap_or_else(|| "one conversation".to_owned()),
    };
    let choice = |channel: Option<ChannelId>, name: String| {
        let filter = filter.clone();
        rsx! {
            FilterChoice {
                name: "in",
                text: name,
                checked: filter.channel == channel,
                on_choose: move |_| show(FileFilter { channel, ..filter.clone() }),
            }
        }
    };
    rsx! {
        FilterMenu { id: "filter-in", label: "Conversation", muted: "In", text, on: filter.channel.is_some(),
            {choice(None, "All conversations".to_owned())}
            for row in rows {
                {choice(Some(row.channel.id), conversation_name(&row))}
            }
        }
    }
}

#[component]
fn DateFilter(filter: FileFilter) -> Element {
    let today = use_today();
    let text = match (filter.since.as_str(), filter.until.as_str()) {
        ("", "") => "any".to_owned(),
        (since, "") if since == today.days_ago(0) => "today".to_owned(),
        (since, "") if since == today.days_ago(6) => "last 7 days".to_owned(),
        (since, "") if since == today.days_ago(29) => "last 30 days".to_owned(),
        (since, "") => format!("since {since}"),
        ("", until) => format!("until {until}"),
        (since, until) if since == until => since.to_owned(),
        (since, until) => format!("{since} – {until}"),
    };
    let between = |since: String, until: String| FileFilter { since, until, ..filter.clone() };
    let presets = [
        ("Any time", String::new()),
        ("Today", today.days_ago(0)),
        ("Last 7 days", today.days_ago(6)),
        ("Last 30 days", today.days_ago(29)),
    ];
    let (first, last) = (filter.clone(), filter.clone());
    rsx! {
        FilterMenu { id: "filter-date", label: "Date", muted: "Date", text, on: !filter.since.is_empty() || !filter.until.is_empty(),
            for (name, since) in presets {
                FilterChoice {
                    name: "date",
                    text: name,
                    checked: filter.until.is_empty() && filter.since == since,
                    on_choose: {
                        let chosen = between(since.clone(), String::new());
                        move |_| show(chosen.clone())
                    },
                }
            }
            div { class: "filter-days",
                label {
                    "From"
                    input { class: "field", r#type: "date", value: "{filter.since}", max: "{filter.until}",
                        onchange: move |event| {
                            let since = event.value();
                            if since.is_empty() || is_day(&since) {
                                show(FileFilter { since, ..first.clone() });
                            }
                        },
                    }
                }
                label {
                    "To"
                    input { class: "field", r#type: "date", value: "{filter.until}", min: "{filter.since}",
                        onchange: move |event| {
                            let until = event.value();
                            if until.is_empty() || is_day(&until) {
                                show(FileFilter { until, ..last.clone() });
                            }
                        },
                    }
                }
            }
        }
    }
}
