//! What was opened last, kept in this tab for this session and member.

use crate::conversations::go_to::model::{Act, Entry, RECENT_MAX};
use crate::people::organizations::model::SessionInfo;
use crate::platform::browser;

fn key(session: &SessionInfo) -> String {
    format!("attache-recent/{}/{}", session.session_id.0, session.member_id.0)
}

pub fn kept(session: &SessionInfo) -> Vec<Entry> {
    let text = browser::kept_in_tab(&key(session)).unwrap_or_default();
    let mut entries: Vec<Entry> = serde_json::from_str(&text).unwrap_or_default();
    // Only pages of this site.
    entries.retain(|entry| match &entry.act {
        Act::Open(path) => path.starts_with('/') && !path.starts_with("//"),
        Act::Do(_) => true,
    });
    entries.truncate(RECENT_MAX);
    entries
}

pub fn keep(session: &SessionInfo, entries: &[Entry]) {
    if let Ok(text) = serde_json::to_string(entries) {
        browser::keep_in_tab(&key(session), &text);
    }
}
