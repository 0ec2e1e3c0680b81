//! Marks that a shortcut adds to a text while it is written.

/// Puts a mark around each line of a text, without the spaces at its ends: marks end with a line and touch a word.
pub fn with_mark(text: &str, mark: &str) -> String {
    if text.is_empty() {
        return format!("{mark}{mark}");
    }
    let line = |line: &str| {
        let word = line.trim();
        if word.is_empty() {
            return line.to_owned();
        }
        let start = line.len() - line.trim_start().len();
        let end = start + word.len();
        format!("{}{mark}{word}{mark}{}", &line[..start], &line[end..])
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_touch_words() {
        for (text, marked) in [
            ("", "****"),
            ("bold", "**bold**"),
            (" bold  ", " **bold**  "),
            ("one\n\n two", "**one**\n\n **two**"),
            ("  ", "  "),
        ] {
            assert_eq!(with_mark(text, "**"), marked);
        }
    }
}
