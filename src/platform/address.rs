//! Filters in the query of a URL, so that a link can be shared and Back works.

use std::fmt;

/// Returns the `name=value` pairs in order, such as `kinds=image&search=a&b`. The search is last and may contain any
/// character.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = query;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(search) = rest.strip_prefix("search=") {
            rest = "";
            return Some(("search", search));
        }
        let (pair, after) = rest.split_once('&').unwrap_or((rest, ""));
        rest = after;
        Some(pair.split_once('=').unwrap_or((pair, "")))
    })
}

/// Writes the pairs that have a value, the search last.
pub fn write_pairs(f: &mut fmt::Formatter<'_>, pairs: &[(&str, String)], search: &str) -> fmt::Result {
    // The router escapes all other characters.
    let search = ("search", search.replace('%', "%25"));
    let said = pairs.iter().chain([&search]).filter(|(_, value)| !value.is_empty());
    let said: Vec<_> = said.map(|(name, value)| format!("{name}={value}")).collect();
    f.write_str(&said.join("&"))
}
