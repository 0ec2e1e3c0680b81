//! Checks the words that people read: a snapshot of the interface's strings and errors, and a limit on unusual English.
//!
//! After a change of words, run `INSTA_UPDATE=always cargo test --features server --test words` and review the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Maximum number of unusual words in comments and docs.
const MAX_UNUSUAL: usize = 25;
/// Maximum number of British spellings in code, comments and docs.
const MAX_BRITISH: usize = 10;
/// Words and phrases that have a plainer form. Compared without case, as whole words.
const UNUSUAL: [&str; 30] = [
    "anew",
    "answers whether",
    "as ever",
    "by itself alone",
    "counts as",
    "doomed",
    "everybody",
    "for ever",
    "goes on",
    "goes round",
    "gone for good",
    "handed",
    "holds",
    "in hand",
    "is asked",
    "is led",
    "is left",
    "is told",
    "are told",
    "leads nowhere",
    "meanwhile",
    "of everybody",
    "one's own",
    "stands",
    "takes",
    "under way",
    "whatever",
    "whichever",
    "whoever",
    "who has none",
];
/// Beginnings or parts of British spellings, in lower case.
const BRITISH: [&str; 24] = [
    "analyse",
    "behaviour",
    "cancelled",
    "cancelling",
    "catalogue",
    "centre",
    "colour",
    "favour",
    "honour",
    "initialis",
    "judgement",
    "labelled",
    "licence",
    "neighbour",
    "normalis",
    "optimis",
    "organis",
    "realise",
    "recognis",
    "serialis",
    "signalled",
    "spelt",
    "summaris",
    "unauthoris",
];
/// Beginnings of SQL texts, which are not for people.
const SQL: [&str; 15] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", "BEGIN", "PRAGMA", "CASE", "ORDER", "EXISTS", "COALESCE",
    "DO", "DROP", "SET",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

/// Returns path and text of all files of a folder with this extension, by path.
fn texts(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root().join(folder), extension, &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(read).collect()
}

/// Whether a file has tests or test data only.
fn is_test(file: &str) -> bool {
    file.ends_with("tests.rs") || file.contains("/hostile") || file.contains("admin/demo/")
}

/// Adds the string literals of code, without attributes (doc comments are some) and without test modules.
fn literals(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut in_test = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!') {
                    tokens.next();
                }
                if let Some(TokenTree::Group(group)) = tokens.peek()
                    && group.delimiter() == Delimiter::Bracket
                {
                    let attribute = group.stream().to_string().replace(' ', "");
                    in_test |=
                        attribute.starts_with("cfg(") && attribute.contains("test") && !attribute.contains("not(test");
                    tokens.next();
                }
            }
            TokenTree::Group(group) if in_test && group.delimiter() == Delimiter::Brace => in_test = false,
            TokenTree::Punct(mark) if in_test && mark.as_char() == ';' => in_test = false,
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if let Some(text) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                    found.push(joined(text));
                }
            }
            _ => {}
        }
    }
}

/// Joins the lines of a literal that are continued with a backslash.
fn joined(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + line.trim_start()).replace('\n', "\\n")
}

/// Whether a literal is for people: it begins with a capital and has several words, or is a label of a component. Paths of SVG
/// drawings are not.
fn is_for_people(file: &str, text: &str) -> bool {
    let word = text.split([' ', '(']).next().unwrap_or_default();
    let is_label = file.contains("/components/") || file.starts_with("src/ui/") || file.starts_with("src/admin/");
    let is_drawing = text.chars().nth(1).is_some_and(|second| second.is_ascii_digit());
    text.starts_with(|first: char| first.is_uppercase())
        && !is_drawing
        && text.contains(|letter: char| letter.is_lowercase())
        && !SQL.contains(&word)
        && (text.contains(' ') || is_label && text.chars().all(|letter| letter.is_alphabetic() || letter == '…'))
}

/// Returns the strings for people by room.
fn strings() -> BTreeMap<String, BTreeSet<String>> {
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in texts("src", "rs") {
        if is_test(&file) {
            continue;
        }
        let mut found = Vec::new();
        literals(text.parse().unwrap_or_else(|error| panic!("{file}: {error}")), &mut found);
        let room = file.split('/').nth(1).unwrap();
        let room = if room.contains('.') { "app" } else { room };
        rooms.entry(room.to_owned()).or_default().extend(found.into_iter().filter(|text| is_for_people(&file, text)));
    }
    rooms
}

#[test]
fn changes_of_words_are_reviewed() {
    for (room, strings) in strings().into_iter().filter(|(_, strings)| !strings.is_empty()) {
        let text = strings.iter().fold(String::new(), |text, line| text + line + "\n");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("words-{room}"), text);
        });
    }
}

#[test]
fn literals_are_found_without_attributes_and_tests() {
    let code = "#![doc = \"No\"] /// No\n fn a() { rsx! { p { title: \"One two\", \"Three\\\n   four\" } } }
        #[cfg(test)] mod tests { fn b() { \"No\"; } } const C: &str = \"Five\";";
    let mut found = Vec::new();
    literals(code.parse().unwrap(), &mut found);
    assert_eq!(found, ["One two", "Threefour", "Five"]);
}

/// Returns the comments of Rust code, one a line.
fn comments(text: &str) -> String {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("//"))
        .map(|line| line.trim_start_matches(['/', '!']))
        .fold(String::new(), |all, line| all + line + "\n")
}

/// Returns the occurrences of whole words or phrases, which may be split over two lines.
fn occurrences<'a>(text: &str, phrases: &'a [&'a str]) -> Vec<&'a str> {
    let words: Vec<_> = text
        .split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '\'')))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = format!(" {} ", words.join(" "));
    phrases
        .iter()
        .flat_map(|phrase| text.matches(&format!(" {phrase} ")).map(|_| *phrase).collect::<Vec<_>>())
        .collect()
}

/// Returns the docs as path and text.
fn docs() -> Vec<(String, String)> {
    let readme = ("README.md".to_owned(), fs::read_to_string(root().join("README.md")).unwrap());
    texts("docs", "md").into_iter().chain([readme]).collect()
}

#[test]
fn comments_and_docs_are_in_plain_english() {
    let code = texts("src", "rs").into_iter().map(|(file, text)| (file, comments(&text)));
    let mut report = String::new();
    let mut count = 0;
    for (file, text) in code.chain(docs()) {
        let found = occurrences(&text, &UNUSUAL);
        count += found.len();
        if !found.is_empty() {
            writeln!(report, "{file}: {}", found.join(", ")).unwrap();
        }
    }
    assert!(count <= MAX_UNUSUAL, "{count} unusual words, more than {MAX_UNUSUAL}:\n{report}");
}

#[test]
fn spelling_is_american() {
    let code = texts("src", "rs").into_iter().chain(texts("tests", "rs")).filter(|(file, _)| file != "tests/words.rs");
    let mut found = Vec::new();
    for (file, text) in code.chain(texts("tests", "ts")).chain(docs()) {
        for (number, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            found.extend(
                BRITISH.iter().filter(|word| line.contains(**word)).map(|word| format!("{file}:{} {word}", number + 1)),
            );
        }
    }
    assert!(found.len() <= MAX_BRITISH, "more than {MAX_BRITISH} British spellings:\n{}", found.join("\n"));
}

#[test]
fn unusual_and_british_words_are_found() {
    assert_eq!(occurrences("Fetched anew. Whoever\nis told", &UNUSUAL), ["anew", "is told", "whoever"]);
    assert_eq!(occurrences("anew_one", &UNUSUAL), Vec::<&str>::new());
    assert!(BRITISH.iter().any(|word| "the colour".contains(word)));
}
