//! The text of a message: Markdown as nodes, URLs and phone numbers as links, and emoji as pictures.

use dioxus::prelude::*;

use crate::channels::mentions::{Mention, Piece, pieces, with_names};
use crate::files::emoji::components::{EmojiText, use_custom_emoji};
use crate::files::emoji::text::is_only_emoji;
use crate::people::organizations::components::use_session;
use crate::platform::links::{Link, first_link};
use crate::platform::markdown::{self, Block, Inline};

/// HTML stays text. `mentions` are those of the message. Up to three emoji and nothing else are shown large.
#[component]
pub fn MessageText(text: String, #[props(default)] mentions: Vec<Mention>) -> Element {
    let custom = use_custom_emoji();
    match markdown::parse(&text).as_deref() {
        None => {
            let large = is_only_emoji(&text, |name| custom.knows(name));
            rsx! {
                p { class: "entry-body", dir: "auto", "translate": "yes", "data-large": if large { "" }, {linked(&text, &mentions)} }
            }
        }
        Some([Block::Text(inlines)]) => rsx! {
            p { class: "entry-body", dir: "auto", "translate": "yes", {inlines_shown(inlines, &mentions)} }
        },
        Some(blocks) => rsx! {
            div { class: "entry-body md", dir: "auto", "translate": "yes", {blocks_shown(blocks, &mentions)} }
        },
    }
}

fn blocks_shown(blocks: &[Block], mentions: &[Mention]) -> Element {
    rsx! {
        for block in blocks {
            match block {
                Block::Text(inlines) => rsx! {
                    p { dir: "auto", {inlines_shown(inlines, mentions)} }
                },
                // Long lines scroll, by keyboard too.
                Block::Code(code) => rsx! {
                    pre { class: "md-code", dir: "ltr", "translate": "no", tabindex: "0",
                        code { {with_names(code, mentions)} }
                    }
                },
                Block::Quote(blocks) => rsx! {
                    blockquote { dir: "auto", {blocks_shown(blocks, mentions)} }
                },
                Block::List { start: Some(start), items } => rsx! {
                    ol { dir: "auto", start: "{start}", {items_shown(items, mentions)} }
                },
                Block::List { start: None, items } => rsx! {
                    ul { dir: "auto", {items_shown(items, mentions)} }
                },
            }
        }
    }
}

fn items_shown(items: &[Vec<Block>], mentions: &[Mention]) -> Element {
    rsx! {
        for blocks in items {
            li { {blocks_shown(blocks, mentions)} }
        }
    }
}

fn inlines_shown(inlines: &[Inline], mentions: &[Mention]) -> Element {
    rsx! {
        for inline in inlines {
            match inline {
                Inline::Text(text) => linked(text, mentions),
                Inline::Code(code) => rsx! {
                    code { class: "md-code", "translate": "no", {with_names(code, mentions)} }
                },
                Inline::Strong(inlines) => rsx! {
                    strong { {inlines_shown(inlines, mentions)} }
                },
                Inline::Emphasis(inlines) => rsx! {
                    em { {inlines_shown(inlines, mentions)} }
                },
                Inline::Link { text, address } => rsx! {
                    Anchor { address: address.clone(), title: address.clone(), {label_shown(text, mentions)} }
                },
            }
        }
    }
}

/// The text of a link, in which nothing else is a link.
fn label_shown(inlines: &[Inline], mentions: &[Mention]) -> Element {
    rsx! {
        for inline in inlines {
            match inline {
                Inline::Text(text) => rsx! {
                    EmojiText { text: with_names(text, mentions) }
                },
                Inline::Code(code) => rsx! {
                    code { class: "md-code", "translate": "no", {with_names(code, mentions)} }
                },
                Inline::Strong(inlines) => rsx! {
                    strong { {label_shown(inlines, mentions)} }
                },
                Inline::Emphasis(inlines) => rsx! {
                    em { {label_shown(inlines, mentions)} }
                },
                Inline::Link { text, .. } => label_shown(text, mentions),
            }
        }
    }
}

/// A text with links and mentions.
fn linked(text: &str, mentions: &[Mention]) -> Element {
    rsx! {
        for run in runs(text, mentions) {
            match run {
                Run::Link(link) => rsx! {
                    Anchor { address: link.address, "{link.text}" }
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

#[component]
fn Anchor(address: String, #[props(default)] title: Option<String>, children: Element) -> Element {
    rsx! {
        a { class: "link", href: "{address}", target: "_blank", rel: "noopener noreferrer nofollow", title, {children} }
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
