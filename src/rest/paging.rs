//! Lists, a page at a time: by the id of the last item seen, never by number.

use crate::platform::error::{AppError, Result};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// How many items a page shall have: 50 unless told, and 200 at most.
pub fn check_limit(asked: Option<i64>) -> Result<i64> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(AppError::invalid("limit", format!("Must be 1 to {LIMIT_MAX}.")))
}

/// Where the page after these begins; none: they are the last.
pub fn next<T, Id>(items: &[T], limit: i64, id: impl Fn(&T) -> Id) -> Option<Id> {
    items.last().filter(|_| i64::try_from(items.len()) == Ok(limit)).map(id)
}
