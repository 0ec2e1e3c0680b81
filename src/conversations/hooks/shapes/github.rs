//! GitHub's webhooks, and those of services that send the same: the event is in the header `X-GitHub-Event`.

use serde_json::Value;

use super::draft::{Draft, cut};
use super::json::{first_text, items, text};

/// The event that tests the connection.
pub const PING: &str = "ping";
/// Maximum number of commits that a message lists.
const COMMITS_MAX: usize = 20;
/// Maximum length of the description of an issue or a release, in characters.
const TEXT_MAX: usize = 1000;
/// Characters of a commit's hash.
const HASH_LENGTH: usize = 7;

/// Reads an event. `None` for those that are no news, such as a label or the start of a run.
pub fn read(event: &str, json: &Value) -> Option<Draft> {
    let action = text(json, "action").unwrap_or_default();
    match event {
        PING => None,
        "push" => Some(push(json)),
        "issues" => matches!(action, "opened" | "closed" | "reopened").then(|| issue(json, action)),
        "pull_request" => pull_request(json, action),
        "issue_comment" => (action == "created").then(|| comment(json)),
        "pull_request_review" => (action == "submitted").then(|| review(json)),
        "release" => (action == "published").then(|| release(json)),
        "workflow_run" => (action == "completed").then(|| workflow_run(json)),
        _ => Some(other(event, action, json)),
    }
}

fn repository(json: &Value) -> &str {
    first_text(&json["repository"], &["full_name", "name"]).unwrap_or("repository")
}

fn sender(json: &Value) -> &str {
    first_text(&json["sender"], &["login", "username"]).unwrap_or("Someone")
}

/// A draft whose title begins with the repository.
fn draft(json: &Value, title: &str) -> Draft {
    Draft { title: format!("[{}] {title}", repository(json)), ..Draft::default() }
}

fn push(json: &Value) -> Draft {
    let by = first_text(&json["pusher"], &["name", "login"]).unwrap_or_else(|| sender(json));
    let reference = text(json, "ref").unwrap_or_default();
    let (kind, name) = match reference.strip_prefix("refs/tags/") {
        Some(tag) => ("tag", tag),
        None => ("branch", reference.strip_prefix("refs/heads/").unwrap_or(reference)),
    };
    if json["deleted"] == true {
        return draft(json, &format!("{by} deleted {kind} {name}"));
    }
    let count = json["commits"].as_array().map_or(0, Vec::len);
    let mut pushed = match count {
        0 if json["forced"] == true => draft(json, &format!("{by} force-pushed to {name}")),
        0 => draft(json, &format!("{by} created {kind} {name}")),
        1 => draft(json, &format!("{by} pushed 1 commit to {name}")),
        count => draft(json, &format!("{by} pushed {count} commits to {name}")),
    };
    for commit in items(json, "commits").take(COMMITS_MAX) {
        let hash: String = first_text(commit, &["id", "sha"]).unwrap_or_default().chars().take(HASH_LENGTH).collect();
        let subject = text(commit, "message").unwrap_or_default().trim().lines().next().unwrap_or_default();
        let author = first_text(&commit["author"], &["username", "name"]).map(|name| format!(" ({name})"));
        pushed.add(&format!("{hash} {}{}", cut(subject, TEXT_MAX), author.unwrap_or_default()));
    }
    if count > COMMITS_MAX {
        pushed.add(&format!("{} more commits", count - COMMITS_MAX));
    }
    pushed.add(first_text(json, &["compare", "compare_url"]).unwrap_or_default());
    pushed
}

/// Returns `#7 Title`.
fn numbered(item: &Value) -> String {
    let title = text(item, "title").unwrap_or_default();
    item["number"].as_u64().map_or_else(|| title.to_owned(), |number| format!("#{number} {title}"))
}

/// Adds who did it, a description where it is news, and the URL.
fn add_item(draft: &mut Draft, json: &Value, item: &Value, shows_text: bool) {
    draft.add(&format!("By {}", sender(json)));
    if shows_text {
        draft.add(&cut(text(item, "body").unwrap_or_default().trim(), TEXT_MAX));
    }
    draft.add(first_text(item, &["html_url", "url"]).unwrap_or_default());
}

fn issue(json: &Value, action: &str) -> Draft {
    let item = &json["issue"];
    let mut draft = draft(json, &format!("Issue {action}: {}", numbered(item)));
    add_item(&mut draft, json, item, action == "opened");
    draft
}

fn pull_request(json: &Value, action: &str) -> Option<Draft> {
    let item = &json["pull_request"];
    let done = match action {
        "closed" if item["merged"] == true => "merged",
        "opened" | "closed" | "reopened" => action,
        "ready_for_review" => "ready for review",
        _ => return None,
    };
    let mut draft = draft(json, &format!("Pull request {done}: {}", numbered(item)));
    add_item(&mut draft, json, item, action == "opened");
    Some(draft)
}

fn comment(json: &Value) -> Draft {
    let mut draft = draft(json, &format!("Comment on {}", numbered(&json["issue"])));
    add_item(&mut draft, json, &json["comment"], true);
    draft
}

fn review(json: &Value) -> Draft {
    let review = &json["review"];
    let state = text(review, "state").unwrap_or("submitted").to_lowercase().replace('_', " ");
    let mut draft = draft(json, &format!("Review ({state}) of {}", numbered(&json["pull_request"])));
    add_item(&mut draft, json, review, true);
    draft
}

fn release(json: &Value) -> Draft {
    let release = &json["release"];
    let name = first_text(release, &["name", "tag_name"]).unwrap_or_default();
    let kind = if release["prerelease"] == true { "Pre-release" } else { "Release" };
    let mut draft = draft(json, &format!("{kind} published: {name}"));
    add_item(&mut draft, json, release, true);
    draft
}

fn workflow_run(json: &Value) -> Draft {
    let run = &json["workflow_run"];
    let name = first_text(run, &["name", "display_title"]).unwrap_or("Workflow");
    let outcome = match text(run, "conclusion").unwrap_or_default() {
        "success" => "succeeded".to_owned(),
        "failure" => "failed".to_owned(),
        other if other.starts_with("cancel") => "was canceled".to_owned(),
        "timed_out" => "timed out".to_owned(),
        "" => "completed".to_owned(),
        other => format!("completed ({})", other.replace('_', " ")),
    };
    let branch = text(run, "head_branch").map(|branch| format!(" on {branch}")).unwrap_or_default();
    let mut draft = draft(json, &format!("{name} {outcome}{branch}"));
    if let Some(title) = text(run, "display_title").filter(|title| *title != name) {
        draft.add(title);
    }
    add_item(&mut draft, json, run, false);
    draft
}

/// An event of another kind: what it says of itself.
fn other(event: &str, action: &str, json: &Value) -> Draft {
    let event: String = event.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    let words = format!("{} {action}", event.replace('_', " "));
    let mut draft = draft(json, words.trim());
    draft.add(&format!("By {}", sender(json)));
    draft.add(text(&json["repository"], "html_url").unwrap_or_default());
    draft
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(mut more: Value) -> Value {
        more["repository"] = json!({ "full_name": "acme/shop", "html_url": "https://github.example/acme/shop" });
        more["sender"] = json!({ "login": "ana" });
        more
    }

    #[test]
    fn a_push_lists_its_commits() {
        let commit =
            |message: &str| json!({ "id": "0123456789abcdef", "message": message, "author": { "username": "ana" } });
        let pushed = event(json!({
            "ref": "refs/heads/main", "pusher": { "name": "ana" }, "compare": "https://github.example/acme/shop/compare/a...b",
            "commits": [commit("Fix login\n\nDetails"), commit("Add tests")],
        }));
        let draft = read("push", &pushed).unwrap();
        assert_eq!(draft.title, "[acme/shop] ana pushed 2 commits to main");
        let body = "0123456 Fix login (ana)\n0123456 Add tests (ana)\nhttps://github.example/acme/shop/compare/a...b";
        assert_eq!(draft.body, body);
        let title = |value| read("push", &event(value)).unwrap().title;
        assert_eq!(title(json!({ "ref": "refs/tags/v1", "commits": [] })), "[acme/shop] ana created tag v1");
        assert_eq!(title(json!({ "ref": "refs/heads/x", "deleted": true })), "[acme/shop] ana deleted branch x");
    }

    #[test]
    fn issues_and_pull_requests_say_what_happened() {
        let item = json!({ "number": 7, "title": "Login fails", "body": "Steps…", "html_url": "https://github.example/i/7", "merged": true });
        let opened = read("issues", &event(json!({ "action": "opened", "issue": item }))).unwrap();
        assert_eq!(opened.title, "[acme/shop] Issue opened: #7 Login fails");
        assert_eq!(opened.body, "By ana\nSteps…\nhttps://github.example/i/7");
        let merged = read("pull_request", &event(json!({ "action": "closed", "pull_request": item }))).unwrap();
        assert_eq!(merged.title, "[acme/shop] Pull request merged: #7 Login fails");
        assert_eq!(merged.body, "By ana\nhttps://github.example/i/7");
        for (kind, action) in [("issues", "labeled"), ("pull_request", "synchronize"), ("issue_comment", "edited")] {
            assert_eq!(read(kind, &event(json!({ "action": action }))), None, "{kind} {action}");
        }
    }

    #[test]
    fn releases_and_runs_say_how_they_ended() {
        let release = json!({ "name": "4.2", "body": "Faster", "html_url": "https://github.example/r/4.2" });
        let published = read("release", &event(json!({ "action": "published", "release": release }))).unwrap();
        assert_eq!(published.title, "[acme/shop] Release published: 4.2");
        let run = json!({ "name": "CI", "conclusion": "failure", "head_branch": "main", "display_title": "Fix login", "html_url": "https://github.example/a/1" });
        let failed = read("workflow_run", &event(json!({ "action": "completed", "workflow_run": run }))).unwrap();
        assert_eq!(failed.title, "[acme/shop] CI failed on main");
        assert_eq!(failed.body, "Fix login\nBy ana\nhttps://github.example/a/1");
        assert_eq!(read("workflow_run", &event(json!({ "action": "requested" }))), None);
    }

    #[test]
    fn a_ping_is_no_message_and_other_events_are_named() {
        assert_eq!(read("ping", &event(json!({ "zen": "Keep it logically awesome." }))), None);
        let starred = read("star", &event(json!({ "action": "created" }))).unwrap();
        assert_eq!(starred.title, "[acme/shop] star created");
        assert!(read("push", &json!(null)).is_some());
    }
}
