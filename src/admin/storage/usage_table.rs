//! Tables of storage usage.

use dioxus::prelude::*;

use crate::app::Route;
use crate::files::quotas::model::LargeFile;
use crate::ids::ChannelId;
use crate::platform::byte_size::ByteSize;
use crate::ui::{Column, NavLink, Table, When, WhenStyle};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageTableRow {
    pub name: String,
    pub files: i64,
    pub bytes: ByteSize,
    /// The target of the name's link.
    pub channel: Option<ChannelId>,
}

#[component]
pub fn UsageTable(label: &'static str, heading: &'static str, rows: Vec<UsageTableRow>) -> Element {
    let most = rows.iter().map(|row| row.bytes.0).max().unwrap_or(0).max(1);
    rsx! {
        Table {
            label,
            class: "usage",
            columns: vec![Column::Text(heading), Column::Number("Files"), Column::Number("Size")],
            for (index , row) in rows.into_iter().enumerate() {
                tr { key: "{index}",
                    td {
                        ConversationName { name: row.name, channel: row.channel }
                        div { class: "usage-bar", aria_hidden: "true",
                            i { style: "--p:{row.bytes.0.saturating_mul(100) / most}%" }
                        }
                    }
                    td { class: "num", "{row.files}" }
                    td { class: "num", "{row.bytes}" }
                }
            }
        }
    }
}

#[component]
fn ConversationName(name: String, channel: Option<ChannelId>) -> Element {
    rsx! {
        if let Some(channel) = channel {
            NavLink { class: "link", to: Route::conversation(channel).href(), "{name}" }
        } else {
            "{name}"
        }
    }
}

#[component]
pub fn LargestFiles(files: Vec<LargeFile>) -> Element {
    rsx! {
        Table {
            label: "Largest files",
            class: "usage largest",
            columns: vec![Column::Text("Name"), Column::Text("Conversation"), Column::Text("Uploaded"), Column::Number("Size")],
            for file in files {
                tr { key: "{file.id}",
                    td { class: "usage-name",
                        "{file.file_name}"
                        if file.deleted {
                            " "
                            span { class: "tag", "Deleted" }
                        } else if file.message_id.is_none() {
                            " "
                            span { class: "tag", "Not sent" }
                        }
                    }
                    td {
                        ConversationName { name: file.channel.words(), channel: file.channel.name.is_some().then_some(file.channel.id) }
                    }
                    td {
                        if let Some(at) = file.uploaded_at {
                            When { at, style: WhenStyle::Short }
                        }
                    }
                    td { class: "num", "{file.file_size}" }
                }
            }
        }
    }
}
