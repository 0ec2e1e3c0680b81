//! The text of a message, with URLs and phone numbers as links and emoji as pictures.

use dioxus::prelude::*;

use super::links::{Link, first_link};
use crate::files::emoji::components::{EmojiText, use_custom_emoji};
use crate::files::emoji::text::is_only_emoji;

/// Nothing of the text is parsed as markup. Up to three emoji and nothing else are shown large.
#[component]
pub fn MessageText(text: String) -> Element {
    let custom = use_custom_emoji();
    let large = is_only_emoji(&text, |name| custom.knows(name));
    rsx! {
        p { class: "entry-body", dir: "auto", "translate": "yes", "data-large": if large { "" },
            for run in runs(&text) {
                match run {
                    Run::Link(link) => rsx! {
                        a { class: "link", href: "{link.address}", target: "_blank", rel: "noopener noreferrer nofollow", "{link.text}" }
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
    Link(Link),
}

/// Splits the text; words between two links stay together.
fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some((before, link)) = first_link(rest) {
        if before > 0 {
            runs.push(Run::Text(rest[..before].to_owned()));
        }
        rest = &rest[before + link.text.len()..];
        runs.push(Run::Link(link));
    }
    if !rest.is_empty() {
        runs.push(Run::Text(rest.to_owned()));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_together() {
        let text = |text: &str| Run::Text(text.to_owned());
        let link =
            Run::Link(Link { text: "https://example.com".to_owned(), address: "https://example.com".to_owned() });
        assert_eq!(runs("see https://example.com, or not"), [text("see "), link, text(", or not")]);
    }
}
