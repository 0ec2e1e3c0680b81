//! PNG (ISO 15948) and its animated sibling.

use std::sync::LazyLock;

use super::super::random::Random;
use super::{Kind, be, deflated, exif, kind, packet};
use crate::support::files;

const PNG: &str = "image/png";
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub const KINDS: &[Kind] = &[
    kind("EXIF pointers in PNG", PNG, |random| {
        let length = random.between(10_000, 800_000);
        with_chunks(&chunk(*b"eXIf", &exif::block(random, length)))
    }),
    kind("XMP in PNG", PNG, |random| {
        let length = random.between(100_000, 5_000_000);
        with_chunks(&chunk(*b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", &packet(random, length)[..]].concat()))
    }),
    kind("texts that inflate", PNG, |random| {
        let bomb = random.pick(&BOMBS[..]);
        let text = match random.below(3) {
            0 => chunk(*b"zTXt", &[b"Comment\0\0", &bomb[..]].concat()),
            1 => chunk(*b"iTXt", &[b"Comment\0\x01\0en\0\0", &bomb[..]].concat()),
            _ => chunk(*b"iTXt", &[b"XML:com.adobe.xmp\0\x01\0\0\0", &bomb[..]].concat()),
        };
        with_chunks(&text.repeat(random.between(1, 3_000_000 / text.len())))
    }),
    kind("a profile that inflates", PNG, |random| {
        let bomb = random.pick(&BOMBS[..]);
        with_chunks(&chunk(*b"iCCP", &[b"x\0\0", &bomb[..]].concat()))
    }),
    kind("hundreds of thousands of chunks", PNG, |random| {
        let kind = *random.pick(&[*b"IDAT", *b"prVt", *b"tEXt", *b"eXIf", *b"fdAT"]);
        let data = *random.pick(&[b"".as_slice(), b"gps\0 1", b"XX"]);
        with_chunks(&chunk(kind, data).repeat(random.between(1_000, 300_000)))
    }),
    kind("PNG of more pixels than there are", PNG, |random| {
        let side = *random.pick(&[9_999, 30_000, 2_000_000_000]);
        let depth = *random.pick(&[1, 8, 16]);
        picture((side, side), (depth, 6), random.percent(50), &deflated(100), b"")
    }),
    kind("pixels that inflate", PNG, |random| {
        let (width, height) = *random.pick(&[(9_000, 9_000), (100_000, 900), (3_000, 30_000)]);
        picture((width, height), (8, 2), false, random.pick::<Vec<u8>>(&BOMBS[..]), b"")
    }),
    kind("interlaced PNG", PNG, |random| {
        let side = random.between(2_000, 6_000);
        picture((side, side), (*random.pick(&[8, 16]), 6), true, &BOMBS[2], b"")
    }),
    kind("animated PNG", PNG, |random| {
        let frames = random.between(100, 60_000);
        let (side, claimed) = (be(*random.pick(&[16, 4_000])), be(*random.pick(&[1, 4_000_000_000])));
        let mut chunks = chunk(*b"acTL", &[claimed, be(0)].concat());
        for index in 0..frames {
            let control = [be(index * 2), side, side, be(0), be(0), [0, 1, 0, 1]].concat();
            chunks.extend(chunk(*b"fcTL", &[&control[..], &[0, 0]].concat()));
            chunks.extend(chunk(*b"fdAT", &[&be(index * 2 + 1)[..], b"x\x9c"].concat()));
        }
        with_chunks(&chunks)
    }),
];

/// They inflate to 5, 50 and 240 MB.
static BOMBS: LazyLock<[Vec<u8>; 3]> =
    LazyLock::new(|| [deflated(5_000_000), deflated(50_000_000), deflated(243_100_000)]);

pub fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&be(data.len())[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

fn picture(
    (width, height): (usize, usize),
    (depth, color): (u8, u8),
    interlaced: bool,
    pixels: &[u8],
    chunks: &[u8],
) -> Vec<u8> {
    let head = [&be(width)[..], &be(height), &[depth, color, 0, 0, u8::from(interlaced)]].concat();
    [SIGNATURE, &chunk(*b"IHDR", &head), chunks, &chunk(*b"IDAT", pixels), &chunk(*b"IEND", b"")].concat()
}

/// Returns a small picture with these chunks before its pixels.
fn with_chunks(chunks: &[u8]) -> Vec<u8> {
    let small = files::picture(16, 16);
    [&small[..33], chunks, &small[33..]].concat()
}

/// Returns a photo with a location, to be mangled.
pub fn located(random: &mut Random) -> Vec<u8> {
    with_chunks(&chunk(*b"eXIf", &exif::block(random, 2_000)))
}
