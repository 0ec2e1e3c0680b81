//! The selection in a text area.

use super::{put_at_caret, text_area};
use crate::platform::markdown::with_mark;

/// Puts a mark around the selection in a text area, or removes it there, so that Ctrl+Z undoes it. Returns the whole
/// text.
pub fn toggle_mark(selector: &str, mark: &str) -> Option<String> {
    let field = text_area(selector)?;
    let start = field.selection_start().ok().flatten()? as usize;
    let end = field.selection_end().ok().flatten()? as usize;
    // Positions are in UTF-16 units. A mark has one for each byte.
    let units: Vec<u16> = field.value().encode_utf16().collect();
    let marks: Vec<u16> = mark.encode_utf16().collect();
    let is_marked = start.checked_sub(marks.len()).is_some_and(|before| units.get(before..start) == Some(&marks[..]))
        && units.get(end..end + marks.len()) == Some(&marks[..]);
    let selected = String::from_utf16_lossy(units.get(start..end)?);
    let word = selected.trim().encode_utf16().count();
    let (from, to, text, inside) = if is_marked {
        (start - marks.len(), end + marks.len(), selected, 0)
    } else {
        let spaces = selected.encode_utf16().count() - selected.trim_start().encode_utf16().count();
        (start, end, with_mark(&selected, mark), spaces + marks.len())
    };
    field.set_selection_range(u32::try_from(from).ok()?, u32::try_from(to).ok()?).ok()?;
    let whole = put_at_caret(selector, 0, &text)?;
    if !text.contains('\n') {
        let select = u32::try_from(from + inside).ok()?;
        let _ = field.set_selection_range(select, select + u32::try_from(word).ok()?);
    }
    Some(whole)
}
