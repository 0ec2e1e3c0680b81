//! The title of the browser's tab.

use dioxus::prelude::*;

use crate::platform::browser;

/// Counts larger than this have a plus sign.
const COUNT_MAX: i64 = 99;

/// The number of unread messages, which titles begin with.
#[derive(Clone, Copy, PartialEq)]
pub struct UnreadCount(pub Memo<i64>);

/// Returns a title that begins with a count.
fn with_count(title: &str, count: i64) -> String {
    match count {
        ..=0 => title.to_owned(),
        1..=COUNT_MAX => format!("({count}) {title}"),
        _ => format!("({COUNT_MAX}+) {title}"),
    }
}

/// Shows `{text} · Attaché`, after the number of unread messages if there are some. Dioxus' own title component evaluates a
/// string as a script in the browser, which the page's security policy forbids.
#[component]
pub fn PageTitle(text: String) -> Element {
    let title = format!("{text} · Attaché");
    #[cfg(feature = "server")]
    use_hook(|| dioxus::document::document().set_title(title.clone()));
    let unread = try_use_context::<UnreadCount>();
    use_effect(use_reactive!(|title| {
        let count = unread.map_or(0, |UnreadCount(count)| count());
        browser::set_title(&with_count(&title, count));
    }));
    rsx! {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_begin_with_the_unread_count() {
        let expected = [(-1, "Inbox"), (0, "Inbox"), (3, "(3) Inbox"), (99, "(99) Inbox"), (100, "(99+) Inbox")];
        for (count, title) in expected {
            assert_eq!(with_count("Inbox", count), title);
        }
    }
}
