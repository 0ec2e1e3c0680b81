//! Finding emoji by what somebody types.

/// How well an emoji answers to what was typed, less is better; `None` if not at all. `name` is in words; `shortcodes` what is
/// typed between colons, separated by spaces.
pub fn rank(typed: &str, name: &str, shortcodes: &str) -> Option<u8> {
    let typed = normal(typed);
    let (name, shortcodes) = (normal(name), shortcodes.split(' ').map(normal).collect::<Vec<_>>());
    if typed.is_empty() || shortcodes.contains(&typed) {
        return Some(0);
    }
    if shortcodes.iter().chain([&name]).any(|code| code.starts_with(&typed)) {
        return Some(1);
    }
    let words = || shortcodes.iter().chain([&name]).flat_map(|text| text.split(' '));
    if typed.split(' ').all(|part| words().any(|word| word.starts_with(part))) {
        return Some(2);
    }
    typed.split(' ').all(|part| words().any(|word| word.contains(part))).then_some(3)
}

/// Lower case, without colons, words parted by one space each.
fn normal(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-' | ':'));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comes_first() {
        let tada = |typed| rank(typed, "party popper", "tada hooray");
        assert_eq!(tada("tada"), Some(0));
        assert_eq!(tada(":Tada:"), Some(0));
        assert_eq!(tada("hoo"), Some(1));
        assert_eq!(tada("par"), Some(1));
        assert_eq!(tada("pop"), Some(2));
        assert_eq!(tada("popper party"), Some(2));
        assert_eq!(tada("oray"), Some(3));
        assert_eq!(tada("cat"), None);
        assert_eq!(tada(""), Some(0));
        assert_eq!(rank("green heart", "green heart", "green_heart"), Some(0));
        assert_eq!(rank("+1", "thumbs up", "+1 thumbsup"), Some(0));
        assert_eq!(rank("ship", "ship", ""), Some(1));
    }
}
