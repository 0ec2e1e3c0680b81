#![no_main]

use std::io::Cursor;

use attache_fuzz::files::attachments::file_name::{FILE_NAME_MAX, FileName};
use attache_fuzz::files::library::archive::Archive;
use attache_fuzz::platform::timestamp::Timestamp;

/// As long as names in a zip are, in UTF-16 units.
const ENTRY_MAX: usize = 120;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let name = FileName::new(text);
    assert!(name.as_str().len() <= FILE_NAME_MAX && !name.as_str().contains(['/', '\\', '\0']));
    assert_eq!(FileName::new(name.as_str()), name, "a safe name stays");
    let second = name.numbered(2, ENTRY_MAX);
    assert!(second.as_str().len() <= FILE_NAME_MAX);
    if name.is_empty() {
        return;
    }
    let mut archive = Archive::new();
    archive.start(name.as_str(), 1, Timestamp(0)).unwrap();
    archive.write(b"x").unwrap();
    let mut bytes = archive.take().to_vec();
    bytes.extend(archive.finish().unwrap());
    let mut read = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert_eq!(read.by_index(0).unwrap().name().unwrap(), name.as_str());
});
