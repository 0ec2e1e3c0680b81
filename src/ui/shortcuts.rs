//! Keyboard shortcuts: one table, by which handlers recognize keys and the dialog lists them.

use dioxus::prelude::*;

use crate::platform::browser;

/// Where a shortcut works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortcutGroup {
    Anywhere,
    Writing,
    Lists,
    Files,
    Lightbox,
}

impl ShortcutGroup {
    pub const ALL: [Self; 5] = [Self::Anywhere, Self::Writing, Self::Lists, Self::Files, Self::Lightbox];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Anywhere => "Anywhere",
            Self::Writing => "While you write",
            Self::Lists => "In lists and the feed",
            Self::Files => "In the list of files",
            Self::Lightbox => "In an open picture or video",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    GoTo,
    List,
    Send,
    NewLine,
    EditLast,
    Bold,
    Italic,
    Leave,
    Up,
    Down,
    First,
    Last,
    Into,
    Select,
    SelectAll,
    ClearSelection,
    Previous,
    Next,
    ZoomIn,
    ZoomOut,
    Fit,
    Save,
    Exit,
}

/// A key with what is pressed beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// The name of the key, or its character.
    key: &'static str,
    /// With Ctrl, or with ⌘ on Apple's systems.
    command: bool,
    /// With Shift. A character alone is the same with and without.
    shift: bool,
}

const fn key(key: &'static str) -> Press {
    Press { key, command: false, shift: false }
}

const fn command(key: &'static str) -> Press {
    Press { key, command: true, shift: false }
}

impl Press {
    fn is(self, key: &str, modifiers: Modifiers, is_apple: bool) -> bool {
        let others = modifiers - Modifiers::SHIFT;
        let wanted = match (self.command, is_apple) {
            (false, _) => Modifiers::empty(),
            (true, false) => Modifiers::CONTROL,
            (true, true) => Modifiers::META,
        };
        let is_character = self.key.chars().count() == 1 && !self.command;
        let has_shift = modifiers.contains(Modifiers::SHIFT);
        key.eq_ignore_ascii_case(self.key) && others == wanted && (is_character || has_shift == self.shift)
    }

    /// Returns the names on the keys.
    pub fn names(self, is_apple: bool) -> Vec<&'static str> {
        let named = match self.key {
            "ArrowUp" => "↑",
            "ArrowDown" => "↓",
            "ArrowLeft" => "←",
            "ArrowRight" => "→",
            "Escape" => "Esc",
            " " => "Space",
            "a" => "A",
            "b" => "B",
            "d" => "D",
            "i" => "I",
            "k" => "K",
            other => other,
        };
        let command = self.command.then_some(if is_apple { "⌘" } else { "Ctrl" });
        command.into_iter().chain(self.shift.then_some("Shift")).chain([named]).collect()
    }
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortcutRow {
    pub shortcut: Shortcut,
    group: ShortcutGroup,
    pub presses: &'static [Press],
    /// Works as well, and is not listed.
    also: &'static [Press],
    pub does: &'static str,
}

const fn row(group: ShortcutGroup, shortcut: Shortcut, presses: &'static [Press], does: &'static str) -> ShortcutRow {
    ShortcutRow { shortcut, group, presses, also: &[], does }
}

const SHIFT_ENTER: Press = Press { key: "Enter", command: false, shift: true };

const TABLE: [ShortcutRow; 23] = {
    use ShortcutGroup::{Anywhere, Files, Lightbox, Lists, Writing};
    [
        row(Anywhere, Shortcut::GoTo, &[command("k")], "Go to a conversation, contact, file, page or action"),
        row(Anywhere, Shortcut::List, &[key("?")], "Show these shortcuts"),
        ShortcutRow {
            also: &[command("Enter")],
            ..row(Writing, Shortcut::Send, &[key("Enter")], "Send, or save an edit")
        },
        row(Writing, Shortcut::NewLine, &[SHIFT_ENTER], "Begin a new line"),
        row(Writing, Shortcut::EditLast, &[key("ArrowUp")], "Edit your last message, from an empty field"),
        row(Writing, Shortcut::Bold, &[command("b")], "Make the selection bold, or undo it"),
        row(Writing, Shortcut::Italic, &[command("i")], "Make the selection italic, or undo it"),
        row(Writing, Shortcut::Leave, &[key("Escape")], "Stop replying or editing"),
        row(Lists, Shortcut::Up, &[key("ArrowUp")], "Move up"),
        row(Lists, Shortcut::Down, &[key("ArrowDown")], "Move down"),
        row(Lists, Shortcut::First, &[key("Home")], "Move to the first row"),
        row(Lists, Shortcut::Last, &[key("End")], "Move to the last row"),
        row(Lists, Shortcut::Into, &[key("Tab")], "Move to the buttons of a row, then out of the list"),
        row(Files, Shortcut::Select, &[key(" ")], "Select a file, or remove it from the selection"),
        row(Files, Shortcut::SelectAll, &[command("a")], "Select all files shown"),
        row(Files, Shortcut::ClearSelection, &[key("Escape")], "Clear the selection"),
        row(Lightbox, Shortcut::Previous, &[key("ArrowLeft")], "Previous file"),
        row(Lightbox, Shortcut::Next, &[key("ArrowRight")], "Next file"),
        ShortcutRow { also: &[key("=")], ..row(Lightbox, Shortcut::ZoomIn, &[key("+")], "Zoom in") },
        row(Lightbox, Shortcut::ZoomOut, &[key("-")], "Zoom out"),
        row(Lightbox, Shortcut::Fit, &[key("0")], "Fit the window"),
        row(Lightbox, Shortcut::Save, &[key("d")], "Save the file on this device"),
        row(Lightbox, Shortcut::Exit, &[key("Escape")], "Return to the page"),
    ]
};

impl ShortcutGroup {
    pub fn rows(self) -> impl Iterator<Item = ShortcutRow> {
        TABLE.into_iter().filter(move |row| row.group == self)
    }

    /// Returns the shortcut of a key here.
    pub fn find(self, key: &str, modifiers: Modifiers, is_apple: bool) -> Option<Shortcut> {
        let is = |press: &Press| press.is(key, modifiers, is_apple);
        self.rows().find(|row| row.presses.iter().chain(row.also).any(is)).map(|row| row.shortcut)
    }

    /// Returns the shortcut of an event here.
    pub fn of(self, event: &KeyboardEvent) -> Option<Shortcut> {
        self.find(&event.key().to_string(), event.modifiers(), browser::is_apple())
    }
}

/// Calls `on_press` for shortcuts that work anywhere, while the component is mounted.
pub fn use_shortcuts(on_press: impl FnMut(Shortcut) + 'static) {
    #[cfg(feature = "web")]
    {
        use std::rc::Rc;

        use futures_channel::mpsc::unbounded;
        use futures_util::StreamExt;

        use crate::platform::browser::KeyListener;

        // Open until the component is unmounted.
        let _listener = use_hook(move || {
            let (sender, mut pressed) = unbounded();
            let mut on_press = on_press;
            // The browser calls outside of the app; this task runs inside.
            spawn(async move {
                while let Some(shortcut) = pressed.next().await {
                    on_press(shortcut);
                }
            });
            Rc::new(KeyListener::open(move |key, modifiers, is_in_field| {
                let shortcut = ShortcutGroup::Anywhere.find(key, modifiers, browser::is_apple());
                // Without Ctrl it is a text there.
                let pressed = shortcut.filter(|shortcut| !is_in_field || *shortcut == Shortcut::GoTo);
                pressed.is_some_and(|shortcut| sender.unbounded_send(shortcut).is_ok())
            }))
        });
    }
    #[cfg(not(feature = "web"))]
    drop(on_press);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_with_what_is_pressed_beside_them() {
        let anywhere = |key, modifiers, is_apple| ShortcutGroup::Anywhere.find(key, modifiers, is_apple);
        let (none, shift) = (Modifiers::empty(), Modifiers::SHIFT);
        assert_eq!(anywhere("k", Modifiers::CONTROL, false), Some(Shortcut::GoTo));
        assert_eq!(anywhere("K", Modifiers::CONTROL, false), Some(Shortcut::GoTo), "with Caps Lock");
        assert_eq!(anywhere("k", Modifiers::META, true), Some(Shortcut::GoTo));
        assert_eq!(anywhere("k", Modifiers::META, false), None);
        assert_eq!(anywhere("k", Modifiers::CONTROL, true), None, "deletes a line there");
        assert_eq!(anywhere("K", Modifiers::CONTROL | shift, false), None);
        assert_eq!(anywhere("k", none, false), None);
        assert_eq!(anywhere("?", shift, false), Some(Shortcut::List));
        assert_eq!(anywhere("?", none, false), Some(Shortcut::List));
        assert_eq!(anywhere("?", Modifiers::ALT, false), None);
        let writing = |key, modifiers| ShortcutGroup::Writing.find(key, modifiers, false);
        assert_eq!(writing("Enter", none), Some(Shortcut::Send));
        assert_eq!(writing("Enter", Modifiers::CONTROL), Some(Shortcut::Send));
        assert_eq!(writing("Enter", shift), Some(Shortcut::NewLine));
    }

    #[test]
    fn each_key_has_one_meaning_in_a_group() {
        for group in ShortcutGroup::ALL {
            let presses: Vec<_> = group.rows().flat_map(|row| row.presses.iter().chain(row.also)).collect();
            for (place, press) in presses.iter().enumerate() {
                assert!(!presses[..place].contains(press), "{press:?}");
            }
        }
        assert_eq!(command("k").names(false), ["Ctrl", "K"]);
        assert_eq!(command("k").names(true), ["⌘", "K"]);
    }
}
