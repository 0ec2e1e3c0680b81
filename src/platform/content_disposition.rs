//! Reading the header Content-Disposition: what others call a file (RFC 6266).

use percent_encoding::percent_decode_str;

/// `filename*` before `filename` (RFC 6266 §4.3); of a path only its end.
pub fn file_name(text: &str) -> Option<String> {
    let name = extended_file_name(text).or_else(|| find(&parameters(text), "filename").map(str::to_owned))?;
    Some(end_of(&name).to_owned())
}

/// `filename*` alone: forms should not have it (RFC 7578 §4.2), but some programs name files so whose names are not ASCII.
pub fn extended_file_name(text: &str) -> Option<String> {
    let parameters = parameters(text);
    // charset'language'encoded (RFC 8187 §3.2.1)
    let mut parts = find(&parameters, "filename*")?.splitn(3, '\'');
    let (charset, _, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let decoded = || percent_decode_str(encoded).decode_utf8_lossy();
    charset.eq_ignore_ascii_case("utf-8").then(|| end_of(&decoded()).to_owned())
}

fn end_of(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn find<'a>(parameters: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

/// `; name=value; name="value"` after the disposition itself. In quotes a `;` is a letter, and `\` takes the next as it is.
fn parameters(text: &str) -> Vec<(String, String)> {
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
                    value.extend(if c == '\\' { rest.next() } else { Some(c) });
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
