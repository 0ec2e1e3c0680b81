//! The pages that most visits never open, as a WebAssembly module of their own: all but log-in and the inbox.

use dioxus::prelude::*;

use crate::access_tokens::components as access_tokens;
use crate::attachments::components as attachments;
use crate::audit::components as audit;
use crate::audit::filter::AuditFilter;
use crate::buckets::components as buckets;
use crate::contacts::components as contacts;
use crate::contacts::model::{ChannelId, ContactId, Search};
use crate::files::components as files;
use crate::files::model::FileFilter;
use crate::organizations::components as organizations;
use crate::quotas::components as quotas;
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
    files::FilesPage { filter: FileFilter }
    organizations::InvitePage { token: String }
    organizations::MembersPage {}
    organizations::RolesPage {}
    organizations::SettingsLayout {}
    organizations::SignUpPage {}
    quotas::StoragePage {}
    settings::BotsPage {}
    settings::EmojiPage {}
    settings::OrganizationPage {}
    settings::ProfilePage {}
    settings::SettingsPage {}
    sharing::ShareLinksPage {}
}

/// Runs `launch` when the code of all that the server rendered is there: it is taken over as a whole.
pub fn when_ready(launch: fn()) {
    #[cfg(all(feature = "split", target_arch = "wasm32"))]
    wasm_bindgen_futures::spawn_local(async move {
        use crate::app::Route;
        use crate::ui::browser;

        match browser::path().parse::<Route>() {
            Ok(Route::LogInPage { .. }) => organizations::fetch_log_in().await,
            Ok(route) if route.is_lazy() => fetch().await,
            _ => {}
        }
        if browser::shows("[data-component=VideoPlayer], [data-component=VoiceNote]") {
            crate::ui::fetch_players().await;
        }
        if browser::shows("[data-component=HowToPost]") {
            buckets::fetch_bucket().await;
        }
        launch();
    });
    #[cfg(not(all(feature = "split", target_arch = "wasm32")))]
    launch();
}
