//! The design system. Knows no feature: everything it shows is handed in.

mod avatar;
pub mod browser;
mod dialog;
mod field;
mod file_label;
mod hydration;
pub mod lightbox;
mod logo;
mod page_title;
mod progress_bar;
mod search_field;
mod secret;
mod select_field;
mod skeleton;
mod state;
mod theme;
mod toast;
pub mod when;

pub use avatar::{Avatar, AvatarKind, initials};
pub use dialog::Dialog;
pub use field::{Field, FieldError};
pub use file_label::{FileLabel, FileType};
pub use hydration::{text_of, use_hydrated, use_hydration};
pub use lightbox::{Lightbox, LightboxDownloadLink, LightboxImage};
pub use logo::Logo;
pub use page_title::PageTitle;
pub use progress_bar::ProgressBar;
pub use search_field::SearchField;
pub use secret::Secret;
pub use select_field::{Choice, SelectField};
pub use skeleton::{FeedSkeleton, ListSkeleton};
pub use state::{EmptyState, ErrorState};
pub use theme::ThemeSwitch;
pub use toast::{Toaster, use_toast, use_toaster};
pub use when::{Moment, When, WhenStyle, use_moments, use_time_zone};
