//! PNG: chunks, each with a checksum (PNG, third edition, §5).

use std::io::{self, Read, Seek, SeekFrom};

use super::{BLOCK_MAX, Patch, block, exif, names_a_place, trailer, xmp};

const SIGNATURE: u64 = 8;
/// Length, type and checksum around the data of a chunk.
const FRAME: u64 = 12;

pub fn find<S: Read + Seek>(source: &mut S, patches: &mut Vec<Patch>) -> io::Result<()> {
    let mut at = SIGNATURE;
    loop {
        let mut head = [0; 8];
        source.seek(SeekFrom::Start(at))?;
        if source.read_exact(&mut head).is_err() {
            return Ok(());
        }
        let [l0, l1, l2, l3, kind @ ..] = head;
        let length = u64::from(u32::from_be_bytes([l0, l1, l2, l3]));
        if matches!(&kind, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt") {
            if length > BLOCK_MAX {
                // Longer than any text: its bytes and its name are blanked, so that no reader takes them for one.
                patches.push(Patch::bytes(at + 4, b"junK".to_vec()));
                patches.push(Patch::fill(at + 8, 0, length));
            } else if let Some(data) = block(source, at + 8, length)?
                && let Some((kind, data)) = chunk(kind, &data)
            {
                let chunk = [&kind[..], &data].concat();
                let sum = crc32fast::hash(&chunk).to_be_bytes();
                patches.push(Patch::bytes(at + 4, [&chunk[..], &sum].concat()));
            }
        }
        at += FRAME + length;
        if &kind == b"IEND" {
            return trailer::find(source, at, patches);
        }
    }
}

/// A chunk of metadata without the place; `None` when it holds none.
fn chunk(kind: [u8; 4], data: &[u8]) -> Option<([u8; 4], Vec<u8>)> {
    if &kind == b"eXIf" {
        return exif::without_place(data).map(|clean| (kind, clean));
    }
    let keyword_end = data.iter().position(|byte| *byte == 0)?;
    let (keyword, rest) = data.split_at(keyword_end);
    if keyword == b"XML:com.adobe.xmp" && &kind == b"iTXt" && rest.get(1) == Some(&0) {
        // After the flag and the method of compression, two more texts that end with a zero.
        let zeros: Vec<usize> = (3..rest.len()).filter(|place| rest[*place] == 0).take(2).collect();
        let text = keyword_end + zeros.get(1)? + 1;
        let clean = xmp::without_place(&data[text..])?;
        return Some((kind, [&data[..text], &clean].concat()));
    }
    // Compressed, or EXIF and XMP written as text by older programs: gone as a whole. So are properties by that name.
    let is_profile =
        keyword.starts_with(b"Raw profile type ") && !keyword.ends_with(b"icc") && !keyword.ends_with(b"icm");
    let tells = keyword == b"XML:com.adobe.xmp" || is_profile || names_a_place(keyword) || names_a_place(rest);
    let mut blank = [keyword, b"\0"].concat();
    blank.resize(data.len(), b' ');
    let is_blank = &kind == b"tEXt" && blank == data;
    (tells && !is_blank).then_some((*b"tEXt", blank))
}
