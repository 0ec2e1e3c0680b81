//! Tests of the Markdown of messages.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Shows the tree in a line: `{b …}` for bold, `{i …}` for italic, `{c …}` for code, `{a URL …}` for a link.
fn shown(text: &str) -> String {
    let mut out = String::new();
    match parse(text) {
        Some(blocks) => show_blocks(&mut out, &blocks),
        None => out.push_str(text),
    }
    out
}

fn show_blocks(out: &mut String, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Text(inlines) => show_inlines(out, inlines),
            Block::Code(code) => _ = write!(out, "{{pre {code}}}"),
            Block::Quote(blocks) => {
                out.push_str("{q ");
                show_blocks(out, blocks);
                out.push('}');
            }
            Block::List { start, items } => {
                out.push_str(&start.map_or_else(|| "{ul".to_owned(), |start| format!("{{ol{start}")));
                for item in items {
                    out.push_str(" (");
                    show_blocks(out, item);
                    out.push(')');
                }
                out.push('}');
            }
        }
    }
}

fn show_inlines(out: &mut String, inlines: &[Inline]) {
    for inline in inlines {
        let (name, inside) = match inline {
            Inline::Text(text) => {
                out.push_str(text);
                continue;
            }
            Inline::Code(code) => {
                let _ = write!(out, "{{c {code}}}");
                continue;
            }
            Inline::Strong(inside) => ("b".to_owned(), inside),
            Inline::Emphasis(inside) => ("i".to_owned(), inside),
            Inline::Link { text, address } => (format!("a {address}"), text),
        };
        let _ = write!(out, "{{{name} ");
        show_inlines(out, inside);
        out.push('}');
    }
}

#[test]
fn marks_within_a_line() {
    for (text, expected) in [
        ("**bold** and *italic*", "{b bold} and {i italic}"),
        ("_italic_", "{i italic}"),
        ("***both***", "{i {b both}}"),
        ("**bold with *italic* inside**", "{b bold with {i italic} inside}"),
        ("**_both_**", "{b {i both}}"),
        ("(**Note**: read)", "({b Note}: read)"),
        ("\"*cough*\"", "\"{i cough}\""),
        ("**Mara**'s van", "{b Mara}'s van"),
        ("run `cargo test`, then", "run {c cargo test}, then"),
        ("``a ` b``", "{c a ` b}"),
        ("`` `x` ``", "{c `x`}"),
        ("```one line```", "{c one line}"),
        ("`**not bold**`", "{c **not bold**}"),
        ("*see `a*b`*", "{i see {c a*b}}"),
        ("这是**重点**内容", "这是{b 重点}内容"),
        ("**first**\n**second**", "{b first}\n{b second}"),
        ("**:party:**", "{b :party:}"),
        ("**https://example.com/a_b**", "{b https://example.com/a_b}"),
        ("_https://example.com/a_", "{i https://example.com/a}"),
        ("`https://example.com/a*b*`", "{c https://example.com/a*b*}"),
        ("# **Heading**", "# {b Heading}"),
        ("   **indented**", "   {b indented}"),
        ("x **a** &amp; <b>", "x {b a} &amp; <b>"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn links_have_a_text_and_a_safe_url() {
    for (text, expected) in [
        ("[the plan](https://example.com/plan)", "{a https://example.com/plan the plan}"),
        ("see [1](http://example.com).", "see {a http://example.com 1}."),
        ("[**bold** `code`](www.example.com)", "{a https://www.example.com {b bold} {c code}}"),
        ("[mail](mailto:jane@example.com)", "{a mailto:jane@example.com mail}"),
        ("[call](tel:+491701234567)", "{a tel:+491701234567 call}"),
        ("[a](https://en.wikipedia.org/wiki/Foo_(bar))", "{a https://en.wikipedia.org/wiki/Foo_(bar) a}"),
        ("**[a](https://example.com)**", "{b {a https://example.com a}}"),
        ("[https://example.com](https://example.com)", "{a https://example.com https://example.com}"),
        // Names another URL.
        ("[https://bank.example](https://evil.example)", "[https://bank.example](https://evil.example)"),
        ("[http://a.b https://bank.example](http://a.b)", "[http://a.b https://bank.example](http://a.b)"),
        ("[\u{202e}elpmaxe](https://evil.example)", "[\u{202e}elpmaxe](https://evil.example)"),
        ("[https:\u{200b}//bank.example](https://a.b)", "[https:\u{200b}//bank.example](https://a.b)"),
        ("[plan.pdf](https://example.com/plan.pdf)", "{a https://example.com/plan.pdf plan.pdf}"),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("[a](data:text/html,x)", "[a](data:text/html,x)"),
        ("[a](/inbox)", "[a](/inbox)"),
        ("[a](https://example.com \"title\")", "[a](https://example.com \"title\")"),
        ("[a](<https://example.com>)", "[a](<https://example.com>)"),
        ("[a](https://example.com/\u{202e}b)", "[a](https://example.com/\u{202e}b)"),
        ("![a](https://example.com/a.png)", "![a](https://example.com/a.png)"),
        ("[](https://example.com)", "[](https://example.com)"),
        ("list[0](https://example.com)", "list[0](https://example.com)"),
        ("[a]: https://example.com\n[a]", "[a]: https://example.com\n[a]"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn blocks_of_lines() {
    for (text, expected) in [
        ("```\nlet a = 1;\n\n  **b**\n```", "{pre let a = 1;\n\n  **b**}"),
        ("Run:\n```sh\nmake\n```\nDone", "Run:{pre make}Done"),
        ("````\n```\n````", "{pre ```}"),
        ("> quoted\n> **more**\n\nanswer", "{q quoted\n{b more}}answer"),
        ("Forwarded from Jane:\n> one\n> \n> two", "Forwarded from Jane:{q one\n\ntwo}"),
        ("> a\n> > b", "{q a{q b}}"),
        ("Bring:\n- keys\n- the **drill**", "Bring:{ul (keys) (the {b drill})}"),
        ("* one\n* two", "{ul (one) (two)}"),
        ("1. one\n2. two", "{ol1 (one) (two)}"),
        ("3. Mai\n4. Juni", "{ol3 (Mai) (Juni)}"),
        ("- a\n\n- b", "{ul (a) (b)}"),
        ("- a\n  more\n- b", "{ul (a\nmore) (b)}"),
        ("- a\n  - inner\n- b", "{ul (a{ul (inner)}) (b)}"),
        ("1. a\n   - x\n   - y\n2. b", "{ol1 (a{ul (x) (y)}) (b)}"),
        ("- a\n\tmore\n- b", "{ul (a\nmore) (b)}"),
        ("- a\n  ```\n  code\n    more\n  ```\n- b", "{ul (a{pre code\n  more}) (b)}"),
        ("> - a\n> - b", "{q {ul (a) (b)}}"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_clearly_markdown_stays() {
    for text in [
        "2 * 3 * 4",
        "2*3*4",
        "5*x + 3*y",
        "a*b*c",
        "2**10 and 3**2",
        "f(*args, **kwargs)",
        "Price* and cost*",
        "*excl. VAT",
        "*.txt and *.log",
        "*.*",
        "src/**/*.rs and **/*.md",
        "/* comment */",
        "*_* ^_^ -_- >_< T_T",
        "snake_case_name and _private",
        "__init__.py",
        "Name: ____ Date: ____",
        ":thumbs_up:",
        "https://example.com/_a_/*b*?c=_d_",
        "(https://en.wikipedia.org/wiki/Foo_(bar)) and Baz_(x)",
        "jane_doe_x@example.com",
        "C:\\path\\*foo*\\_bar_",
        "\\*not italic\\*",
        "wie geht`s und wie steht`s",
        "the dogs` toys and the cats` food",
        "``quoted''",
        "* note",
        "- Mara",
        "-- \nMara",
        "---",
        "* * *\n* * *",
        "1. first only",
        "1. a\n1. b",
        "1. a\n3. b",
        "1) a\n2) b",
        "1999. Then\n2000. Now",
        "+ cheap\n+ fast",
        "-5\n-3",
        "#1234",
        "# Heading",
        "Heading\n=======",
        "Heading\n---",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "    indented",
        "<b>bold</b> &amp; <script>alert(1)</script>",
        "<https://example.com>",
        ">>> print(1)",
        ">100 people",
        "> ",
        "```",
        "```\nnever closed",
        "```\n```",
        "~~~\ncode\n~~~",
        "~~gone~~",
        "first  \nsecond",
        "****",
        "**",
        "[ ] open\n[x] done",
    ] {
        assert_eq!(parse(text), None, "{text}");
        assert_eq!(plain(text), text);
    }
}

#[test]
fn words_without_marks() {
    for (text, words) in [
        ("**Bold** `code` [plan](https://example.com)", "Bold code plan"),
        ("> quoted\n\nanswer", "quoted\nanswer"),
        ("To do:\n- a\n- _b_", "To do:\n• a\n• b"),
        ("2. a\n3. b", "2. a\n3. b"),
        ("```\na\nb\n```", "a\nb"),
    ] {
        assert_eq!(plain(text), words, "{text}");
    }
    // Cut within a block of code.
    assert_eq!(plain_beginning("```\nabcdef\n```", 7), "abc");
    assert_eq!(plain_beginning("**é**", 3), "**é");
    assert_eq!(plain_beginning("plain", 100), "plain");
}

fn depth_of(blocks: &[Block]) -> usize {
    let depth = |block: &Block| match block {
        Block::Text(inlines) => depth_of_inlines(inlines),
        Block::Code(_) => 0,
        Block::Quote(blocks) => 1 + depth_of(blocks),
        Block::List { items, .. } => 1 + items.iter().map(|item| depth_of(item)).max().unwrap_or(0),
    };
    blocks.iter().map(depth).max().unwrap_or(0)
}

fn depth_of_inlines(inlines: &[Inline]) -> usize {
    let depth = |inline: &Inline| match inline {
        Inline::Text(_) | Inline::Code(_) => 0,
        Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Link { text: inside, .. } => {
            1 + depth_of_inlines(inside)
        }
    };
    inlines.iter().map(depth).max().unwrap_or(0)
}

#[test]
fn hostile_texts_are_not_nested_deeply() {
    let backticks: String = (1..190).map(|length| "`".repeat(length) + " ").collect();
    let fences: String = (3..190).rev().map(|length| "`".repeat(length) + "x\n").collect();
    let staircase: String = (0..190).map(|depth| " ".repeat(depth) + "- a\n").collect();
    let hostile = [
        "*a* ".to_owned() + &"-".repeat(19_996),
        "*x* http://a/".to_owned() + &")*".repeat(9990),
        "*x* http://a/".to_owned() + &"(.*".repeat(6600),
        "*".repeat(8000),
        "_".repeat(8000),
        "`".repeat(8000),
        "**a ".repeat(5000),
        "*a _b ".repeat(3000),
        "*a **b ".repeat(2500) + &"c* d** ".repeat(300),
        "[".repeat(20_000),
        "[a](".repeat(5000),
        "![[".repeat(6000),
        "](https://a.b ".repeat(1400),
        "[https://a.b](".repeat(1400),
        "> ".repeat(10_000) + "a",
        "- ".repeat(10_000) + "a",
        "> - 1. ".repeat(2800) + "a",
        "- a\n".repeat(5000),
        "1. a\n".repeat(4000),
        "```\n".repeat(5000) + "a",
        "```x\n".repeat(4000),
        "`a` ".repeat(5000),
        "*a*\n".repeat(5000),
        "- a\n\n  b\n".repeat(2000),
        "<a *b* ".repeat(2800),
        "\\".repeat(20_000),
        "&*a*".repeat(5000),
        "https://a.b*c*".repeat(1400),
        "> a\n>".repeat(3000),
        backticks,
        fences,
        staircase,
    ];
    for text in &hostile {
        if let Some(blocks) = parse(text) {
            assert!(depth_of(&blocks) <= 2 * DEPTH_MAX, "{}", &text[..40]);
        }
    }
}

/// The characters that are shown, without whitespace.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

proptest! {
    #[test]
    fn no_word_is_lost(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "**", "*", "_", "`", "```", "```\n", "\n", "\n\n", "> ", "- ", "  - ", "1. ", "2. ", "a", "word", "é", "重",
                " ", "  ", "[", "](", ")", "\\", "<b>", "&amp;", "# ", "👍", ":", ".", "!", "|", "www.a.b", "(", "\t", "\r\n",
            ]),
            0..40,
        )
    ) {
        let text = pieces.concat();
        // Languages of fences and URLs of links are not shown; these pieces make neither.
        prop_assume!(!text.contains("](") && !text.contains("```"));
        let words = plain(&text);
        prop_assert_eq!(letters(&words), letters(&text));
    }

    #[test]
    fn every_text_is_parsed(text in "[*_`>\\-1. \\n\\[\\]()a\\\\é!<&]{0,200}") {
        if let Some(blocks) = parse(&text) {
            prop_assert!(!blocks.is_empty());
        }
        plain_beginning(&text, 50);
    }
}
