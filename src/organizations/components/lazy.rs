//! The log-in page, as a WebAssembly module of its own.

use dioxus::prelude::*;

use super::log_in_page;

crate::lazy! { "log_in", PageMeanwhile:
    log_in_page::LogInPage { next: String }
}
