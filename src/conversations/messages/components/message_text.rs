//! The text of a message, with URLs and phone numbers as links and emoji as pictures.

use dioxus::prelude::*;

use crate::channels::mentions::{Mention, Piece, pieces};
use crate::files::emoji::components::{EmojiText, use_custom_emoji};
use crate::files::emoji::text::is_only_emoji;
use crate::people::organizations::components::use_session;
use crate::platform::links::{Link, first_link};

/// Nothing of the text is parsed as markup. `mentions` are those of the message. Up to three emoji and nothing else are shown large.
#[component]
pub fn MessageText(text: String, #[props(default)] mentions: Vec<Mention>) -> Element {
    let custom = use_custom_emoji();
    let large = is_only_emoji(&text, |name| custom.knows(name));
    rsx! {
        p { class: "entry-body", dir: "auto", "translate": "yes", "data-large": if large { "" },
            for run in runs(&text, &mentions) {
                match run {
                    Run::Link(link) => rsx! {
                        a { class: "link", href: "{link.address}", target: "_blank", rel: "noopener noreferrer nofollow", "{link.text}" }
                    },
                    Run::Mention(mention) => rsx! {
                        MentionName { mention }
                    },
                    Run::Text(text) => rsx! {
                        EmojiText { text }
                    },
                }
            }
        }
    }
}

/// The present name of a mentioned member, highlighted for themselves.
#[component]
fn MentionName(mention: Mention) -> Element {
    let is_own = use_session().member_id == mention.id;
    rsx! {
        span { class: "mention", "data-own": if is_own { "" }, "@{mention.name}" }
    }
}

#[derive(Debug, PartialEq)]
enum Run {
    Text(String),
    Link(Link),
    Mention(Mention),
}

/// Splits the text at mentions and links.
fn runs(text: &str, mentions: &[Mention]) -> Vec<Run> {
    let mut runs = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => runs.extend(with_links(text)),
            Piece::Token(token, id) => {
                let mention = mentions.iter().find(|mention| mention.id == id);
                runs.push(mention.map_or_else(|| Run::Text(token.to_owned()), |mention| Run::Mention(mention.clone())));
            }
        }
    }
    runs
}

/// Splits the text; words between two links stay together.
fn with_links(text: &str) -> Vec<Run> {
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
    use uuid::Uuid;

    use super::*;
    use crate::channels::mentions::token;
    use crate::ids::MemberId;

    #[test]
    fn words_stay_together() {
        let text = |text: &str| Run::Text(text.to_owned());
        let link =
            Run::Link(Link { text: "https://example.com".to_owned(), address: "https://example.com".to_owned() });
        assert_eq!(runs("see https://example.com, or not", &[]), [text("see "), link, text(", or not")]);
    }

    #[test]
    fn mentions_of_the_message_are_names() {
        let [mara, noor] = [1, 2].map(|number| MemberId(Uuid::from_u128(number)));
        let mention = Mention { id: mara, name: "Mara Ellis".to_owned() };
        let text = format!("Hi {}{}", token(mara), token(noor));
        let expected = [Run::Text("Hi ".to_owned()), Run::Mention(mention.clone()), Run::Text(token(noor))];
        assert_eq!(runs(&text, &[mention]), expected);
    }
}
