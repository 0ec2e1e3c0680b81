//! Hostile values for the fields of a request with a valid body.

use serde_json::{Value, json};

/// Texts that are dangerous alone, and at the end of a valid one: control characters, characters that change the
/// direction of a text, invisible ones, a byte order mark, and parts of queries, paths and pages.
const TEXTS: [&str; 10] = [
    "\0",
    "a\0b",
    "\u{1}\u{7f}",
    "\r\nx-injected: 1",
    "\u{202e}gpj.exe",
    "\u{200b}",
    "\u{feff}",
    "' OR 1=1 --",
    "../../etc/passwd",
    "<script>alert(1)</script>",
];
/// Length of a text that is longer than any field, in bytes.
const LONG: usize = 1_000_000;

/// A body with one hostile value.
pub struct Attempt {
    /// The field as a JSON pointer.
    pub field: String,
    pub body: Value,
    /// Whether no field accepts the value: a wrong type, or far too long.
    pub is_wrong: bool,
}

/// Returns the JSON pointers of all fields and items, also of nested ones.
pub fn fields(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    let mut pointers = Vec::new();
    for (name, child) in children {
        pointers.push(format!("/{name}"));
        pointers.extend(fields(child).into_iter().map(|rest| format!("/{name}{rest}")));
    }
    pointers
}

/// Returns the body with another value of a field.
pub fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(field).expect("the body has the field") = value;
    body
}

/// Returns a body for each field and each hostile value.
pub fn attempts(body: &Value) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for field in fields(body) {
        let known = body.pointer(&field).expect("the body has the field");
        let mut add = |value: Value, is_wrong: bool| {
            attempts.push(Attempt { field: field.clone(), body: with(body, &field, value), is_wrong });
        };
        for wrong in [json!({ "a": { "b": 1 } }), json!([[[]]]), json!(1.5), json!(1e300), json!(-1), json!(u64::MAX)] {
            add(wrong, true);
        }
        add(json!(true), !known.is_boolean());
        add(json!("x".repeat(LONG)), true);
        for value in [Value::Null, json!(""), json!(" \t\n ")] {
            add(value, false);
        }
        for text in TEXTS {
            add(json!(text), false);
            if let Some(known) = known.as_str() {
                add(json!(format!("{known}{text}")), false);
            }
        }
    }
    attempts
}

/// Returns texts that are no JSON object with the fields of `body`, each with a name.
pub fn broken_bodies(body: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let whole = body.to_string();
    let (name, value) = body.as_object().and_then(|fields| fields.iter().next()).expect("the body has fields");
    vec![
        ("nothing", Vec::new()),
        ("half of it", whole.as_bytes()[..whole.len() / 2].to_vec()),
        ("twice", [whole.as_bytes(), whole.as_bytes()].concat()),
        ("null", b"null".to_vec()),
        ("a list", format!("[{whole}]").into_bytes()),
        ("a text", b"\"text\"".to_vec()),
        ("no UTF-8", [&b"{\""[..], name.as_bytes(), b"\": \"\xff\"}"].concat()),
        ("half of a surrogate pair", format!("{{\"{name}\": \"\\ud800\"}}").into_bytes()),
        ("deeply nested", format!("{{\"{name}\": {}", "[".repeat(100_000)).into_bytes()),
        ("deeply nested objects", "{\"a\":".repeat(100_000).into_bytes()),
        ("a field twice", format!("{{\"{name}\": {value}, {}", &whole[1..]).into_bytes()),
        ("a comment", format!("/* hello */ {whole}").into_bytes()),
    ]
}
