//! The page of the document for people: plain HTML, rendered once, without external resources.

use std::fmt::Write;

use serde_json::{Map, Value};

const FRAME: &str = include_str!("page.html");

/// Renders a document.
pub fn render(document: &Value) -> String {
    let mut html = String::new();
    let operations = operations(document);
    contents(&mut html, &operations);
    let mut tag = "";
    for operation in &operations {
        let own = operation.tag();
        if own != tag {
            tag = own;
            let _ = write!(html, "<h2>{}</h2>", escape(tag));
        }
        operation.write(&mut html);
    }
    html.push_str("<h2>Types</h2>");
    for (name, schema) in object(&document["components"]["schemas"]) {
        let _ = write!(html, "<h3 id=\"type-{0}\">{0}</h3>{1}", escape(name), paragraphs(schema));
        fields(&mut html, schema);
    }
    FRAME.replace("<!--CONTENT-->", &html)
}

struct Operation<'a> {
    method: String,
    path: &'a str,
    about: &'a Value,
}

/// Renders an example of a body or a response; nothing for bytes.
fn example(html: &mut String, content_type: &str, content: &Value) {
    if content_type == "application/json" {
        let _ = write!(html, "<pre tabindex=\"0\">{}</pre>", escape(&format!("{:#}", content["example"])));
    }
}

/// Returns the operations by tag, in the order of the document.
fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut all = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for (method, about) in object(item).filter(|(_, about)| about["operationId"].is_string()) {
            all.push(Operation { method: method.to_uppercase(), path, about });
        }
    }
    all.sort_by_key(Operation::tag);
    all
}

fn contents(html: &mut String, operations: &[Operation<'_>]) {
    html.push_str("<nav aria-label=\"Routes\"><ul>");
    for operation in operations {
        let _ = write!(
            html,
            "<li><a href=\"#{}\"><code><span class=\"method\">{}</span> {}</code></a></li>",
            operation.id(),
            operation.method,
            escape(operation.path)
        );
    }
    html.push_str("</ul></nav>");
}

impl<'a> Operation<'a> {
    fn tag(&self) -> &'a str {
        self.about["tags"][0].as_str().unwrap_or("Other")
    }

    fn id(&self) -> String {
        escape(self.about["operationId"].as_str().unwrap_or_default())
    }

    fn write(&self, html: &mut String) {
        let _ = write!(
            html,
            "<h3 id=\"{}\"><code><span class=\"method\">{}</span> {}</code></h3><p>{}</p>{}",
            self.id(),
            self.method,
            escape(self.path),
            text(&self.about["summary"]),
            paragraphs(self.about)
        );
        let _ = write!(html, "<p class=\"muted\">{}</p>", self.who());
        self.parameters(html);
        if let Some((content_type, content)) = object(&self.about["requestBody"]["content"]).next() {
            let _ = write!(
                html,
                "<h4>Body</h4><p>{} as <code>{}</code></p>",
                kind(&content["schema"]),
                escape(content_type)
            );
            example(html, content_type, content);
        }
        html.push_str("<h4>Responses</h4><div class=\"box\" tabindex=\"0\"><table><thead><tr><th>Status</th><th>Description</th><th>Body</th></tr></thead><tbody>");
        for (status, response) in object(&self.about["responses"]) {
            let body = object(&response["content"]).next().map(|(_, content)| kind(&content["schema"]));
            let _ = write!(
                html,
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(status),
                text(&response["description"]),
                body.unwrap_or_default()
            );
        }
        html.push_str("</tbody></table></div>");
        let success = object(&self.about["responses"]).find(|(status, _)| status.starts_with('2'));
        if let Some((content_type, content)) = success.and_then(|(_, response)| object(&response["content"]).next()) {
            example(html, content_type, content);
        }
    }

    fn who(&self) -> String {
        let ways = self.about["security"].as_array().map(Vec::as_slice).unwrap_or_default();
        match ways.iter().find_map(|way| way["accessToken"][0].as_str()) {
            Some(scope) => {
                format!("Requires an access token with the scope <code>{}</code>, or a log-in.", escape(scope))
            }
            None if ways.is_empty() => "No authentication required.".to_owned(),
            None => "Requires a log-in or a browser session. Not available to access tokens.".to_owned(),
        }
    }

    fn parameters(&self, html: &mut String) {
        let Some(list) = self.about["parameters"].as_array() else { return };
        html.push_str("<h4>Parameters</h4><div class=\"box\" tabindex=\"0\"><table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Description</th></tr></thead><tbody>");
        for parameter in list {
            let _ = write!(
                html,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                text(&parameter["name"]),
                text(&parameter["in"]),
                kind(&parameter["schema"]),
                text(&parameter["description"])
            );
        }
        html.push_str("</tbody></table></div>");
    }
}

/// Renders the fields of an object, or the values of an enum.
fn fields(html: &mut String, schema: &Value) {
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(|value| format!("<code>{}</code>", text(value))).collect();
        let _ = write!(html, "<p>{}</p>", values.join(", "));
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if part["$ref"].is_string() {
            let _ = write!(html, "<p>All fields of {}, and:</p>", kind(part));
        }
        fields(html, part);
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    html.push_str("<div class=\"box\" tabindex=\"0\"><table><thead><tr><th>Field</th><th>Type</th><th>Description</th></tr></thead><tbody>");
    for (name, property) in properties {
        let is_required = required.iter().any(|field| field == name);
        let example = property.get("example").map(|example| format!(" <code>{}</code>", escape(&example.to_string())));
        let _ = write!(
            html,
            "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}{}</td></tr>",
            escape(name),
            if is_required { "" } else { " <span class=\"muted\">?</span>" },
            kind(property),
            text(&property["description"]),
            example.unwrap_or_default()
        );
    }
    html.push_str("</tbody></table></div>");
}

/// Renders a type in a few words, with a link to its description.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escape(name));
    }
    for word in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[word].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    let one = |name: &str| match (name, schema["format"].as_str()) {
        ("array", _) => format!("list of {}", kind(&schema["items"])),
        (_, Some(format)) => escape(format),
        (name, None) => escape(name),
    };
    match &schema["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(|name| if name == "null" { "null".to_owned() } else { one(name) })
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "any".to_owned(),
    }
}

fn paragraphs(about: &Value) -> String {
    if about["description"].is_string() { format!("<p>{}</p>", text(&about["description"])) } else { String::new() }
}

/// Renders a text, with code between backticks.
fn text(value: &Value) -> String {
    let escaped = escape(value.as_str().unwrap_or_default());
    let parts = escaped.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
