//! The pages beside the inbox, which many visits never open, as a WebAssembly module.

use dioxus::prelude::*;

use crate::admin::audit_log::components as audit;
use crate::admin::audit_log::filter::AuditFilter;
use crate::admin::{access_tokens, settings, webhooks};
use crate::admin::{members, storage};
use crate::conversations::buckets::components as buckets;
use crate::conversations::messages::components as messaging;
use crate::files::library::model::FileFilter;
use crate::ids::{ChannelId, ContactId};
use crate::people::contacts::components as contacts;
use crate::people::contacts::model::Search;

crate::lazy! { "pages", PageMeanwhile:
    access_tokens::AccessTokensPage {}
    storage::DeletedFilesPage {}
    audit::AuditLogPage { filter: AuditFilter }
    buckets::BucketPage { bucket: ChannelId }
    buckets::NewBucketPage {}
    contacts::ContactPage { contact: ContactId }
    contacts::ContactsPage { search: Search }
    contacts::ImportContactsPage {}
    contacts::NewContactPage {}
    messaging::FilesPage { filter: FileFilter }
    members::MembersPage {}
    members::RolesPage {}
    settings::SettingsLayout {}
    settings::BotsPage {}
    settings::EmojiPage {}
    settings::FileRequestsPage {}
    settings::NotificationsPage {}
    settings::OrganizationPage {}
    settings::ProfilePage {}
    settings::SettingsPage {}
    settings::StoragePage {}
    settings::ShareLinksPage {}
    webhooks::WebhooksPage {}
}
