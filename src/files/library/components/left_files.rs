//! The files page as it was left, for who comes back to it. For as long as the browser's page lives.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::prelude::*;

use super::found::{Found, Query};
use crate::files::library::model::FoundFile;
use crate::ui::{Place, go_to_place, place_in};

/// What was found, as far as it was loaded, and where one was in it.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftFiles {
    query: Query,
    pub files: Vec<FoundFile>,
    pub next: Option<String>,
    place: Place,
}

#[derive(Clone, Default)]
struct Left(Rc<RefCell<Option<LeftFiles>>>);

/// For the frame around all pages.
pub fn use_left_files_source() {
    use_context_provider(Left::default);
}

/// What was left, if the page was gone back to and the same is asked.
pub fn use_left_files(query: Memo<Query>, came_back: bool) -> Option<LeftFiles> {
    let Left(left) = use_context();
    use_hook(|| left.borrow().clone().filter(|left| came_back && left.query == *query.peek()))
}

/// Goes to where one was in a list, by its id, and notes what is left next.
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
        // A view that was made and never shown leaves nothing.
        let Some(place) = place_in(list) else { return };
        let (query, files, next) = (found.answered.peek(), found.files.peek(), found.next.peek());
        left.replace(Some(LeftFiles { query: query.clone(), files: files.clone(), next: next.clone(), place }));
    });
}
