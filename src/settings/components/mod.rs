//! The settings' pages of a person, of their organisation, of its emoji and of its bots.

mod bot_dialog;
mod bots_page;
mod emoji_dialog;
mod emoji_page;
mod organization_page;
mod picture_dialog;
mod picture_field;
mod profile_page;
mod settings_page;
mod storage_page;

pub use bots_page::BotsPage;
pub use emoji_page::EmojiPage;
pub use organization_page::OrganizationPage;
pub use profile_page::ProfilePage;
pub use settings_page::SettingsPage;
pub use storage_page::StoragePage;
