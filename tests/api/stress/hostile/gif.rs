//! GIF and BMP.

use super::super::random::Random;
use super::{Kind, exif, kind, le, le16};

const GIF: &str = "image/gif";

pub const KINDS: &[Kind] = &[
    kind("a huge screen of small frames", GIF, |random| {
        let frame = frame((1, 1), &[]);
        gif((65_535, 65_535), &frame.repeat(random.between(1, 50_000)))
    }),
    kind("a GIF of many large frames", GIF, |random| {
        let side = random.between(500, 2_000);
        let frame = frame((side, side), &pixels(side * side));
        gif((side, side), &frame.repeat(random.between(2, 2_000_000 / frame.len())))
    }),
    kind("pixels without end", GIF, |random| {
        let (width, height) = *random.pick(&[(9_900, 9_900), (65_535, 1_500), (1_500, 65_535)]);
        gif((width, height), &frame((width, height), &pixels(width * height)))
    }),
    kind("a frame beyond the screen", GIF, |random| {
        let length = random.between(1, 3_000_000);
        gif((16, 16), &frame((65_535, 65_535), &random.bytes(length)))
    }),
    kind("extensions without end", GIF, |random| {
        let extension = [b"\x21\xfe\xff".as_slice(), &[b'g'; 255], b"\0"].concat();
        gif((16, 16), &extension.repeat(random.between(10, 20_000)))
    }),
    kind("BMP of more pixels than there are", "image/bmp", |random| {
        let side = *random.pick(&[9_000, 30_000, 2_000_000_000]);
        let bits = *random.pick(&[1, 8, 24, 32]);
        let compression = *random.pick(&[0, 1, 3]);
        let data = random.bytes(300_000);
        let sizes = [le(data.len() + 54), le(0), le(54), le(40), le(side), le(side)].concat();
        let rest = [le(compression), le(0), le(0), le(0), le(0xffff_ffff), le(0)].concat();
        [b"BM", &sizes[..], &le16(1), &le16(bits), &rest, &data].concat()
    }),
    kind("TIFF directories", "image/tiff", exif::tiff),
];

fn gif((width, height): (usize, usize), frames: &[u8]) -> Vec<u8> {
    [b"GIF89a", &le16(width)[..], &le16(height), &[0x80, 0, 0, 10, 20, 30, 40, 50, 60], frames, b";"].concat()
}

fn frame((width, height): (usize, usize), data: &[u8]) -> Vec<u8> {
    let mut bytes = [&b","[..], &[0; 4], &le16(width), &le16(height), &[0, 2]].concat();
    for block in data.chunks(255) {
        bytes.push(u8::try_from(block.len()).expect("at most 255"));
        bytes.extend(block);
    }
    bytes.push(0);
    bytes
}

/// Returns LZW of this many equal pixels, in codes that grow to 12 bits: each means one pixel more than the previous.
fn pixels(count: usize) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    let mut put = |code: u32, width: u32| {
        held |= code << bits;
        bits += width;
        while bits >= 8 {
            bytes.push(held.to_le_bytes()[0]);
            held >>= 8;
            bits -= 8;
        }
    };
    let mut left = count;
    while left > 0 {
        // Clear, one pixel, then the code that is just being defined.
        put(4, 3);
        put(0, 3);
        left -= 1;
        let (mut next, mut width, mut length) = (6, 3, 2);
        while left > 0 && next < 4_095 {
            put(next, width);
            left = left.saturating_sub(length);
            length += 1;
            next += 1;
            if next == 1 << width && width < 12 {
                width += 1;
            }
        }
        if left > 0 {
            put(4, width);
        }
    }
    put(5, 12);
    put(0, 8);
    bytes
}

/// Returns a valid picture, to be mangled.
pub fn small(random: &mut Random) -> Vec<u8> {
    let side = random.between(1, 200);
    gif((side, side), &frame((side, side), &pixels(side * side)))
}
