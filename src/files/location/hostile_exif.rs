//! TIFF structures that loop, fan out and overlap. The stress tests use them too.

/// Returns a TIFF structure of `length` bytes whose first directory has `count` entries of one kind, all with the same
/// value.
pub fn directory(length: usize, count: usize, tag: u16, kind: u16, units: usize, value: usize) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(u16::try_from(count).unwrap().to_le_bytes());
    for _ in 0..count {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(u32::try_from(units).unwrap().to_le_bytes());
        bytes.extend(u32::try_from(value).unwrap().to_le_bytes());
    }
    bytes.resize(bytes.len().max(length), 0);
    bytes
}

/// Returns directories that each point to the next one, and the last one to the first.
pub fn chain(count: usize) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    for index in 0..count {
        let next = if index + 1 == count { 8 } else { bytes.len() + 6 };
        bytes.extend([0, 0]);
        bytes.extend(u32::try_from(next).unwrap().to_le_bytes());
    }
    bytes
}
