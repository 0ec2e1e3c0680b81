//! What a message says: its words, with web addresses as links and emoji as pictures.

use dioxus::prelude::*;

use crate::emoji::components::{EmojiText, use_custom_emoji};
use crate::emoji::text::is_only_emoji;

/// Nothing of the text is read as markup. A few emoji and nothing else are shown large.
#[component]
pub fn MessageText(text: String) -> Element {
    let custom = use_custom_emoji();
    let large = is_only_emoji(&text, |name| custom.knows(name));
    rsx! {
        p { class: "entry-body", dir: "auto", "data-large": if large { "" },
            for run in runs(&text) {
                match run {
                    Run::Link(address) => rsx! {
                        a { class: "link", href: "{address}", target: "_blank", rel: "noopener noreferrer nofollow", "{address}" }
                    },
                    Run::Text(text) => rsx! {
                        EmojiText { text }
                    },
                }
            }
        }
    }
}

#[derive(Debug, PartialEq)]
enum Run {
    Text(String),
    Link(String),
}

/// The words between two addresses stay together.
fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut words = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let Some((address, rest)) = web_address(word) else {
            words.push_str(word);
            continue;
        };
        if !words.is_empty() {
            runs.push(Run::Text(std::mem::take(&mut words)));
        }
        runs.push(Run::Link(address.to_owned()));
        words.push_str(rest);
    }
    if !words.is_empty() {
        runs.push(Run::Text(words));
    }
    runs
}

/// The address at the start of a word, without the punctuation that ends a sentence.
fn web_address(word: &str) -> Option<(&str, &str)> {
    if !word.starts_with("https://") && !word.starts_with("http://") {
        return None;
    }
    let address = word.trim_end().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '"', '\'']);
    let host = address.split_once("://").map_or("", |(_, rest)| rest);
    (!host.is_empty()).then(|| word.split_at(address.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_punctuation() {
        assert_eq!(web_address("https://example.com/a?b=c). "), Some(("https://example.com/a?b=c", "). ")));
        assert_eq!(web_address("https://"), None);
        assert_eq!(web_address("javascript:alert(1)"), None);
    }

    #[test]
    fn words_stay_together() {
        let text = |text: &str| Run::Text(text.to_owned());
        let link = Run::Link("https://example.com".to_owned());
        assert_eq!(runs("see https://example.com, or not"), [text("see "), link, text(", or not")]);
    }
}
