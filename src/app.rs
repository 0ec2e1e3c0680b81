//! The app: routes, layouts, and the page of each URL.

use dioxus::prelude::*;

use crate::admin::audit_log::filter::AuditFilter;
use crate::files::library::model::FileFilter;
use crate::ids::{ChannelId, ContactId, MessageId};
use crate::pages::{
    AccessTokensPage, AuditLogPage, BotsPage, BucketPage, ContactPage, ContactsPage, ConversationPage,
    DeletedFilesPage, EmojiPage, FileRequestsPage, FilesPage, ImportContactsPage, InboxLayout, InboxPage, MembersPage,
    NewBucketPage, NewContactPage, NotificationsPage, OrganizationPage, ProfilePage, RolesPage, SettingsLayout,
    SettingsPage, ShareLinksPage, StoragePage, WebhooksPage,
};
use crate::people::contacts::model::Search;
use crate::people::organizations::components::{InvitePage, LogInPage, ResetPage, SignUpPage};
use crate::platform::browser;
use crate::shell::AppShell;
use crate::ui::{EmptyState, NavLink, PageTitle, use_hydration};

#[derive(Debug, Clone, PartialEq, Routable)]
#[rustfmt::skip]
pub enum Route {
    #[route("/sign-up?:invitation")]
    SignUpPage { invitation: String },
    #[route("/log-in?:next")]
    LogInPage { next: String },
    #[route("/invite/:token")]
    InvitePage { token: String },
    #[route("/reset/:token")]
    ResetPage { token: String },
    #[layout(AppShell)]
        #[layout(InboxLayout)]
            #[route("/inbox")]
            InboxPage {},
            #[route("/inbox/:channel?:panel&:message")]
            ConversationPage { channel: ChannelId, panel: String, message: String },
        #[end_layout]
        #[route("/contacts?:..search")]
        ContactsPage { search: Search },
        #[route("/contacts/new")]
        NewContactPage {},
        #[route("/contacts/import")]
        ImportContactsPage {},
        #[route("/contacts/:contact")]
        ContactPage { contact: ContactId },
        #[route("/buckets/new")]
        NewBucketPage {},
        #[route("/buckets/:bucket")]
        BucketPage { bucket: ChannelId },
        #[route("/files?:..filter")]
        FilesPage { filter: FileFilter },
        #[layout(SettingsLayout)]
            #[route("/settings")]
            SettingsPage {},
            #[route("/settings/profile")]
            ProfilePage {},
            #[route("/settings/notifications")]
            NotificationsPage {},
            #[route("/settings/access-tokens")]
            AccessTokensPage {},
            #[route("/settings/organization")]
            OrganizationPage {},
            #[route("/settings/emoji")]
            EmojiPage {},
            #[route("/settings/bots")]
            BotsPage {},
            #[route("/settings/members")]
            MembersPage {},
            #[route("/settings/roles")]
            RolesPage {},
            #[route("/settings/storage")]
            StoragePage {},
            #[route("/settings/share-links")]
            ShareLinksPage {},
            #[route("/settings/file-requests")]
            FileRequestsPage {},
            #[route("/settings/webhooks")]
            WebhooksPage {},
            #[route("/settings/deleted-files")]
            DeletedFilesPage {},
            #[route("/settings/audit-log?:..filter")]
            AuditLogPage { filter: AuditFilter },
        #[end_layout]
    #[end_layout]
    #[route("/:..segments")]
    NotFoundPage { segments: Vec<String> },
}

impl Route {
    pub fn conversation(channel: ChannelId) -> Self {
        Self::ConversationPage { channel, panel: String::new(), message: String::new() }
    }

    /// Returns the route of a conversation at one of its messages.
    pub fn message(channel: ChannelId, message: MessageId) -> Self {
        Self::ConversationPage { channel, panel: String::new(), message: message.to_string() }
    }

    /// Returns whether the page requires a session.
    pub fn is_framed(&self) -> bool {
        !matches!(
            self,
            Self::SignUpPage { .. }
                | Self::LogInPage { .. }
                | Self::InvitePage { .. }
                | Self::ResetPage { .. }
                | Self::NotFoundPage { .. }
        )
    }

    /// Returns whether the page is in the inbox.
    pub fn is_inbox(&self) -> bool {
        matches!(self, Self::InboxPage {} | Self::ConversationPage { .. })
    }

    /// Returns the path, without empty queries.
    pub fn href(&self) -> String {
        let path = self.to_string();
        let Some((bare, query)) = path.split_once('?') else { return path };
        // The search is last, and may contain any text.
        let said: Vec<_> = match query.find("search=") {
            Some(_) => vec![query],
            None => query.split('&').filter(|pair| !pair.is_empty() && !pair.ends_with('=')).collect(),
        };
        if said.is_empty() { bare.to_owned() } else { format!("{bare}?{}", said.join("&")) }
    }
}

/// The icon of the tab.
pub const ICON: Asset = asset!("/assets/logo.svg");

#[component]
pub fn App() -> Element {
    use_hydration();
    use_hook(browser::refuse_dropped_files);
    rsx! {
        document::Link { rel: "icon", href: ICON, r#type: "image/svg+xml" }
        document::Stylesheet { href: asset!("/assets/tailwind.css") }
        Router::<Route> {}
    }
}

/// The page of an unknown URL.
#[component]
fn NotFoundPage(segments: Vec<String>) -> Element {
    #[cfg(feature = "server")]
    dioxus::fullstack::FullstackContext::commit_http_status(dioxus::fullstack::StatusCode::NOT_FOUND, None);
    let path = segments.join("/");
    rsx! {
        PageTitle { text: "Not found" }
        main { class: "lone",
            EmptyState {
                icon: rsx! {
                    lucide_dioxus::SearchX { class: "icon" }
                },
                title: "Page not found",
                text: "There's no page at /{path}. The link may be out of date or incomplete.",
                NavLink { class: "btn", to: Route::InboxPage {}.href(), "Go to the inbox" }
            }
        }
    }
}
