//! Slack's incoming webhooks: `text`, `blocks` and the older `attachments`.

use serde_json::Value;

use super::draft::Draft;
use super::json::{first_text, items, text};

/// A text or attachments beside a title or a message are of another sender.
pub fn is_slack(json: &Value) -> bool {
    let is_other = json["title"].is_string() || json["message"].is_string();
    json["blocks"].is_array() || (!is_other && (json["text"].is_string() || json["attachments"].is_array()))
}

/// Reads a message. Blocks replace the text, which is what notifications show.
pub fn read(json: &Value) -> Draft {
    let mut draft = Draft::default();
    text(json, "username").unwrap_or_default().clone_into(&mut draft.subtitle);
    for block in items(json, "blocks") {
        add_block(&mut draft, block);
    }
    if draft.title.is_empty() && draft.body.is_empty() {
        draft.add(&unmarked(text(json, "text").unwrap_or_default()));
    }
    for attachment in items(json, "attachments") {
        add_attachment(&mut draft, attachment);
    }
    draft
}

fn add_block(draft: &mut Draft, block: &Value) {
    match block["type"].as_str().unwrap_or_default() {
        "header" => draft.add_title(&text_object(&block["text"])),
        "section" => {
            draft.add(&text_object(&block["text"]));
            for field in items(block, "fields") {
                draft.add(&text_object(field));
            }
            if block["accessory"]["type"] == "image" {
                draft.add_picture(text(&block["accessory"], "image_url"));
            }
        }
        "context" => {
            for element in items(block, "elements").filter(|element| element["type"] != "image") {
                draft.add(&text_object(element));
            }
        }
        "image" => {
            draft.add(&text_object(&block["title"]));
            draft.add_picture(text(block, "image_url").or_else(|| text(&block["slack_file"], "url")));
        }
        "markdown" => draft.add(text(block, "text").unwrap_or_default()),
        "rich_text" => {
            for element in items(block, "elements") {
                add_rich(draft, element);
            }
        }
        "video" => {
            draft.add(&text_object(&block["title"]));
            draft.add(text(block, "video_url").unwrap_or_default());
        }
        _ => {}
    }
}

/// A text object: plain text, or with Slack's marks.
fn text_object(object: &Value) -> String {
    unmarked(object.as_str().or_else(|| text(object, "text")).unwrap_or_default())
}

fn add_rich(draft: &mut Draft, element: &Value) {
    if element["type"] == "rich_text_list" {
        for item in items(element, "elements") {
            draft.add(&format!("• {}", rich_line(item)));
        }
    } else {
        draft.add(&rich_line(element));
    }
}

fn rich_line(section: &Value) -> String {
    let mut line = String::new();
    for part in items(section, "elements") {
        match part["type"].as_str().unwrap_or_default() {
            "link" => line.push_str(&link(text(part, "url").unwrap_or_default(), text(part, "text"))),
            "emoji" => line.extend([":", text(part, "name").unwrap_or_default(), ":"]),
            "user" => line.extend(["@", text(part, "user_id").unwrap_or_default()]),
            "broadcast" => line.extend(["@", text(part, "range").unwrap_or_default()]),
            "date" => line.push_str(text(part, "fallback").unwrap_or_default()),
            _ => line.push_str(part["text"].as_str().unwrap_or_default()),
        }
    }
    line
}

fn add_attachment(draft: &mut Draft, attachment: &Value) {
    let before = (draft.title.len(), draft.body.len());
    for name in ["pretext", "author_name"] {
        draft.add(&unmarked(text(attachment, name).unwrap_or_default()));
    }
    if let Some(title) = text(attachment, "title") {
        draft.add(&link(text(attachment, "title_link").unwrap_or_default(), Some(&unmarked(title))));
    }
    draft.add(&unmarked(text(attachment, "text").unwrap_or_default()));
    for field in items(attachment, "fields") {
        let (name, value) = (text(field, "title").unwrap_or_default(), text(field, "value").unwrap_or_default());
        let separator = if name.is_empty() || value.is_empty() { "" } else { ": " };
        draft.add(&format!("{}{separator}{}", unmarked(name), unmarked(value)));
    }
    for block in items(attachment, "blocks") {
        add_block(draft, block);
    }
    if before == (draft.title.len(), draft.body.len()) {
        draft.add(&unmarked(text(attachment, "fallback").unwrap_or_default()));
    }
    draft.add(&unmarked(text(attachment, "footer").unwrap_or_default()));
    draft.add_picture(first_text(attachment, &["image_url", "thumb_url"]));
}

/// Returns a link as text: its label, and the URL if it differs.
fn link(url: &str, label: Option<&str>) -> String {
    match label {
        Some(label) if url.is_empty() || label == url || url.strip_prefix("mailto:") == Some(label) => label.to_owned(),
        Some(label) => format!("{label} ({url})"),
        None => url.to_owned(),
    }
}

/// Replaces Slack's links and escapes: `<https://example.com|label>`, `<@U1>`, `<!here>`, `&lt;`.
fn unmarked(marked: &str) -> String {
    let mut plain = String::with_capacity(marked.len());
    let mut rest = marked;
    while let Some(start) = rest.find('<') {
        plain.push_str(&unescaped(&rest[..start]));
        let inside = &rest[start + 1..];
        // Up to the next mark only, so that each character is looked at once or twice.
        match inside.find(['<', '>', '\n']) {
            Some(end) if inside[end..].starts_with('>') && end > 0 => {
                plain.push_str(&mark(&unescaped(&inside[..end])));
                rest = &inside[end + 1..];
            }
            _ => {
                plain.push('<');
                rest = inside;
            }
        }
    }
    plain.push_str(&unescaped(rest));
    plain
}

fn unescaped(text: &str) -> String {
    if text.contains('&') {
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    } else {
        text.to_owned()
    }
}

/// Returns the text of what was between angle brackets.
fn mark(inside: &str) -> String {
    let (target, label) = match inside.split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|label| !label.is_empty())),
        None => (inside, None),
    };
    let named = |sign: char, name: &str| {
        let name = label.unwrap_or(name);
        if name.starts_with(sign) { name.to_owned() } else { format!("{sign}{name}") }
    };
    match target.chars().next() {
        Some('@') => named('@', &target[1..]),
        Some('#') => named('#', &target[1..]),
        Some('!') if target.starts_with("!date") => label.unwrap_or_default().to_owned(),
        Some('!') => named('@', target[1..].split('^').next().unwrap_or_default()),
        _ => link(target, label),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_the_body() {
        let draft =
            read(&json!({ "text": "Build <https://ci.example.com/1|#1> failed &amp; was stopped\n<!here> <@U1|ana>" }));
        assert_eq!(draft.body, "Build #1 (https://ci.example.com/1) failed & was stopped\n@here @ana");
    }

    #[test]
    fn marks_become_text() {
        for (marked, plain) in [
            ("<https://a.example>", "https://a.example"),
            ("<https://a.example|https://a.example>", "https://a.example"),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
            ("<#C1|general> <!subteam^S1|@ops> <!date^1^{date}|today>", "#general @ops today"),
            ("1 < 2 <", "1 < 2 <"),
            ("a <b\nc>", "a <b\nc>"),
            ("<> &amp;lt;", "<> &lt;"),
        ] {
            assert_eq!(unmarked(marked), plain);
        }
    }

    #[test]
    fn blocks_replace_the_text() {
        let draft = read(&json!({
            "text": "shown in notifications",
            "blocks": [
                { "type": "header", "text": { "type": "plain_text", "text": "Release 4.2" } },
                { "type": "section", "text": { "type": "mrkdwn", "text": "*Ready* for <https://example.com|review>" },
                  "fields": [{ "type": "mrkdwn", "text": "Owner: Ana" }] },
                { "type": "divider" },
                { "type": "image", "image_url": "https://example.com/chart.png", "alt_text": "chart" },
                { "type": "context", "elements": [{ "type": "mrkdwn", "text": "by CI" }, { "type": "image", "image_url": "https://example.com/i.png" }] },
                { "type": "rich_text", "elements": [
                    { "type": "rich_text_section", "elements": [{ "type": "text", "text": "See " }, { "type": "link", "url": "https://example.com", "text": "log" }] },
                    { "type": "rich_text_list", "style": "bullet", "elements": [{ "type": "rich_text_section", "elements": [{ "type": "text", "text": "one" }] }] },
                ] },
            ],
        }));
        assert_eq!(draft.title, "Release 4.2");
        let body = "*Ready* for review (https://example.com)\nOwner: Ana\nby CI\nSee log (https://example.com)\n• one";
        assert_eq!(draft.body, body);
        assert_eq!(draft.pictures, ["https://example.com/chart.png"]);
    }

    #[test]
    fn attachments_follow_the_text() {
        let draft = read(&json!({
            "text": "Alert",
            "username": "Monitor",
            "attachments": [
                { "fallback": "unused", "pretext": "New", "title": "Disk", "title_link": "https://example.com/d", "text": "90 % full",
                  "fields": [{ "title": "Host", "value": "db1", "short": true }], "image_url": "https://example.com/d.png", "footer": "at noon" },
                { "fallback": "only this" },
            ],
        }));
        assert_eq!(draft.subtitle, "Monitor");
        assert_eq!(draft.body, "Alert\nNew\nDisk (https://example.com/d)\n90 % full\nHost: db1\nat noon\nonly this");
        assert_eq!(draft.pictures, ["https://example.com/d.png"]);
    }
}
