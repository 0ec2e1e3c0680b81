//! Detects links in plain text: web and mail addresses and international phone numbers.

use super::visible::is_invisible;

/// Belongs to the sentence rather than to a URL at its end.
const PUNCTUATION: [char; 9] = ['.', ',', ';', ':', '!', '?', '"', '\'', '…'];
/// Number of digits of a phone number with its country code (E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A link's text and URL.
#[derive(Debug, PartialEq)]
pub struct Link {
    pub text: String,
    pub address: String,
}

/// Returns the first link of a text and the number of bytes before it.
pub fn first_link(text: &str) -> Option<(usize, Link)> {
    let mut before = None::<char>;
    for (at, c) in text.char_indices() {
        let begins = before.is_none_or(|before| !before.is_alphanumeric() && !"@/._-+".contains(before));
        if begins && let Some(link) = link_at(&text[at..]) {
            return Some((at, link));
        }
        before = Some(c);
    }
    None
}

/// Returns the link at the start of a text.
fn link_at(text: &str) -> Option<Link> {
    // A cheap check for the many positions without a link.
    let first = text.chars().next()?;
    if !first.is_alphanumeric() && first != '+' {
        return None;
    }
    web(text).or_else(|| phone(text)).or_else(|| mail(text))
}

/// Returns the URL of a text that is an address and nothing else.
pub fn address_of(text: &str) -> Option<String> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || "<>\"".contains(c)) {
        return None;
    }
    let link = link_at(text)?;
    if link.text.len() == text.len() {
        return Some(link.address);
    }
    // A URL on purpose can end with what is punctuation in a sentence.
    ["http://", "https://"].into_iter().any(|scheme| has_prefix(&link.address, scheme)).then(|| {
        let rest = &text[link.text.len()..];
        format!("{}{rest}", link.address)
    })
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn web(text: &str) -> Option<Link> {
    let scheme = ["https://", "http://", "www."].into_iter().find(|scheme| has_prefix(text, scheme))?;
    // An invisible character could hide what follows, or reverse it.
    let end = text.find(|c: char| c.is_whitespace() || is_invisible(c) || "<>\"".contains(c)).unwrap_or(text.len());
    let end = text[..end].find("](").unwrap_or(end);
    let address = without_punctuation(&text[..end]);
    let host = address.get(scheme.len()..)?;
    if !host.starts_with(char::is_alphanumeric) && !host.starts_with('[') {
        return None;
    }
    if scheme != "www." {
        return Some(Link { text: address.to_owned(), address: address.to_owned() });
    }
    let is_host = host.split(['/', '?', '#']).next()?.split('.').filter(|part| !part.is_empty()).count() > 1;
    is_host.then(|| Link { text: address.to_owned(), address: format!("https://{address}") })
}

/// Removes punctuation of the sentence, and brackets that were opened before the URL.
pub fn without_punctuation(address: &str) -> &str {
    without_end(address, &[])
}

/// Like [`without_punctuation`], and removes these marks at the end too.
pub fn without_end<'a>(mut address: &'a str, marks: &[char]) -> &'a str {
    let count = |c: char| address.matches(c).count();
    // Counted once, because a URL may end with thousands of brackets.
    let mut brackets =
        [('(', ')'), ('[', ']'), ('{', '}')].map(|(open, close)| (open, close, count(open), count(close)));
    while let Some(last) = address.chars().next_back() {
        let unopened = brackets.iter().any(|(_, close, opened, closed)| *close == last && closed > opened);
        if !unopened && !address.ends_with(PUNCTUATION) && !marks.contains(&last) {
            break;
        }
        for (open, close, opened, closed) in &mut brackets {
            *opened -= usize::from(*open == last);
            *closed -= usize::from(*close == last);
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

/// Parses a phone number such as `+44 (0)20 7946 0958`, also with `tel:` before it.
fn phone(text: &str) -> Option<Link> {
    let prefix = if has_prefix(text, "tel:") { 4 } else { 0 };
    let number = &text[prefix..];
    if !number.starts_with('+') {
        return None;
    }
    let end = number[1..]
        .find(|c: char| !c.is_ascii_digit() && !" \u{a0}-.()/".contains(c))
        .map_or(number.len(), |end| end + 1);
    let last = number[..end].rfind(|c: char| c.is_ascii_digit())?;
    let number = &number[..=last];
    // The zero in brackets is not dialed from abroad.
    let digits: String = number.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    let is_phone = PHONE_DIGITS.contains(&digits.len()) && number[1..].starts_with(|c: char| c.is_ascii_digit());
    is_phone.then(|| Link { text: text[..=prefix + last].to_owned(), address: format!("tel:+{digits}") })
}

fn mail(text: &str) -> Option<Link> {
    let prefix = if has_prefix(text, "mailto:") { 7 } else { 0 };
    let rest = &text[prefix..];
    let at = rest.find(|c: char| !c.is_alphanumeric() && !"._%+-".contains(c)).filter(|at| *at > 0)?;
    let host = rest[at..].strip_prefix('@')?;
    let end = host.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').unwrap_or(host.len());
    let host = host[..end].trim_end_matches(['.', '-']);
    let (name, top) = host.rsplit_once('.')?;
    if name.is_empty() || name.starts_with('.') || top.chars().count() < 2 || !top.chars().all(char::is_alphabetic) {
        return None;
    }
    let address = &rest[..at + 1 + host.len()];
    Some(Link { text: text[..prefix + address.len()].to_owned(), address: format!("mailto:{address}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(mut text: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        while let Some((before, link)) = first_link(text) {
            text = &text[before + link.text.len()..];
            found.push((link.text, link.address));
        }
        found
    }

    #[test]
    fn addresses_end_where_people_end_them() {
        for (text, expected) in [
            ("https://example.com/a?b=c). ", "https://example.com/a?b=c"),
            ("(https://example.com/a)", "https://example.com/a"),
            ("https://en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)"),
            ("(see https://en.wikipedia.org/wiki/Foo_(bar)).", "https://en.wikipedia.org/wiki/Foo_(bar)"),
            ("[https://example.com/x[1]]", "https://example.com/x[1]"),
            ("HTTPS://EXAMPLE.COM/A", "HTTPS://EXAMPLE.COM/A"),
            ("\"https://example.com\"", "https://example.com"),
            ("see:https://example.com!", "https://example.com"),
            ("[https://example.com](https:", "https://example.com"),
            ("https://example.com/a\u{202e}gpj", "https://example.com/a"),
            ("https://example.com/(a)))", "https://example.com/(a)"),
        ] {
            assert_eq!(links(text), [(expected.to_owned(), expected.to_owned())], "{text}");
        }
    }

    #[test]
    fn other_kinds_lead_where_they_should() {
        for (text, shown, address) in [
            ("at www.example.com/a.", "www.example.com/a", "https://www.example.com/a"),
            ("Write to jane.doe+x@example.co.uk.", "jane.doe+x@example.co.uk", "mailto:jane.doe+x@example.co.uk"),
            ("(mailto:jane@example.com)", "mailto:jane@example.com", "mailto:jane@example.com"),
            ("Call +44 (0)20 7946 0958, please", "+44 (0)20 7946 0958", "tel:+442079460958"),
            ("tel:+1-555-123-4567", "tel:+1-555-123-4567", "tel:+15551234567"),
            ("+49 170 1234567\n2 pieces", "+49 170 1234567", "tel:+491701234567"),
        ] {
            assert_eq!(links(text), [(shown.to_owned(), address.to_owned())], "{text}");
        }
    }

    #[test]
    fn text_that_resembles_a_link_stays_text() {
        for text in [
            "https://",
            "www.",
            "www.a",
            "javascript:alert(1)",
            "a@b",
            "@jane",
            "jane@",
            "+1 2",
            "1 + 1",
            "x+491701234567",
            "a.b.c",
            "http://)",
            "@@example.com",
            "+",
            "+()",
            "ü@",
            "file:///etc/passwd",
        ] {
            assert_eq!(links(text), [], "{text}");
        }
    }

    #[test]
    fn an_address_is_the_whole_text() {
        for (text, address) in [
            ("https://example.com/a.", Some("https://example.com/a.")),
            ("HTTP://example.com", Some("HTTP://example.com")),
            ("www.example.com/a_b", Some("https://www.example.com/a_b")),
            ("mailto:jane@example.com", Some("mailto:jane@example.com")),
            ("tel:+491701234567", Some("tel:+491701234567")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("/inbox", None),
            ("//example.com", None),
            ("https://example.com/a b", None),
            ("https://example.com/\u{202e}gpj", None),
            ("jane@example.com and more", None),
            ("", None),
        ] {
            assert_eq!(address_of(text).as_deref(), address, "{text}");
        }
    }

    #[test]
    fn every_text_comes_apart_into_the_same_text() {
        let pieces = ["https://ä.example/(x)", "www.", "(", ")", " ", "+44 ", "a@b.de", "🎉", ".", "tel:", "\n", "é"];
        for seed in 0..4000_usize {
            let text: String =
                (0..6).map(|place| pieces[(seed * 31 + place * 7 + seed / (place + 1)) % pieces.len()]).collect();
            let mut rest = text.as_str();
            let mut again = String::new();
            while let Some((before, link)) = first_link(rest) {
                again += &rest[..before];
                again += &link.text;
                rest = &rest[before + link.text.len()..];
            }
            assert_eq!(again + rest, text);
        }
    }
}
