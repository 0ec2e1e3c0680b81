//! The page of all files, where files are shared and deleted from the lightbox as in the feed.

use dioxus::prelude::*;

use super::removal::{RemovalDialog, use_file_actions};
use crate::files::components as files;
use crate::files::model::FileFilter;
use crate::sharing::components::SharingDialog;

#[component]
pub fn FilesPage(filter: ReadSignal<FileFilter>) -> Element {
    use_file_actions();
    rsx! {
        files::FilesPage { filter }
        RemovalDialog {}
        SharingDialog {}
    }
}
