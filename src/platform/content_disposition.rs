//! Parsing of Content-Disposition headers: file names (RFC 6266) and parts of a form (RFC 7578).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode;

/// The meaning of a `\` in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backslash {
    /// Escapes the next character (RFC 9110 §5.6.4).
    Escape,
    /// Escapes only a quote or another `\`: browsers and PHP write Windows paths unescaped, curl escapes these two.
    Path,
}

/// Returns the file name of a response: `filename*` before `filename` (RFC 6266 §4.3), without folders.
pub fn file_name(header: &[u8]) -> Option<String> {
    let parameters = parameters(&decode(header), Backslash::Escape);
    extended(&parameters).or_else(|| find(&parameters, "filename").map(|name| end_of(&name).to_owned()))
}

/// Returns the name of a file in a form. Forms should not have `filename*` (RFC 7578 §4.2) or encoded words (RFC 2047),
/// but some programs use them for names that are not ASCII.
pub fn form_file_name(header: &[u8]) -> Option<String> {
    let parameters = parameters(&decode(header), Backslash::Path);
    extended(&parameters).or_else(|| find(&parameters, "filename").map(|name| end_of(&encoded_words(&name)).to_owned()))
}

/// Returns the name of a form part.
pub fn field_name(header: &[u8]) -> Option<String> {
    find(&parameters(&decode(header), Backslash::Path), "name")
}

/// Decodes UTF-8, or ISO-8859-1 if it is invalid.
fn decode(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| latin_1(bytes))
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Decodes a text in a charset that headers use; `None` for others.
fn text_in(charset: &str, bytes: &[u8]) -> Option<String> {
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" => Some(String::from_utf8_lossy(bytes).into_owned()),
        "iso-8859-1" | "latin1" => Some(latin_1(bytes)),
        _ => None,
    }
}

/// Decodes `filename*`, which is `charset'language'encoded` (RFC 8187 §3.2.1).
fn extended(parameters: &[(String, String)]) -> Option<String> {
    let value = find(parameters, "filename*")?;
    let mut parts = value.splitn(3, '\'');
    let (charset, _, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let name = text_in(charset, &percent_decode(encoded.as_bytes()).collect::<Vec<_>>())?;
    Some(end_of(&name).to_owned())
}

/// Decodes `=?charset?B?base64?=` and `=?charset?Q?quoted?=` (RFC 2047) inside a text. Invalid words stay.
fn encoded_words(text: &str) -> String {
    let mut decoded = String::new();
    let (mut rest, mut after_word) = (text, false);
    while let Some(start) = rest.find("=?") {
        let (before, word) = rest.split_at(start);
        let Some((word, length)) = encoded_word(word) else {
            decoded.push_str(&rest[..start + 2]);
            (rest, after_word) = (&rest[start + 2..], false);
            continue;
        };
        // Spaces between two encoded words are only separators.
        if !(after_word && before.trim().is_empty()) {
            decoded.push_str(before);
        }
        decoded.push_str(&word);
        (rest, after_word) = (&rest[start + length..], true);
    }
    decoded + rest
}

/// Returns the decoded word at the start of a text, and its length in bytes.
fn encoded_word(text: &str) -> Option<(String, usize)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (encoded, _) = rest.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(encoded).ok()?,
        "Q" | "q" => {
            percent_decode(encoded.replace('%', "=25").replace('_', " ").replace('=', "%").as_bytes()).collect()
        }
        _ => return None,
    };
    let length = "=?".len() + charset.len() + 1 + encoding.len() + 1 + encoded.len() + "?=".len();
    Some((text_in(charset.split('*').next()?, &bytes)?, length))
}

fn end_of(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn find(parameters: &[(String, String)], wanted: &str) -> Option<String> {
    parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone())
}

/// Parses `; name=value; name="value"` after the disposition type. Inside quotes, `;` is an ordinary character.
fn parameters(text: &str, backslash: Backslash) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.split_once(';').map_or("", |(_, rest)| rest).chars().peekable();
    while rest.peek().is_some() {
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| *c != '=' && *c != ';') {
            name.push(c);
        }
        let mut value = String::new();
        if rest.next_if_eq(&'=').is_some() {
            while rest.next_if(|c| c.is_whitespace()).is_some() {}
            if rest.next_if_eq(&'"').is_some() {
                while let Some(c) = rest.next_if(|c| *c != '"') {
                    let escapes = backslash == Backslash::Escape || matches!(rest.peek(), Some('"' | '\\'));
                    value.extend(if c == '\\' && escapes { rest.next() } else { Some(c) });
                }
                while rest.next_if(|c| *c != ';').is_some() {}
            } else {
                while let Some(c) = rest.next_if(|c| *c != ';') {
                    value.push(c);
                }
                value.truncate(value.trim_end().len());
            }
        }
        rest.next();
        found.push((name.trim().to_owned(), value));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_files_in_many_ways() {
        for (header, name) in [
            (r#"form-data; name="file"; filename="a.png""#, "a.png"),
            (r#"form-data; name="file"; filename="C:\a.png""#, "a.png"),
            (r#"form-data; name="file"; filename="C:\new\table.png""#, "table.png"),
            (r#"form-data; name="file"; filename="C:\\dir\\a.png""#, "a.png"),
            (r#"form-data; name="file"; filename="photos/2026/a.png""#, "a.png"),
            (r#"form-data; name="file"; filename="say \"hi\".png""#, "say \"hi\".png"),
            (r#"Form-Data; NAME="file"; FileName="a.png""#, "a.png"),
            ("form-data; name=file; filename=a.png", "a.png"),
            (r#"form-data; name="file"; filename="x"; filename*=UTF-8''%D1%84.png"#, "ф.png"),
            (r#"form-data; name="file"; FILENAME*=utf-8'de'Gr%C3%BC%C3%9Fe.png"#, "Grüße.png"),
            (r#"form-data; name="file"; filename*=ISO-8859-1''Gr%FC%DFe.png"#, "Grüße.png"),
            (r#"form-data; name="file"; filename="=?UTF-8?B?R3LDvMOfZS5wbmc=?=""#, "Grüße.png"),
            (r#"form-data; name="file"; filename="=?utf-8?q?Gr=C3=BC=C3=9Fe_100%.png?=""#, "Grüße 100%.png"),
            (r#"form-data; name="file"; filename="=?ISO-8859-1?Q?Gr=FC=DFe?= =?UTF-8?B?LnBuZw==?=""#, "Grüße.png"),
            (r#"form-data; name="file"; filename="=?KOI8-R?B?4A==?=.png""#, "=?KOI8-R?B?4A==?=.png"),
            (r#"form-data; name="file"; filename="a=?b.png""#, "a=?b.png"),
            (r#"form-data; name="file"; filename="Grüße.png""#, "Grüße.png"),
        ] {
            assert_eq!(form_file_name(header.as_bytes()).as_deref(), Some(name), "{header}");
            assert_eq!(field_name(header.as_bytes()).as_deref(), Some("file"), "{header}");
        }
        assert_eq!(
            form_file_name(b"form-data; name=\"file\"; filename=\"Gr\xfc\xdfe.png\"").as_deref(),
            Some("Grüße.png")
        );
        assert_eq!(form_file_name(b"form-data; name=\"file\""), None);
        assert_eq!(field_name(b"form-data; filename=\"a.png\""), None);
    }
}
