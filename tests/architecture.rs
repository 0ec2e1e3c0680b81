//! Checks the map of docs/architecture.md: which room may import which, their number, and the length of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Maximum number of folders at the top of `src`.
const MAX_ROOMS: usize = 10;
/// Maximum number of lines of a source file.
const MAX_LINES: usize = 500;
/// The type that names every page, which every page may import.
const EXCEPTION: &str = "app::Route";
/// Files at the top of `src` that are one room, the entry points.
const DOORS: [&str; 6] = ["main", "lib", "app", "shell", "server", "jobs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Returns for each room the rooms that it may import. `None` for a room that may import all.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let rows =
        page.lines().skip_while(|line| !line.starts_with("| Room |")).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').collect();
        let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
        let may_name = if cells[3].trim() == "everything" { None } else { Some(names(cells[3])) };
        (names(cells[1]).pop_first().expect("a room's name"), may_name)
    })
    .collect()
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    files.into_iter().map(read).collect()
}

fn room_of(file: &str) -> String {
    let top = file.split('/').next().unwrap().trim_end_matches(".rs");
    if DOORS.contains(&top) { "app".to_owned() } else { top.to_owned() }
}

/// Returns the paths from the crate's root in the text of a file. `super`s that reach the root are the same as `crate`.
fn paths(file: &str, text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let depth = file.trim_end_matches(".rs").trim_end_matches("/mod").split('/').count();
    let code = code.replace(&"super::".repeat(depth), "crate::");
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            for item in group.split_inclusive([',', '{', '}']) {
                if depth == 0 {
                    found.push(path_at(item.trim()));
                }
                depth += i32::from(item.ends_with('{')) - i32::from(item.ends_with('}'));
                if depth < 0 {
                    break;
                }
            }
        } else {
            found.push(path_at(rest));
        }
    }
    found
}

fn path_at(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect()
}

/// Returns the imports of a file that the table does not allow.
fn forbidden(file: &str, text: &str, table: &BTreeMap<String, Option<BTreeSet<String>>>) -> Vec<String> {
    let room = room_of(file);
    let Some(may_name) = table.get(&room).unwrap_or_else(|| panic!("docs/architecture.md has no room {room}")) else {
        return Vec::new();
    };
    let allowed = |path: &str| {
        let target = room_of(path.split("::").next().unwrap());
        // Macros are at the root of the crate.
        target == room || may_name.contains(&target) || path.starts_with(EXCEPTION) || !table.contains_key(&target)
    };
    paths(file, text)
        .into_iter()
        .filter(|path| !allowed(path))
        .map(|path| format!("{file} names crate::{path}"))
        .collect()
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let table = table();
    let wrong: Vec<_> = sources().iter().flat_map(|(file, text)| forbidden(file, text, &table)).collect();
    assert!(wrong.is_empty(), "not in the table of docs/architecture.md:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    let mut left = table();
    assert!(left.len() > 8, "{left:?}");
    while !left.is_empty() {
        let names: BTreeSet<_> = left.keys().cloned().collect();
        let free = left.iter().find(|(room, may_name)| match may_name {
            Some(may_name) => may_name.is_disjoint(&names) || may_name.iter().all(|name| name == *room),
            None => names.len() == 1,
        });
        let room = free.unwrap_or_else(|| panic!("a circle among {names:?}")).0.clone();
        left.remove(&room);
    }
}

#[test]
fn an_arrow_that_is_not_in_the_table_is_found() {
    let table = table();
    let wrong = |file, text| forbidden(file, text, &table).len();
    assert_eq!(wrong("people/contacts/store.rs", "use crate::files::library::zip;\nuse crate::platform::db::On;"), 1);
    assert_eq!(wrong("people/contacts/store.rs", "use crate::{ids::ContactId, files::library, ui};"), 1);
    assert_eq!(wrong("people/contacts/store.rs", "use super::super::super::files::library;"), 1);
    assert_eq!(wrong("people/contacts/store.rs", "use super::super::accounts::model;"), 0);
    assert_eq!(wrong("ui/menu.rs", "fn draw() { crate::conversations::list::open() }"), 1);
    assert_eq!(wrong("channels/model.rs", "use crate::app::Route; // crate::admin"), 0);
    assert_eq!(wrong("channels/model.rs", "use crate::app::App;"), 1);
    assert_eq!(wrong("server.rs", "use crate::rest;"), 0);
}

#[test]
fn there_are_at_most_ten_rooms_and_no_file_is_long() {
    let sources = sources();
    let folders: BTreeSet<_> =
        sources.iter().filter_map(|(file, _)| file.split_once('/')).map(|(top, _)| top).collect();
    assert!(folders.len() <= MAX_ROOMS, "{folders:?}");
    let long: Vec<_> =
        sources.iter().filter(|(_, text)| text.lines().count() > MAX_LINES).map(|(file, _)| file).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:?}");
}

/// A `Visible` is made of a row with these columns, so no other query can make one.
#[test]
fn visibility_is_decided_in_one_file() {
    let sources = sources();
    let deciding = |column: &str| -> Vec<_> {
        sources.iter().filter(|(_, text)| text.contains(column)).map(|(file, _)| file.as_str()).collect()
    };
    assert_eq!(deciding("AS is_visible"), ["channels/access.rs"]);
    assert_eq!(deciding("AS is_contact"), ["channels/access.rs"]);
}
