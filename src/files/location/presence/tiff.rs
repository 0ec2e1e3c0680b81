//! TIFF, the EXIF block that has the same form, raw photos, and `BigTIFF`: directories that point anywhere in the file.

use std::io::{Read, Seek};

use super::reader::Reader;
use super::xmp_has_location;
use crate::files::location::budget::SearchError;

/// Tags of entries that point to other directories: sub-directories, EXIF.
const DIRECTORIES: [u16; 2] = [0x014a, 0x8769];
const GPS: u16 = 0x8825;
const XMP: u16 = 0x02bc;
/// Tags of the latitude and longitude of the camera and of its subject.
const COORDINATES: [u16; 4] = [2, 4, 20, 22];
/// Maximum number of directories: a raw photo has about ten.
const DIRECTORIES_MAX: usize = 64;
/// Length of coordinates in bytes: degrees, minutes and seconds, each a fraction of two numbers.
const COORDINATE: u64 = 24;

/// One TIFF, which starts at `base`. Its offsets are relative to that.
struct Tiff {
    base: u64,
    end: u64,
    big_endian: bool,
    /// `BigTIFF`: offsets and counts have 8 bytes.
    is_big: bool,
}

struct Entry {
    tag: u16,
    /// Bytes of its value.
    size: u64,
    /// Offset of the value in the file.
    value: u64,
}

/// Returns whether the TIFF between two offsets has coordinates.
pub fn has_location<S: Read + Seek>(reader: &mut Reader<'_, S>, base: u64, end: u64) -> Result<bool, SearchError> {
    let Some((tiff, first)) = Tiff::open(reader, base, end)? else { return Ok(false) };
    let (mut waiting, mut read) = (vec![first], Vec::new());
    while let Some(directory) = waiting.pop() {
        if read.contains(&directory) {
            continue;
        }
        if read.len() == DIRECTORIES_MAX {
            break;
        }
        read.push(directory);
        let (entries, next) = tiff.directory(reader, directory)?;
        waiting.extend(next);
        for entry in entries {
            match entry.tag {
                GPS => {
                    let Some(gps) = tiff.offsets(reader, &entry)?.first().copied() else { continue };
                    let (entries, _) = tiff.directory(reader, gps)?;
                    if tiff.has_coordinates(reader, &entries)? {
                        return Ok(true);
                    }
                }
                XMP => {
                    let packet = tiff.bytes(reader, entry.value, entry.size)?.unwrap_or_default();
                    if xmp_has_location(&packet, reader.budget)? {
                        return Ok(true);
                    }
                }
                tag if DIRECTORIES.contains(&tag) && waiting.len() < DIRECTORIES_MAX => {
                    waiting.extend(tiff.offsets(reader, &entry)?);
                }
                _ => {}
            }
        }
    }
    Ok(false)
}

/// Returns whether the first directory of the TIFF between two offsets has coordinates itself, as in Canon's CR3.
pub fn is_gps_directory<S: Read + Seek>(reader: &mut Reader<'_, S>, base: u64, end: u64) -> Result<bool, SearchError> {
    let Some((tiff, first)) = Tiff::open(reader, base, end)? else { return Ok(false) };
    let (entries, _) = tiff.directory(reader, first)?;
    tiff.has_coordinates(reader, &entries)
}

impl Tiff {
    /// Reads the header. Returns the offset of the first directory, too.
    fn open<S: Read + Seek>(
        reader: &mut Reader<'_, S>,
        base: u64,
        end: u64,
    ) -> Result<Option<(Self, u64)>, SearchError> {
        let Some(head) = reader.array::<8>(base)? else { return Ok(None) };
        let big_endian = head.starts_with(b"MM");
        let mut tiff = Self { base, end: end.min(reader.length()), big_endian, is_big: false };
        let version = tiff.number(&head[2..4]);
        tiff.is_big = version == 43;
        // Some cameras have other versions, such as `RO` and `U`. They are not searched.
        if !(big_endian || head.starts_with(b"II")) || !matches!(version, 42 | 43) {
            return Ok(None);
        }
        if !tiff.is_big {
            let first = tiff.number(&head[4..]);
            return Ok(Some((tiff, first)));
        }
        let first = tiff.bytes(reader, 8, 8)?.map(|bytes| tiff.number(&bytes));
        Ok(first.map(|first| (tiff, first)))
    }

    /// Reads a number of up to 8 bytes.
    fn number(&self, bytes: &[u8]) -> u64 {
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }

    fn bytes<S: Read + Seek>(
        &self,
        reader: &mut Reader<'_, S>,
        at: u64,
        length: u64,
    ) -> Result<Option<Vec<u8>>, SearchError> {
        let at = self.base.saturating_add(at);
        if at.saturating_add(length) > self.end {
            return Ok(None);
        }
        reader.bytes(at, length)
    }

    /// Reads the entries of a directory, as far as present, and the offset of the next one.
    fn directory<S: Read + Seek>(
        &self,
        reader: &mut Reader<'_, S>,
        at: u64,
    ) -> Result<(Vec<Entry>, Option<u64>), SearchError> {
        let (count_size, entry_size, offset_size) = if self.is_big { (8, 20, 8) } else { (2, 12, 4) };
        let count_end = if self.is_big { 12 } else { 8 };
        let none = (Vec::new(), None);
        if at == 0 {
            return Ok(none);
        }
        let Some(count) = self.bytes(reader, at, count_size)? else { return Ok(none) };
        let Some(length) = self.number(&count).checked_mul(entry_size) else { return Ok(none) };
        let (first, Ok(step)) = (at + count_size, usize::try_from(entry_size)) else { return Ok(none) };
        let Some(bytes) = self.bytes(reader, first, length)? else { return Ok(none) };
        let mut entries = Vec::new();
        for (index, entry) in (0_u64..).zip(bytes.chunks_exact(step)) {
            let unit = match self.number(&entry[2..4]) {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 | 16 | 17 | 18 => 8,
                _ => continue,
            };
            let size = self.number(&entry[4..count_end]).saturating_mul(unit);
            let is_within = size <= offset_size;
            let field = first + index * entry_size + entry_size - offset_size;
            let value = if is_within { field } else { self.number(&entry[count_end..]) };
            entries.push(Entry { tag: u16::try_from(self.number(&entry[..2])).unwrap_or(0), size, value });
        }
        let next = self.bytes(reader, first + length, offset_size)?.map(|bytes| self.number(&bytes));
        Ok((entries, next.filter(|next| *next != 0)))
    }

    /// Returns the offsets of directories in the value of an entry.
    fn offsets<S: Read + Seek>(&self, reader: &mut Reader<'_, S>, entry: &Entry) -> Result<Vec<u64>, SearchError> {
        let each = if self.is_big && entry.size.is_multiple_of(8) { 8 } else { 4 };
        let length = entry.size.min(each as u64 * DIRECTORIES_MAX as u64);
        let bytes = self.bytes(reader, entry.value, length)?.unwrap_or_default();
        Ok(bytes.chunks_exact(each).map(|offset| self.number(offset)).collect())
    }

    /// Ignores zeros, which cameras without a position write.
    fn has_coordinates<S: Read + Seek>(
        &self,
        reader: &mut Reader<'_, S>,
        entries: &[Entry],
    ) -> Result<bool, SearchError> {
        for entry in entries.iter().filter(|entry| COORDINATES.contains(&entry.tag)) {
            let fractions = self.bytes(reader, entry.value, entry.size.min(COORDINATE))?.unwrap_or_default();
            if fractions.chunks_exact(8).any(|fraction| fraction[..4] != [0; 4]) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
