//! The files page: filters, grid or rows, selection, lightbox.

mod delete_dialog;
mod files_lightbox;
mod files_page;
mod files_view;
mod filter_bar;
mod found;
mod found_card;
mod left_files;
mod selection;

pub use files_lightbox::FilesLightbox;
pub use files_page::FilesPage;
pub use found::joined;
pub use left_files::use_left_files_source;
