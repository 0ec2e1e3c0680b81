//! The parsers of the main crate, with as little around them as they need, and what holds for all of their targets.

#![allow(dead_code, unexpected_cfgs)]

pub mod files;
#[path = "../../src/ids.rs"]
pub mod ids;
pub mod people;
pub mod platform;
pub mod rest;

use std::io::Cursor;

use files::location::{Budget, SearchError, apply, find_within};

#[macro_export]
macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub uuid::Uuid);
    )+};
}

/// Searches a file, and what is left of it after its location was cut: both cost no more than the budget says. A second search
/// may find something where what was blanked made the rest read differently.
pub fn search(content_type: &str, bytes: &[u8]) {
    let mut budget = Budget::for_length(bytes.len() as u64);
    let found = find_within(&mut Cursor::new(bytes), content_type, &mut budget);
    assert!(budget.spent() <= 32 * bytes.len() as u64 + 16_000_000 + 8_000_000, "{} steps", budget.spent());
    let patches = match found {
        Ok(patches) => patches,
        Err(SearchError::Unsearchable) => return,
        Err(SearchError::Io(error)) => panic!("{error}"),
    };
    assert!(patches.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let mut cleaned = bytes.to_vec();
    apply(&patches, 0, &mut cleaned);
    let again = find_within(&mut Cursor::new(&cleaned), content_type, &mut Budget::for_length(bytes.len() as u64));
    assert!(!matches!(again, Err(SearchError::Io(_))));
}
