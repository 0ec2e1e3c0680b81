//! The page of all files, with Share, Forward and Delete in the lightbox as in the feed.

use dioxus::prelude::*;

use super::forwarding::ForwardingDialog;
use super::removal::{RemovalDialog, use_file_actions};
use crate::files::library::components as files;
use crate::files::library::model::FileFilter;
use crate::files::sharing::components::SharingDialog;

#[component]
pub fn FilesPage(filter: ReadSignal<FileFilter>) -> Element {
    use_file_actions();
    rsx! {
        files::FilesPage { filter }
        RemovalDialog {}
        SharingDialog {}
        ForwardingDialog {}
    }
}
