//! EXIF blocks: TIFF structures whose pointers loop, fan out and overlap.

use self::structures::{chain, directory};
use super::super::random::Random;
use super::{le, le16};

#[path = "../../../../src/files/location/hostile_exif.rs"]
mod structures;

/// Returns a block of at most `length` bytes.
pub fn block(random: &mut Random, length: usize) -> Vec<u8> {
    let count = (length / 13).clamp(1, 65_535);
    let bytes = match random.below(6) {
        0 => directory(length, count, 0x8769, 4, count * 3 - 2, 8),
        1 => directory(length, count, 0x8825, 4, 1, 8),
        2 => directory(length, count, 0x014a, 4, count * 3 - 2, 8),
        3 => directory(length, count, 0x02bc, 1, count * 12, 0),
        4 => directory(length, count, 0x9286, 2, 0xffff_ffff, 0xffff_fff0),
        _ => chain(length / 6),
    };
    bytes[..bytes.len().min(length)].to_vec()
}

/// Returns a TIFF picture whose directory claims missing strips and sides, or loops.
pub fn tiff(random: &mut Random) -> Vec<u8> {
    if random.percent(40) {
        return chain(random.between(1_000, 300_000));
    }
    let side = *random.pick(&[5_000, 16_000, 60_000, 4_000_000_000]);
    let strips = *random.pick(&[1, 65_535, 400_000_000]);
    let compression = *random.pick(&[1, 5, 7, 8, 32773]);
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    let entries = [
        (256, side),
        (257, side),
        (258, 8),
        (259, compression),
        (262, 2),
        (273, 200),
        (277, 3),
        (278, 1),
        (279, 4_000_000_000),
    ];
    bytes.extend(le16(entries.len()));
    for (tag, value) in entries {
        let units = if matches!(tag, 273 | 279) { strips } else { 1 };
        bytes.extend(le16(tag));
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(le(units));
        bytes.extend(le(value));
    }
    bytes.extend([8, 0, 0, 0]);
    bytes.extend(random.bytes(200_000));
    bytes
}
