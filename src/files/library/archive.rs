//! A zip writer that works piece by piece: bytes of files go in, bytes of the archive come out, and only the list of
//! entries stays in memory. Entries are deflated, so that programs that read an archive in one pass find the end of
//! each, which is impossible for a stored entry whose size follows it.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{BufMut, Bytes, BytesMut};
use zip::write::{ExtendedFileOptions, FileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::platform::timestamp::Timestamp;

/// The extended timestamp of Info-ZIP: UTC, where the format's own field is a local time without a zone.
const EXTENDED_TIMESTAMP: u16 = 0x5455;
/// The flag for a modification time only.
const MODIFIED: u8 = 1;
/// Readable for all, writable for the owner.
const MODE: u32 = 0o644;
/// From this size on an entry is announced as ZIP64 (APPNOTE 4.3.9.2): its size does not fit into 32 bits.
const ZIP64_SIZE: u64 = u32::MAX as u64;

/// The fastest level of Deflate, because pictures and videos are already compressed.
const COMPRESSION_LEVEL: i64 = 1;
/// Incompressible data grows by less than this fraction of its size.
const BLOCK_HEADERS: u64 = 1000;

/// Written bytes that were not read yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<BytesMut>>);

impl Written {
    fn take(&self) -> Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).freeze()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct Archive {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
}

impl Archive {
    pub fn new() -> Self {
        let written = Written::default();
        Self { zip: ZipWriter::new_stream(written.clone()), written }
    }

    /// Begins an entry of at most `size` bytes. Names are unique: see [`super::entry_names`].
    pub fn start(&mut self, name: &str, size: u64, modified: Timestamp) -> io::Result<()> {
        let mut options = FileOptions::<ExtendedFileOptions>::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(COMPRESSION_LEVEL))
            .large_file(size.saturating_add(size / BLOCK_HEADERS) >= ZIP64_SIZE)
            .unix_permissions(MODE)
            .last_modified_time(dos_time(modified));
        if let Ok(seconds) = i32::try_from(modified.0.div_euclid(1000)) {
            let mut field = vec![MODIFIED];
            field.extend(seconds.to_le_bytes());
            options.add_extra_field(EXTENDED_TIMESTAMP, field, false)?;
        }
        Ok(self.zip.start_file(name, options)?)
    }

    /// Writes bytes of the current entry.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)
    }

    /// Returns the bytes that are ready to send.
    pub fn take(&self) -> Bytes {
        self.written.take()
    }

    /// Writes the end: the list of all entries.
    pub fn finish(self) -> io::Result<Bytes> {
        self.zip.finish()?;
        Ok(self.written.take())
    }
}

/// Converts to DOS time, to two seconds, in UTC; 1980 for earlier times.
fn dos_time(moment: Timestamp) -> DateTime {
    let at = moment.to_date_time();
    let year = u16::try_from(at.year()).unwrap_or_default();
    DateTime::from_date_and_time(year, at.month().into(), at.day(), at.hour(), at.minute(), at.second())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    const LOOK: &str = "
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
found = archive.infolist()
print(len(found), found[0].file_size, found[-1].filename, found[-1].file_size, archive.read(found[-1]).decode())
assert not int(sys.argv[2]) or archive.testzip() is None";

    /// Returns what Python's `zipfile`, an independent implementation, reads in an archive.
    fn look(file: &Path, whole: bool) -> String {
        let looked =
            Command::new("python3").args(["-c", LOOK]).arg(file).arg(u8::from(whole).to_string()).output().unwrap();
        assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
        String::from_utf8(looked.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn more_entries_than_16_bits_count_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.zip");
        let mut file = File::create(&path).unwrap();
        let mut archive = Archive::new();
        for number in 1..=70_000 {
            archive.start(&format!("{number}.txt"), 1, Timestamp(1_763_460_367_123)).unwrap();
            archive.write(b"x").unwrap();
            file.write_all(&archive.take()).unwrap();
        }
        file.write_all(&archive.finish().unwrap()).unwrap();
        assert_eq!(look(&path, true), "70000 1 70000.txt 1 x");
    }

    #[test]
    fn a_file_over_4_gb_and_the_next_one_are_complete() {
        const PIECE: usize = 16 * 1024 * 1024;
        let size = u64::from(u32::MAX) + PIECE as u64 + 1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big.zip");
        let mut file = File::create(&path).unwrap();
        let mut archive = Archive::new();
        archive.start("big.bin", size, Timestamp(0)).unwrap();
        file.write_all(&archive.take()).unwrap();
        let zeros = vec![0; PIECE];
        let mut left = size;
        while left > 0 {
            let piece = usize::try_from(left.min(PIECE as u64)).unwrap();
            archive.write(&zeros[..piece]).unwrap();
            file.write_all(&archive.take()).unwrap();
            left -= piece as u64;
        }
        archive.start("after.txt", 5, Timestamp(0)).unwrap();
        archive.write(b"after").unwrap();
        file.write_all(&archive.take()).unwrap();
        file.write_all(&archive.finish().unwrap()).unwrap();
        assert_eq!(look(&path, false), format!("2 {size} after.txt 5 after"));
        let tested = Command::new("unzip").arg("-tqq").arg(&path).output().unwrap();
        assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    }
}
