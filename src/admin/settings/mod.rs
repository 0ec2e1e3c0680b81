//! The frame of the settings, and the pages about the person, notifications, the organization, its emoji, bots, share links and file
//! requests.

mod bot_dialog;
mod bots_page;
mod emoji_dialog;
mod emoji_page;
mod file_requests_page;
mod notifications_page;
mod organization_page;
mod picture_dialog;
mod picture_field;
mod profile_page;
mod settings_layout;
mod settings_page;
mod settings_section;
mod share_links_page;
mod storage_page;

pub use bots_page::BotsPage;
pub use emoji_page::EmojiPage;
pub use file_requests_page::FileRequestsPage;
pub use notifications_page::NotificationsPage;
pub use organization_page::OrganizationPage;
pub use profile_page::ProfilePage;
pub use settings_layout::SettingsLayout;
pub use settings_page::SettingsPage;
pub use settings_section::SettingsSection;
pub use share_links_page::ShareLinksPage;
pub use storage_page::StoragePage;
