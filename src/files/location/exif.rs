//! EXIF: a TIFF structure in which one directory has the location (Exif 3.0 §4.6).

use super::budget::{Budget, SearchError};
use super::words;

const GPS: u16 = 0x8825;
const XMP: u16 = 0x02bc;
const ORIENTATION: u16 = 0x0112;
/// Tags of entries that point to further directories: Exif, interoperability, sub-directories.
const DIRECTORIES: [u16; 3] = [0x8769, 0xa005, 0x014a];
/// Maximum number of directories: a real file has five.
const DIRECTORIES_MAX: usize = 32;
const ENTRY: usize = 12;
/// Steps for an empty block, and per byte. A real block needs one step for one byte.
const STEPS_BASE: usize = 4096;
const STEPS_PER_BYTE: usize = 8;
/// Start of the EXIF of a thumbnail, which is a JPEG itself.
const NESTED: [&[u8]; 2] = [b"Exif\0\0MM\0*", b"Exif\0\0II*\0"];

/// Returns the same block without the location; `None` if it has none. A block that can't be parsed, or whose entries
/// overlap so much that cleaning it would take more than linear time, keeps only its orientation.
pub fn without_place(block: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, SearchError> {
    let Some(cleaned) = cleaned(block, budget)? else { return Ok(None) };
    // If parts of a block overlap, a change may have created another entry.
    Ok(match self::cleaned(&cleaned, budget)? {
        None => Some(cleaned),
        Some(_) => Some(orientation_alone(block)).filter(|alone| alone != block),
    })
}

/// Runs one pass. `None` if nothing changes.
fn cleaned(block: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, SearchError> {
    budget.spend(block.len())?;
    let Some(mut tiff) = Tiff::new(block) else {
        return Ok(block.iter().any(|byte| *byte != 0).then(|| vec![0; block.len()]));
    };
    let understood = tiff.clean(budget)?;
    budget.spend(tiff.allowance() - tiff.steps)?;
    let cleaned = if understood.is_some() { tiff.bytes } else { orientation_alone(block) };
    Ok(Some(cleaned).filter(|cleaned| cleaned != block))
}

/// Returns the orientation, from 1 to 8, in the first directory of a block. Takes linear time.
pub fn orientation(block: &[u8]) -> Option<u16> {
    let tiff = Tiff::new(block)?;
    let directory = tiff.offset(4)?;
    (0..usize::from(tiff.u16(directory)?))
        .map_while(|place| tiff.entry(directory.checked_add(2 + place * ENTRY)?))
        .find(|entry| entry.tag == ORIENTATION)
        .and_then(|entry| tiff.u16(entry.value))
        .filter(|orientation| (1..=8).contains(orientation))
}

struct Tiff {
    bytes: Vec<u8>,
    big_endian: bool,
    /// Remaining steps for this block.
    steps: usize,
}

struct Entry {
    at: usize,
    tag: u16,
    /// Bytes of its value.
    size: usize,
    /// Offset of its value.
    value: usize,
}

impl Tiff {
    /// Returns `None` if it does not start as one.
    fn new(block: &[u8]) -> Option<Self> {
        let big_endian = match block.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let mut tiff = Self { bytes: block.to_vec(), big_endian, steps: 0 };
        tiff.steps = tiff.allowance();
        Some(tiff)
    }

    fn allowance(&self) -> usize {
        STEPS_BASE + STEPS_PER_BYTE * self.bytes.len()
    }

    /// Returns `None` if the block is more expensive than any real one.
    fn spend(&mut self, steps: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(steps)?;
        Some(())
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn offset(&self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let value = if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        usize::try_from(value).ok()
    }

    fn put_u16(&mut self, at: usize, value: u16) {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes[at..at + 2].copy_from_slice(&bytes);
    }

    /// Cleans all directories. `None` if an offset is outside, or the steps are used up.
    fn clean(&mut self, budget: &mut Budget) -> Result<Option<()>, SearchError> {
        let Some(first) = self.offset(4) else { return Ok(None) };
        let mut waiting = vec![first];
        let mut walked = Vec::new();
        let mut packets = Vec::new();
        while let Some(directory) = waiting.pop() {
            if directory == 0 || walked.contains(&directory) {
                continue;
            }
            if walked.len() == DIRECTORIES_MAX {
                return Ok(None);
            }
            walked.push(directory);
            if self.clean_directory(directory, &mut waiting, &mut packets).is_none() {
                return Ok(None);
            }
        }
        for (start, end) in packets {
            if let Some(clean) = super::xmp::without_place(&self.bytes[start..end], budget)? {
                self.bytes[start..end].copy_from_slice(&clean);
            }
        }
        Ok(self.clean_thumbnails())
    }

    /// Removes the location from one directory, and records further directories and XMP packets.
    fn clean_directory(
        &mut self,
        directory: usize,
        waiting: &mut Vec<usize>,
        packets: &mut Vec<(usize, usize)>,
    ) -> Option<()> {
        let mut place = 0;
        while place < usize::from(self.u16(directory)?) {
            self.spend(ENTRY)?;
            let entry = self.entry(directory.checked_add(2 + place * ENTRY)?)?;
            match entry.tag {
                GPS => {
                    self.wipe_directory(self.offset(entry.at + 8)?)?;
                    self.remove(directory, place)?;
                    continue;
                }
                XMP => {
                    let end = entry.value.checked_add(entry.size).filter(|end| *end <= self.bytes.len())?;
                    // Also limits the cost of all packets of the block together.
                    self.spend(entry.size)?;
                    packets.push((entry.value, end));
                }
                tag if DIRECTORIES.contains(&tag) => {
                    for value in (entry.value..entry.value.checked_add(entry.size)?).step_by(4) {
                        if waiting.len() == DIRECTORIES_MAX {
                            return None;
                        }
                        waiting.push(self.offset(value)?);
                    }
                }
                _ => {}
            }
            place += 1;
        }
        // The last directory of a chain may lack the offset of the next.
        waiting.extend(self.offset(directory + 2 + place * ENTRY));
        Some(())
    }

    /// Blanks the EXIF of thumbnails. No reader shows it.
    fn clean_thumbnails(&mut self) -> Option<()> {
        let mut from = 0;
        while let Some((found, _)) = words::find_any(&self.bytes[from..], &NESTED) {
            let tiff = from + found + NESTED[0].len() - 4;
            // The length of the segment, including itself, is before its name. An impossible one blanks the rest.
            let length_at = (tiff - 6).checked_sub(2);
            let length =
                length_at.map_or(0, |at| usize::from(u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]])));
            let end = length_at.map(|at| at + length).filter(|end| *end > tiff && *end <= self.bytes.len());
            let end = end.unwrap_or(self.bytes.len());
            self.bytes[tiff..end].fill(0);
            from = end;
        }
        self.spend(self.bytes.len())
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let unit = match self.u16(at + 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let size = self.offset(at + 4)?.checked_mul(unit)?;
        let value = if size <= 4 { at + 8 } else { self.offset(at + 8)? };
        self.bytes.get(at..at.checked_add(ENTRY)?)?;
        Some(Entry { at, tag: self.u16(at)?, size, value })
    }

    /// Blanks a directory and all values that its entries point to.
    fn wipe_directory(&mut self, directory: usize) -> Option<()> {
        let count = usize::from(self.u16(directory)?);
        for place in 0..count {
            let entry = self.entry(directory.checked_add(2 + place * ENTRY)?)?;
            self.spend(ENTRY)?;
            self.spend(entry.size)?;
            self.bytes.get_mut(entry.value..entry.value.checked_add(entry.size)?)?.fill(0);
        }
        self.bytes.get_mut(directory..directory.checked_add(2 + count * ENTRY)?)?.fill(0);
        Some(())
    }

    /// Removes an entry from a directory: later ones, and the offset of the next directory, move up.
    fn remove(&mut self, directory: usize, place: usize) -> Option<()> {
        let count = self.u16(directory)?;
        let (from, end) = (directory + 2 + place * ENTRY, directory + 2 + usize::from(count) * ENTRY);
        // Wiping may have hit the directory itself, if an entry pointed there.
        let end = (end + 4).min(self.bytes.len());
        if from + ENTRY > end {
            return None;
        }
        self.spend(end - from)?;
        self.bytes.copy_within(from + ENTRY..end, from);
        self.bytes[end - ENTRY..end].fill(0);
        self.put_u16(directory, count.checked_sub(1)?);
        Some(())
    }
}

/// Returns a block of the same length with only the orientation.
fn orientation_alone(block: &[u8]) -> Vec<u8> {
    const LENGTH: usize = 26;
    let mut bytes = vec![0; block.len()];
    if let Some(orientation) = orientation(block).filter(|_| block.len() >= LENGTH) {
        bytes[..20].copy_from_slice(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0"[..20].as_ref());
        bytes[18..20].copy_from_slice(&orientation.to_be_bytes());
    }
    bytes
}
