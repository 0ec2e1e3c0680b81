//! The pages beside the inbox, which many visits never open, as a WebAssembly module of their own.

use dioxus::prelude::*;

use crate::access_tokens::components as access_tokens;
use crate::attachments::components as attachments;
use crate::audit::components as audit;
use crate::audit::filter::AuditFilter;
use crate::buckets::components as buckets;
use crate::contacts::components as contacts;
use crate::contacts::model::{ChannelId, ContactId, Search};
use crate::files::model::FileFilter;
use crate::messaging::components as messaging;
use crate::organizations::components as organizations;
use crate::settings::components as settings;
use crate::sharing::components as sharing;

crate::lazy! { "pages", PageMeanwhile:
    access_tokens::AccessTokensPage {}
    attachments::DeletedFilesPage {}
    audit::AuditLogPage { filter: AuditFilter }
    buckets::BucketPage { bucket: ChannelId }
    buckets::NewBucketPage {}
    contacts::ContactPage { contact: ContactId }
    contacts::ContactsPage { search: Search }
    contacts::NewContactPage {}
    messaging::FilesPage { filter: FileFilter }
    organizations::MembersPage {}
    organizations::RolesPage {}
    organizations::SettingsLayout {}
    settings::BotsPage {}
    settings::EmojiPage {}
    settings::OrganizationPage {}
    settings::ProfilePage {}
    settings::SettingsPage {}
    settings::StoragePage {}
    sharing::ShareLinksPage {}
}
