//! Paging by the id of the last item, never by number.

use crate::platform::error::{AppError, Result};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// Returns the page size: 50 by default, and 200 at most.
pub fn check_limit(asked: Option<i64>) -> Result<i64> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(AppError::invalid("limit", format!("Must be 1 to {LIMIT_MAX}.")))
}

/// Returns the cursor of the next page; `None` on the last.
pub fn next<T, Id>(items: &[T], limit: i64, id: impl Fn(&T) -> Id) -> Option<Id> {
    items.last().filter(|_| i64::try_from(items.len()) == Ok(limit)).map(id)
}
