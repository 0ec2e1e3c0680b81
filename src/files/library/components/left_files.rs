//! The state of the files page when it was left, to be restored by Back. Kept as long as the browser's page lives.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::prelude::*;

use super::found::{Found, Query};
use crate::files::library::model::FoundFile;
use crate::ui::{Place, go_to_place, place_in};

/// The loaded files, and the scroll position.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftFiles {
    query: Query,
    pub files: Vec<FoundFile>,
    pub next: Option<String>,
    place: Place,
}

#[derive(Clone, Default)]
struct Left(Rc<RefCell<Option<LeftFiles>>>);

/// Provides the state, in the frame around all pages.
pub fn use_left_files_source() {
    use_context_provider(Left::default);
}

/// Returns the saved state, if Back opened the page with the same query.
pub fn use_left_files(query: Memo<Query>, came_back: bool) -> Option<LeftFiles> {
    let Left(left) = use_context();
    use_hook(|| left.borrow().clone().filter(|left| came_back && left.query == *query.peek()))
}

/// Restores the scroll position in a list, by its id, and saves the state when the page is left.
pub fn use_leaving(found: &Found, list: &'static str, before: Option<LeftFiles>) {
    let found = *found;
    let Left(left) = use_context();
    let place = use_hook(|| before.map(|before| before.place));
    use_effect(move || {
        if let Some(place) = place.clone() {
            spawn(async move { go_to_place(list, &place).await });
        }
    });
    use_drop(move || {
        // A view that was never shown saves nothing.
        let Some(place) = place_in(list) else { return };
        let (query, files, next) = (found.answered.peek(), found.files.peek(), found.next.peek());
        left.replace(Some(LeftFiles { query: query.clone(), files: files.clone(), next: next.clone(), place }));
    });
}
