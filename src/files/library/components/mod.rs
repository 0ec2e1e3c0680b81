//! The files page: filters, grid or rows, selection, lightbox.

mod delete_dialog;
mod file_results;
mod files_lightbox;
mod files_page;
mod files_view;
mod filter_bar;
mod hit_card;
mod saved_files;
mod selection;

pub use file_results::joined;
pub use files_lightbox::FilesLightbox;
pub use files_page::FilesPage;
pub use saved_files::use_saved_files_source;
