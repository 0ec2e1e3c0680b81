//! Templates of incoming URLs: texts in which `{{build.number}}` is replaced by a value of the body. There are no
//! conditions, loops or functions, so the work is bounded by the length of the template and of its values.

use std::io::{self, Write};

use serde_json::Value;

use super::draft::Draft;
use crate::conversations::hooks::model::Template;
use crate::platform::error::{AppError, Result};

/// Maximum length of each text of a template, in bytes.
const TEXT_MAX: usize = 10_000;
/// Maximum length of the value of one placeholder, in bytes: as long as a message.
const VALUE_MAX: usize = 80_000;
/// Maximum length of a text with its values, in bytes. The rest is cut.
const FILLED_MAX: usize = 200_000;

/// Checks a template.
///
/// # Errors
/// `invalid_value` for a text that is too long, or has a placeholder without its end or without a name.
pub fn check(template: &Template) -> Result<()> {
    for (field, text) in [("title", &template.title), ("body", &template.body), ("imageUrl", &template.image_url)] {
        if text.len() > TEXT_MAX {
            return Err(AppError::invalid(field, "A template can have at most 10,000 bytes. Shorten it."));
        }
        for part in Parts(text) {
            match part {
                Part::Text(_) => {}
                Part::Placeholder(path) if !path.is_empty() => {}
                Part::Placeholder(_) => {
                    let message = "A placeholder is empty. Write the path of a value, such as {{build.number}}.";
                    return Err(AppError::invalid(field, message));
                }
                Part::Unclosed => {
                    return Err(AppError::invalid(
                        field,
                        "A placeholder has no end. Write {{ before and }} after the path.",
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Fills a template with the values of a body. A missing value is empty.
pub fn read(template: &Template, json: &Value) -> Draft {
    let fill = |text: &str| fill(text, json);
    let mut draft = Draft { title: fill(&template.title), body: fill(&template.body), ..Draft::default() };
    draft.add_picture(Some(&fill(&template.image_url)));
    draft
}

fn fill(text: &str, json: &Value) -> String {
    let mut filled = String::new();
    for part in Parts(text) {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Placeholder(path) => filled.push_str(&shown(find(json, path))),
            Part::Unclosed => {}
        }
        if filled.len() > FILLED_MAX {
            filled.truncate(filled.floor_char_boundary(FILLED_MAX));
            break;
        }
    }
    filled
}

/// Returns the value at a path: names and numbers between dots, such as `alerts.0.name`, or a JSON Pointer (RFC 6901),
/// which reaches names with dots.
fn find<'a>(json: &'a Value, path: &str) -> &'a Value {
    if path.starts_with('/') {
        return json.pointer(path).unwrap_or(&Value::Null);
    }
    path.split('.').fold(json, |value, name| match value {
        Value::Array(list) => {
            name.trim().parse::<usize>().ok().and_then(|index| list.get(index)).unwrap_or(&Value::Null)
        }
        value => &value[name.trim()],
    })
}

/// Returns a text as it is, and other values as JSON, cut to their maximum length.
fn shown(value: &Value) -> String {
    let mut text = match value {
        Value::Null => String::new(),
        Value::String(text) => text[..text.floor_char_boundary(VALUE_MAX)].to_owned(),
        value => {
            let mut limited = Limited(Vec::new());
            // It fails where the limit is reached, and what was written so far is shown.
            let _ = serde_json::to_writer(&mut limited, value);
            String::from_utf8_lossy(&limited.0).into_owned()
        }
    };
    text.truncate(text.floor_char_boundary(VALUE_MAX));
    text
}

/// Bytes up to [`VALUE_MAX`].
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = VALUE_MAX - self.0.len();
        if room == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let written = room.min(bytes.len());
        self.0.extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    /// The path between the braces.
    Placeholder(&'a str),
    /// Braces that open and don't close.
    Unclosed,
}

/// The parts of a text that remain to be read.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let text = std::mem::take(&mut self.0);
        if text.is_empty() {
            return None;
        }
        match text.find("{{") {
            Some(0) => match text.find("}}") {
                Some(end) => {
                    self.0 = &text[end + 2..];
                    Some(Part::Placeholder(text[2..end].trim()))
                }
                None => Some(Part::Unclosed),
            },
            start => {
                let (before, rest) = text.split_at(start.unwrap_or(text.len()));
                self.0 = rest;
                Some(Part::Text(before))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn body(body: &str) -> Template {
        Template { body: body.to_owned(), ..Template::default() }
    }

    #[test]
    fn placeholders_are_replaced_by_values() {
        let json = json!({ "build": { "number": 512, "ok": true, "a.b": "dot" }, "steps": [{ "name": "test" }], "none": null });
        for (text, filled) in [
            ("Build {{build.number}}: {{ steps.0.name }}", "Build 512: test"),
            ("{{build.ok}}{{missing}}{{none}}{{steps.1.name}}{{build.number.x}}", "true"),
            ("{{/build/a.b}} {{steps}}", r#"dot [{"name":"test"}]"#),
            ("}} { {", "}} { {"),
            ("", ""),
        ] {
            assert_eq!(read(&body(text), &json).body, filled, "{text}");
        }
        let whole = Template {
            title: "{{build.number}}".into(),
            image_url: "https://example.com/{{build.number}}.png".into(),
            ..body("x")
        };
        let draft = read(&whole, &json);
        assert_eq!((draft.title.as_str(), draft.pictures), ("512", vec!["https://example.com/512.png".to_owned()]));
    }

    #[test]
    fn a_template_that_cannot_be_read_is_rejected() {
        for wrong in ["{{a", "{{}}", "{{ }}", "a {{b}} {{", &"x".repeat(TEXT_MAX + 1)] {
            assert_eq!(check(&body(wrong)).unwrap_err().field.as_deref(), Some("body"), "{wrong}");
        }
        assert!(check(&body("{{a}} }} {")).is_ok());
    }

    #[test]
    fn long_values_are_cut() {
        let json = json!({ "text": "é".repeat(500_000), "list": vec!["é"; 200_000] });
        let filled = read(&body("{{text}}{{list}}{{text}}"), &json).body;
        assert!(filled.len() <= FILLED_MAX && filled.len() > FILLED_MAX - 10);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_a_checked_one_has_no_rest(text in "[a.{}0 /é]{0,40}") {
            let template = body(&text);
            read(&template, &json!({ "a": [{ "a": "x" }] }));
            if check(&template).is_ok() {
                prop_assert!(!Parts(&text).any(|part| part == Part::Unclosed));
            }
        }
    }
}
