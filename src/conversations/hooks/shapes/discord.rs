//! Discord's webhooks: `content` and `embeds`.

use serde_json::Value;

use super::draft::Draft;
use super::json::{items, text};

/// A content beside a title is of another sender.
pub fn is_discord(json: &Value) -> bool {
    json["embeds"].is_array() || (json["content"].is_string() && !json["title"].is_string())
}

/// Reads a message. The title of the first embed is the message's if there is no text before it.
pub fn read(json: &Value) -> Draft {
    let mut draft = Draft::default();
    text(json, "username").unwrap_or_default().clone_into(&mut draft.subtitle);
    draft.add(text(json, "content").unwrap_or_default());
    for embed in items(json, "embeds") {
        add_embed(&mut draft, embed);
    }
    draft
}

fn add_embed(draft: &mut Draft, embed: &Value) {
    draft.add(text(&embed["author"], "name").unwrap_or_default());
    let (title, url) = (text(embed, "title").unwrap_or_default(), text(embed, "url").unwrap_or_default());
    if draft.body.is_empty() {
        draft.add_title(title);
    } else {
        draft.add(title);
    }
    draft.add(url);
    draft.add(text(embed, "description").unwrap_or_default());
    for field in items(embed, "fields") {
        let (name, value) = (text(field, "name").unwrap_or_default(), text(field, "value").unwrap_or_default());
        let separator = if name.is_empty() || value.is_empty() { "" } else { ": " };
        draft.add(&format!("{name}{separator}{value}"));
    }
    draft.add(text(&embed["footer"], "text").unwrap_or_default());
    for picture in ["image", "thumbnail"] {
        // attachment:// is a file of the same form, which the message has.
        let url = text(&embed[picture], "url").filter(|url| !url.starts_with("attachment://"));
        draft.add_picture(url);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn content_is_the_body() {
        let draft = read(&json!({ "username": "Radarr", "content": "Movie **imported**", "tts": false }));
        assert_eq!((draft.subtitle.as_str(), draft.body.as_str()), ("Radarr", "Movie **imported**"));
    }

    #[test]
    fn an_embed_has_a_title_fields_and_pictures() {
        let draft = read(&json!({
            "content": null,
            "embeds": [{
                "author": { "name": "" },
                "title": "Deploy finished",
                "url": "https://example.com/deploys/7",
                "description": "Everything is up.",
                "color": 5_814_783,
                "fields": [{ "name": "Version", "value": "4.2", "inline": true }],
                "image": { "url": "https://example.com/graph.png" },
                "thumbnail": { "url": "attachment://front.jpg" },
                "footer": { "text": "CI" },
                "timestamp": "2026-01-05T09:30:00.000Z",
            }],
        }));
        assert_eq!(draft.title, "Deploy finished");
        assert_eq!(draft.body, "https://example.com/deploys/7\nEverything is up.\nVersion: 4.2\nCI");
        assert_eq!(draft.pictures, ["https://example.com/graph.png"]);
    }

    #[test]
    fn several_embeds_follow_each_other() {
        let draft = read(&json!({ "content": "Two", "embeds": [{ "title": "One" }, { "title": "More" }, 7, null] }));
        assert_eq!((draft.title.as_str(), draft.body.as_str()), ("", "Two\nOne\nMore"));
    }
}
