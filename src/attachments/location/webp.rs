//! WebP: chunks of a RIFF file (RFC 9649 §2).

use std::io::{self, Read, Seek, SeekFrom};

use super::{BLOCK_MAX, Patch, block, exif, trailer, xmp};

pub fn find<S: Read + Seek>(source: &mut S, patches: &mut Vec<Patch>) -> io::Result<()> {
    let mut head = [0; 12];
    if source.read_exact(&mut head).is_err() {
        return Ok(());
    }
    let end = 8 + u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    let mut at = 12;
    while at < end {
        let mut head = [0; 8];
        source.seek(SeekFrom::Start(at))?;
        if source.read_exact(&mut head).is_err() {
            return Ok(());
        }
        let [kind @ .., l0, l1, l2, l3] = head;
        let length = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        if matches!(&kind, b"EXIF" | b"XMP ") {
            let data = block(source, at + 8, length)?;
            match data {
                Some(data) => patches.extend(chunk(&kind, &data).map(|clean| Patch::bytes(at + 8, clean))),
                None if length > BLOCK_MAX => patches.push(Patch::fill(at + 8, 0, length)),
                None => {}
            }
        }
        at += 8 + length + length % 2;
    }
    trailer::find(source, at, patches)
}

fn chunk(kind: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    if kind == b"XMP " {
        return xmp::without_place(data);
    }
    // Some programs put the name that JPEG needs before it.
    let head = if data.starts_with(b"Exif\0\0") { 6 } else { 0 };
    exif::without_place(&data[head..]).map(|clean| [&data[..head], &clean].concat())
}
