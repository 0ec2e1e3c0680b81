//! Unique names of an archive's entries, on every file system.

use std::collections::HashMap;

use crate::files::attachments::file_name::FileName;
use crate::platform::name_key::name_key;

/// Maximum length of an entry's name, as Windows counts characters: with the folder of the archive its path stays under
/// the 260 that Windows Explorer can extract.
const ENTRY_NAME_MAX: usize = 120;

/// Names in use, compared without case, with the number of the next duplicate.
#[derive(Default)]
pub struct EntryNames(HashMap<String, u32>);

impl EntryNames {
    /// Returns the name itself, or with ` (2)`, ` (3)` … before the extension.
    pub fn take(&mut self, wanted: &FileName) -> FileName {
        let wanted = wanted.shortened(ENTRY_NAME_MAX);
        let wanted_key = name_key(wanted.as_str());
        let mut number = self.0.get(&wanted_key).copied().unwrap_or(1);
        loop {
            let name = if number == 1 { wanted.clone() } else { wanted.numbered(number, ENTRY_NAME_MAX) };
            number += 1;
            let key = name_key(name.as_str());
            if !self.0.contains_key(&key) {
                self.0.insert(key, 2);
                self.0.insert(wanted_key, number);
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_in_any_case_are_numbered_before_the_extension() {
        let mut names = EntryNames::default();
        let mut take = |name: &str| names.take(&FileName::new(name)).to_string();
        assert_eq!(take("a.jpg"), "a.jpg");
        assert_eq!(take("A.JPG"), "A (2).JPG");
        assert_eq!(take("a.jpg"), "a (3).jpg");
        assert_eq!(take("a (2).jpg"), "a (2) (2).jpg");
        assert_eq!(take("Ä"), "Ä");
        assert_eq!(take("a\u{308}"), "a\u{308} (2)");
        assert_eq!(take("a"), "a");
        assert_eq!(take("a\u{200b}"), "a\u{200b} (2)");
        assert_eq!(take("tar.tar.gz"), "tar.tar.gz");
        assert_eq!(take("tar.tar.gz"), "tar.tar (2).gz");
    }

    #[test]
    fn windows_can_extract_long_names() {
        let mut names = EntryNames::default();
        let long = FileName::new(&format!("{}.jpeg", "写".repeat(200)));
        let (first, second) = (names.take(&long), names.take(&long));
        assert_eq!(first, long);
        assert!(second.as_str().ends_with("写 (2).jpeg"), "{second}");
        let long = names.take(&FileName::new(&format!("{}.jpeg", "x".repeat(200))));
        let numbered = names.take(&FileName::new(&format!("{}.jpeg", "x".repeat(200))));
        assert_eq!([long, numbered].map(|name| name.as_str().len()), [ENTRY_NAME_MAX; 2]);
    }

    #[test]
    fn many_doubles_take_no_longer_each() {
        let mut names = EntryNames::default();
        for number in 1..=100_000 {
            let name = names.take(&FileName::new("IMG.jpg"));
            assert!(number == 1 || name.as_str() == format!("IMG ({number}).jpg"));
        }
    }
}
