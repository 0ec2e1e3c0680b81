//! Search of emoji.

/// Ranks a match, lower is better; `None` if it does not match. `name` is in words; `shortcodes` are the texts between
/// colons, separated by spaces.
pub fn rank(typed: &str, name: &str, shortcodes: &str) -> Option<u8> {
    let typed = normal(typed);
    let (name, shortcodes) = (normal(name), shortcodes.split(' ').map(normal).collect::<Vec<_>>());
    let names = || shortcodes.iter().chain([&name]);
    if typed.is_empty() || names().any(|name| *name == typed) {
        return Some(0);
    }
    let rests = || names().filter_map(|name| name.strip_prefix(&typed));
    if rests().any(|rest| rest.starts_with(' ')) {
        return Some(1);
    }
    if rests().next().is_some() {
        return Some(2);
    }
    let words = || names().flat_map(|name| name.split(' '));
    if typed.split(' ').all(|part| words().any(|word| word.starts_with(part))) {
        return Some(3);
    }
    typed.split(' ').all(|part| words().any(|word| word.contains(part))).then_some(4)
}

/// Normalizes to lower case, without colons, with single spaces.
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
        assert_eq!(tada("party popper"), Some(0));
        assert_eq!(tada("party"), Some(1));
        assert_eq!(tada("hoo"), Some(2));
        assert_eq!(tada("par"), Some(2));
        assert_eq!(tada("pop"), Some(3));
        assert_eq!(tada("popper party"), Some(3));
        assert_eq!(tada("oray"), Some(4));
        assert_eq!(tada("cat"), None);
        assert_eq!(tada(""), Some(0));
        assert_eq!(rank("green heart", "green heart", "green_heart"), Some(0));
        assert_eq!(rank("+1", "thumbs up", "+1 thumbsup"), Some(0));
    }
}
