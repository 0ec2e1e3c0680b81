//! Cells of CSV files for spreadsheets.

/// Begins a file. Without a byte order mark Excel assumes the system's encoding.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Formats a cell (RFC 4180). A cell that a spreadsheet would evaluate as a formula gets a `'` before it, as OWASP
/// recommends against "CSV injection": at the start, also after spaces and quotes, and after characters that some
/// programs parse as the end of a cell.
pub fn quoted(cell: &str) -> String {
    let mut guarded = String::with_capacity(cell.len() + 2);
    let mut begins = true;
    for c in cell.chars() {
        if begins && is_evaluated(c) {
            guarded.push('\'');
        }
        begins = begins_after(c, begins);
        guarded.push(c);
    }
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

/// Removes the `'` that [`quoted`] adds.
pub fn unguarded(cell: &str) -> String {
    let mut plain = String::with_capacity(cell.len());
    let mut begins = true;
    let mut rest = cell.chars().peekable();
    while let Some(c) = rest.next() {
        let is_guard = begins && c == '\'' && rest.peek().is_some_and(|next| is_evaluated(*next));
        if !is_guard {
            plain.push(c);
        }
        begins = begins_after(c, begins);
    }
    plain
}

fn is_evaluated(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n')
}

/// Returns whether a formula could begin after this character.
fn begins_after(c: char, begins: bool) -> bool {
    match c {
        ';' | ',' | '|' | '\t' | '\r' | '\n' => true,
        ' ' | '"' | '\'' => begins,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            assert_eq!(quoted(&format!("{start}1+1")), format!("\"'{start}1+1\""));
        }
        for separator in [";", ",", "|"] {
            assert_eq!(quoted(&format!("a{separator} =1+1")), format!("\"a{separator} '=1+1\""));
        }
        assert_eq!(quoted("＝1+1"), "\"'＝1+1\"");
        assert_eq!(quoted("\"=1\""), "\"\"\"'=1\"\"\"");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("a=b"), "\"a=b\"");
    }

    proptest! {
        #[test]
        fn a_guarded_cell_can_be_read_again(cell in "[a=+@'\" ,;\t\n|-]{0,12}") {
            let written = quoted(&cell);
            let guarded = written[1..written.len() - 1].replace("\"\"", "\"");
            prop_assert_eq!(unguarded(&guarded), cell);
        }
    }
}
