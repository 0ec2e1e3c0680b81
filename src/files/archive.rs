//! A zip that is written piece by piece: bytes of files go in, bytes of the archive come out, nothing is kept but the list of
//! entries for its end. Entries are stored as they are: pictures and videos are compressed already.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{BufMut, Bytes, BytesMut};
use zip::write::{ExtendedFileOptions, FileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::attachments::file_name::FileName;
use crate::platform::timestamp::Timestamp;

/// The extended timestamp of Info-ZIP: the moment itself, where the field of the format says a local time without a zone.
const EXTENDED_TIMESTAMP: u16 = 0x5455;
/// In its flags: the time of modification is there, and nothing else.
const MODIFIED: u8 = 1;
/// Readable for all, writable for the owner.
const MODE: u32 = 0o644;
/// From this size on an entry is announced as ZIP64 (APPNOTE 4.3.9.2): its size does not fit into 32 bits.
const ZIP64_SIZE: u64 = u32::MAX as u64;

/// What was written and not taken yet.
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
    pub fn start(&mut self, name: &FileName, size: u64, modified: Timestamp) -> io::Result<()> {
        let mut options = FileOptions::<ExtendedFileOptions>::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(size >= ZIP64_SIZE)
            .unix_permissions(MODE)
            .last_modified_time(dos_time(modified));
        if let Ok(seconds) = i32::try_from(modified.0.div_euclid(1000)) {
            let mut field = vec![MODIFIED];
            field.extend(seconds.to_le_bytes());
            options.add_extra_field(EXTENDED_TIMESTAMP, field, false)?;
        }
        Ok(self.zip.start_file(name.as_str(), options)?)
    }

    /// More bytes of the entry that was begun.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)
    }

    /// What of the archive is ready to be sent.
    pub fn take(&self) -> Bytes {
        self.written.take()
    }

    /// The end: the list of all entries.
    pub fn finish(self) -> io::Result<Bytes> {
        self.zip.finish()?;
        Ok(self.written.take())
    }
}

/// To two seconds, in UTC; 1980 for what is before it.
fn dos_time(moment: Timestamp) -> DateTime {
    let at = moment.to_date_time();
    let year = u16::try_from(at.year()).unwrap_or_default();
    DateTime::from_date_and_time(year, at.month().into(), at.day(), at.hour(), at.minute(), at.second())
        .unwrap_or_default()
}
