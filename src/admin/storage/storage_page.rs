//! The page of storage: usage, quota, and retention.

use dioxus::prelude::*;

use super::retention_field::RetentionField;
use super::usage_table::{LargestFiles, UsageTable, UsageTableRow};
use crate::admin::settings::SettingsSection;
use crate::admin::storage::PhotoLocationField;
use crate::files::attachments::media_type::FileKind;
use crate::files::quotas::api::storage_usage;
use crate::files::quotas::model::{Share, StorageRoom, StorageUsage, UsedMember};
use crate::platform::byte_size::format_size;
use crate::ui::{SectionHead, use_loaded};

/// The children are rendered below.
#[component]
pub fn StoragePage(children: Element) -> Element {
    rsx! {
        SettingsSection { title: "Storage",
            LoadedStorage {}
            {children}
        }
    }
}

#[component]
fn LoadedStorage() -> Element {
    use_loaded(storage_usage)?.show("Storage", |usage| {
        rsx! {
            Storage { usage }
        }
    })
}

#[component]
fn Storage(usage: StorageUsage) -> Element {
    let by_type = usage.by_type.iter().map(|share| row(type_words(share.of).to_owned(), share)).collect::<Vec<_>>();
    let by_member = usage.by_member.iter().map(|share| row(member_words(&share.of), share)).collect::<Vec<_>>();
    let by_channel = usage.by_channel.iter().map(|share| UsageTableRow {
        channel: share.of.name.as_ref().map(|_| share.of.id),
        ..row(share.of.words(), share)
    });
    rsx! {
        section { class: "sec", "data-component": "StorageQuota",
            SectionHead { title: "Storage", text: summary(&usage.room) }
            if let Some(percent) = usage.room.percent() {
                div { class: "quota", role: "img", "aria-label": "{percent} percent used", "data-full": percent >= 90,
                    i { style: "--p:{percent.min(100)}%" }
                }
            }
            p { class: "hint num mt-2", {counts(&usage)} }
        }
        section { class: "sec",
            SectionHead {
                title: "Deleted files",
                text: "Deleted files use storage until they are deleted permanently. Until then, an admin can restore them.",
            }
            RetentionField { first: usage.retention_days }
        }
        section { class: "sec",
            SectionHead { title: "Photos", text: "Phones save the location inside photos." }
            PhotoLocationField {}
        }
        if !by_type.is_empty() {
            section { class: "sec",
                SectionHead { title: "By type", text: "Includes deleted files." }
                UsageTable { label: "Storage by type", heading: "Type", rows: by_type }
            }
            section { class: "sec",
                SectionHead { title: "By conversation", text: "Top 10" }
                UsageTable { label: "Storage by conversation", heading: "Conversation", rows: by_channel.collect::<Vec<_>>() }
            }
            section { class: "sec",
                SectionHead { title: "By person", text: "Top 10" }
                UsageTable { label: "Storage by person", heading: "Person", rows: by_member }
            }
            section { class: "sec",
                SectionHead { title: "Largest files", text: "In conversations you can view" }
                LargestFiles { files: usage.largest.clone() }
            }
        }
    }
}

fn row<T>(name: String, share: &Share<T>) -> UsageTableRow {
    UsageTableRow { name, files: share.files, bytes: share.bytes, channel: None }
}

fn summary(room: &StorageRoom) -> String {
    let used = room.used_bytes;
    match room.quota_bytes {
        Some(quota) => format!("{used} of {quota} used, including deleted files."),
        None => format!("{used} used, including deleted files. No limit."),
    }
}

fn counts(usage: &StorageUsage) -> String {
    let files = if usage.files == 1 { "1 file".to_owned() } else { format!("{} files", usage.files) };
    let deleted = match usage.deleted.files {
        0 => String::new(),
        count => format!(", {count} of them deleted ({})", usage.deleted.bytes),
    };
    let limit = match usage.room.max_file_size {
        Some(limit) => format!("Maximum file size: {}.", format_size(limit)),
        None => "No maximum file size.".to_owned(),
    };
    format!("{files}{deleted}. {limit}")
}

fn type_words(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "Images",
        FileKind::Video => "Videos",
        FileKind::Audio => "Audio",
        FileKind::Document | FileKind::Other => "Documents and other files",
    }
}

fn member_words(member: &UsedMember) -> String {
    member.name.clone().unwrap_or_else(|| "Contacts".to_owned())
}
