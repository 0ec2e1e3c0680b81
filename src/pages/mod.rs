//! The page of each URL. Pages before log-in are in the first WebAssembly module, with the frame around all others; the
//! inbox is a second module, all other pages a third.

mod inbox;
mod others;

pub use inbox::{ConversationPage, InboxLayout, InboxPage, fetch as fetch_inbox};
pub use others::{
    AccessTokensPage, AuditLogPage, BotsPage, BucketPage, ContactPage, ContactsPage, DeletedFilesPage, EmojiPage,
    FileRequestsPage, FilesPage, ImportContactsPage, MembersPage, NewBucketPage, NewContactPage, NotificationsPage,
    OrganizationPage, ProfilePage, RolesPage, SettingsLayout, SettingsPage, ShareLinksPage, StoragePage, WebhooksPage,
};

/// Runs `launch` when the code of everything that the server rendered is loaded, because the page is hydrated as a
/// whole.
pub fn when_ready(launch: fn()) {
    #[cfg(all(feature = "split", target_arch = "wasm32"))]
    wasm_bindgen_futures::spawn_local(async move {
        use crate::app::Route;
        use crate::platform::browser;

        let page = async {
            match browser::path().parse::<Route>() {
                Ok(route) if route.is_inbox() => inbox::fetch().await,
                Ok(route) if route.is_framed() => others::fetch().await,
                _ => {}
            }
        };
        let players = async {
            if browser::shows("[data-component=VideoPlayer], [data-component=VoiceNote]") {
                crate::ui::fetch_players().await;
            }
        };
        let bucket = async {
            if browser::shows("[data-component=HowToPost]") {
                crate::conversations::buckets::components::fetch_bucket().await;
            }
        };
        futures_util::future::join3(page, players, bucket).await;
        launch();
    });
    #[cfg(not(all(feature = "split", target_arch = "wasm32")))]
    launch();
}
