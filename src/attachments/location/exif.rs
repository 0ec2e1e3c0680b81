//! EXIF: a TIFF structure in which one directory holds the place (Exif 3.0 §4.6).

const GPS: u16 = 0x8825;
const XMP: u16 = 0x02bc;
const ORIENTATION: u16 = 0x0112;
/// Entries that lead to further directories: Exif, interoperability, sub-directories.
const DIRECTORIES: [u16; 3] = [0x8769, 0xa005, 0x014a];
/// Directories that are walked: a real file has five.
const DIRECTORIES_MAX: usize = 32;
const ENTRY: usize = 12;

/// The same block without the place; `None` when it holds none. A block that cannot be understood is left with its
/// orientation alone.
pub fn without_place(block: &[u8]) -> Option<Vec<u8>> {
    let Some(mut tiff) = Tiff::new(block) else {
        return block.iter().any(|byte| *byte != 0).then(|| vec![0; block.len()]);
    };
    match tiff.clean() {
        Some(()) => (tiff.bytes != block).then_some(tiff.bytes),
        None => Some(orientation_alone(block)),
    }
}

struct Tiff {
    bytes: Vec<u8>,
    big_endian: bool,
}

struct Entry {
    at: usize,
    tag: u16,
    /// Bytes of its value.
    size: usize,
    /// Where its value is.
    value: usize,
}

impl Tiff {
    /// `None` when it does not start as one.
    fn new(block: &[u8]) -> Option<Self> {
        let big_endian = match block.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        Some(Self { bytes: block.to_vec(), big_endian })
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

    /// Walks all directories. `None` when something points to nowhere.
    fn clean(&mut self) -> Option<()> {
        let mut waiting = vec![self.offset(4)?];
        let mut walked = Vec::new();
        while let Some(directory) = waiting.pop() {
            if directory == 0 || walked.contains(&directory) {
                continue;
            }
            if walked.len() == DIRECTORIES_MAX {
                return None;
            }
            walked.push(directory);
            let mut place = 0;
            while place < usize::from(self.u16(directory)?) {
                let entry = self.entry(directory + 2 + place * ENTRY)?;
                match entry.tag {
                    GPS => {
                        self.wipe_directory(self.offset(entry.at + 8)?)?;
                        self.remove(directory, place)?;
                        continue;
                    }
                    XMP => {
                        let packet = self.bytes.get(entry.value..entry.value.checked_add(entry.size)?)?;
                        if let Some(clean) = super::xmp::without_place(packet) {
                            self.bytes[entry.value..entry.value + entry.size].copy_from_slice(&clean);
                        }
                    }
                    tag if DIRECTORIES.contains(&tag) => {
                        for value in (entry.value..entry.value.checked_add(entry.size)?).step_by(4) {
                            waiting.push(self.offset(value)?);
                        }
                    }
                    _ => {}
                }
                place += 1;
            }
            // The last directory of a chain may lack the offset of the next.
            waiting.extend(self.offset(directory + 2 + place * ENTRY));
        }
        Some(())
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

    /// Blanks a directory and all that its entries point to.
    fn wipe_directory(&mut self, directory: usize) -> Option<()> {
        let count = usize::from(self.u16(directory)?);
        for place in 0..count {
            let entry = self.entry(directory + 2 + place * ENTRY)?;
            self.bytes.get_mut(entry.value..entry.value.checked_add(entry.size)?)?.fill(0);
        }
        self.bytes.get_mut(directory..directory.checked_add(2 + count * ENTRY)?)?.fill(0);
        Some(())
    }

    /// Takes an entry out of a directory: the ones after it, and the offset of the next directory, move up.
    fn remove(&mut self, directory: usize, place: usize) -> Option<()> {
        let count = self.u16(directory)?;
        let (from, end) = (directory + 2 + place * ENTRY, directory + 2 + usize::from(count) * ENTRY);
        // Wiping may have hit the directory itself, when it pointed there.
        let end = (end + 4).min(self.bytes.len());
        if from + ENTRY > end {
            return None;
        }
        self.bytes.copy_within(from + ENTRY..end, from);
        self.bytes[end - ENTRY..end].fill(0);
        self.put_u16(directory, count - 1);
        Some(())
    }
}

/// As long as before, with nothing but the orientation.
fn orientation_alone(block: &[u8]) -> Vec<u8> {
    const LENGTH: usize = 26;
    let mut bytes = vec![0; block.len()];
    let orientation = Tiff::new(block).and_then(|tiff| {
        let directory = tiff.offset(4)?;
        (0..usize::from(tiff.u16(directory)?))
            .map_while(|place| tiff.entry(directory + 2 + place * ENTRY))
            .find(|entry| entry.tag == ORIENTATION)
            .and_then(|entry| tiff.u16(entry.value))
    });
    if let Some(orientation) = orientation.filter(|_| block.len() >= LENGTH) {
        bytes[..20].copy_from_slice(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0"[..20].as_ref());
        bytes[18..20].copy_from_slice(&orientation.to_be_bytes());
    }
    bytes
}
