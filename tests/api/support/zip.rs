//! Reads a zip with independent programs: Python's `zipfile` and Info-ZIP's `unzip`.

use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// An entry as Python's `zipfile` reads it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    pub name: String,
    /// The format's own field, such as `2025-11-18T10:06:04`.
    pub modified: String,
    /// Whether the bytes differ from it.
    pub is_utf8: bool,
    pub is_deflated: bool,
    /// The extended timestamp, in seconds since 1970.
    pub unix_time: i64,
    base64: String,
}

impl Entry {
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.base64).expect("Python writes base64")
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.bytes()).expect("the file is text")
    }
}

const LOOK: &str = r#"
import base64, json, struct, sys, zipfile
found = []
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for info in archive.infolist():
        fields, extra = {}, info.extra
        while len(extra) >= 4:
            kind, size = struct.unpack("<HH", extra[:4])
            fields[kind], extra = extra[4:4 + size], extra[4 + size:]
        found.append({
            "name": info.filename,
            "modified": "%04d-%02d-%02dT%02d:%02d:%02d" % info.date_time,
            "is_utf8": bool(info.flag_bits & 0x800),
            "is_deflated": info.compress_type == zipfile.ZIP_DEFLATED,
            "unix_time": struct.unpack("<i", fields[0x5455][1:5])[0],
            "base64": base64.b64encode(archive.read(info)).decode(),
        })
json.dump(found, sys.stdout)
"#;

/// Returns the entries, with verified checksums.
#[track_caller]
pub fn unzip(bytes: &[u8]) -> Vec<Entry> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("some.zip");
    std::fs::write(&file, bytes).expect("the zip can be written");
    let path = file.to_str().expect("the folder has a plain name");
    run("unzip", &["-tqq", path]);
    let looked = run("python3", &["-c", LOOK, path]);
    serde_json::from_slice(&looked.stdout).expect("Python writes JSON")
}

pub fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[track_caller]
fn run(program: &str, arguments: &[&str]) -> Output {
    let done = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error}. Install it: apt-get install unzip python3"));
    assert!(
        done.status.success(),
        "{program}: {}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    done
}
