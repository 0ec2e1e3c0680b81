//! The table rows of texts, and the few patterns by which the beginning of a text shows its type.

use super::Evidence::Text;
use super::{Family, FileType};

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    extensions: &'static [&'static str],
    label: &'static str,
) -> FileType {
    FileType::new(name, aliases, extensions, label, Family::Text)
}

pub const TEXTS: &[FileType] = &[
    row("text/html", &["application/xhtml+xml"], &["html", "htm", "xhtml", "shtml"], "Web page")
        .shown_by(&[Text(is_html)])
        .runs(),
    row(
        "text/x-shellscript",
        &["application/x-sh", "application/x-shellscript", "text/x-sh"],
        &["sh", "bash", "zsh", "ksh"],
        "Shell script",
    )
    .shown_by(&[Text(is_script)])
    .runs(),
    row(
        "text/plain",
        &[],
        &["txt", "log", "text", "conf", "cfg", "ini", "env", "properties", "nfo", "srt", "asc"],
        "Text",
    ),
    row("text/csv", &["application/csv", "text/x-csv", "text/comma-separated-values"], &["csv"], "CSV"),
    row("text/tab-separated-values", &[], &["tsv", "tab"], "TSV"),
    row("text/markdown", &["text/x-markdown"], &["md", "markdown", "mdown"], "Markdown"),
    row("text/css", &[], &["css", "scss", "less"], "CSS"),
    row(
        "text/javascript",
        &["application/javascript", "application/x-javascript", "application/ecmascript"],
        &["js", "mjs", "cjs", "jsx"],
        "JavaScript",
    ),
    row(
        "text/typescript",
        &["application/typescript", "text/x-typescript", "text/vnd.trolltech.linguist"],
        &["ts", "tsx", "cts"],
        "TypeScript",
    ),
    row("application/json", &["text/json"], &["json", "geojson", "ipynb", "map"], "JSON"),
    row("application/x-ndjson", &["application/jsonl", "application/x-jsonlines"], &["ndjson", "jsonl"], "JSON lines"),
    row("application/xml", &["text/xml"], &["xml", "xsd", "xsl", "kml", "gpx", "plist", "rss", "atom"], "XML"),
    row("application/yaml", &["application/x-yaml", "text/yaml", "text/x-yaml"], &["yaml", "yml"], "YAML"),
    row("application/toml", &["text/x-toml"], &["toml"], "TOML"),
    row("application/sql", &["text/x-sql", "application/x-sql"], &["sql"], "SQL"),
    row(
        "text/x-python",
        &["application/x-python", "text/x-script.python", "application/x-python-code"],
        &["py", "pyi"],
        "Python",
    ),
    row("text/x-c", &["text/x-csrc", "text/x-chdr"], &["c", "h"], "C"),
    row("text/x-c++", &["text/x-c++src", "text/x-c++hdr"], &["cpp", "cc", "cxx", "hpp", "hh"], "C++"),
    row("text/x-csharp", &[], &["cs"], "C#"),
    row("text/x-java", &["text/x-java-source"], &["java"], "Java"),
    row("text/x-kotlin", &[], &["kt", "kts"], "Kotlin"),
    row("text/x-go", &[], &["go"], "Go"),
    row("text/rust", &["text/x-rust"], &["rs"], "Rust"),
    row("text/x-swift", &[], &["swift"], "Swift"),
    row("text/x-ruby", &["application/x-ruby"], &["rb"], "Ruby"),
    row("application/x-httpd-php", &["text/x-php", "application/x-php", "text/php"], &["php"], "PHP"),
    row("application/x-perl", &["text/x-perl"], &["pl", "pm"], "Perl"),
    row("text/x-lua", &[], &["lua"], "Lua"),
    row("text/x-diff", &["text/x-patch"], &["diff", "patch"], "Patch"),
    row("application/x-tex", &["text/x-tex", "application/x-latex"], &["tex", "latex", "bib"], "TeX"),
    row("text/calendar", &[], &["ics", "ical"], "Calendar"),
    row("text/vcard", &["text/x-vcard"], &["vcf", "vcard"], "Contact card"),
    row("text/vtt", &[], &["vtt"], "Subtitles"),
    row("message/rfc822", &[], &["eml"], "Email"),
    row(
        "application/x-x509-ca-cert",
        &["application/x-pem-file", "application/pkix-cert"],
        &["pem", "crt", "cer"],
        "Certificate",
    ),
    row(
        "audio/x-mpegurl",
        &["audio/mpegurl", "application/vnd.apple.mpegurl", "application/x-mpegurl"],
        &["m3u", "m3u8"],
        "Playlist",
    ),
    row("application/x-subrip", &["text/srt"], &[], "Subtitles"),
    row(
        "application/x-bat",
        &["application/bat", "text/x-bat", "application/x-msdos-batch"],
        &["bat", "cmd", "ps1"],
        "Batch file",
    )
    .runs(),
];

/// Tags that only a whole page begins with. Markdown files often begin with others.
const PAGES: [&[u8]; 8] =
    [b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<title", b"<meta"];
/// Number of bytes within which the first element must begin.
const HEAD: usize = 4096;

/// Returns the text without a byte order mark, white space, an XML declaration, comments and, unless it is HTML, a document type.
fn first_element(start: &[u8]) -> &[u8] {
    let mut rest = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    rest = &rest[..rest.len().min(HEAD)];
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] if begins(rest, b"<!doctype svg") => b">",
            _ => return rest,
        };
        match rest.windows(end.len()).position(|window| window == end) {
            Some(at) => rest = &rest[at + end.len()..],
            None => return &[],
        }
    }
}

fn begins(text: &[u8], tag: &[u8]) -> bool {
    text.get(..tag.len()).is_some_and(|first| first.eq_ignore_ascii_case(tag))
        && text.get(tag.len()).is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'-')
}

pub fn is_html(start: &[u8]) -> bool {
    let element = first_element(start);
    PAGES.iter().any(|tag| begins(element, tag))
}

pub fn is_svg(start: &[u8]) -> bool {
    let element = first_element(start);
    begins(element, b"<svg") || begins(element, b"<svg:svg")
}

pub fn is_script(start: &[u8]) -> bool {
    start.strip_prefix(b"#!").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"/"))
}

/// Only at the very start: a text that mentions the signature is not a PDF.
pub fn is_pdf(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    matches!(start.strip_prefix(b"%PDF-"), Some([b'0'..=b'9', b'.', b'0'..=b'9', ..]))
}
