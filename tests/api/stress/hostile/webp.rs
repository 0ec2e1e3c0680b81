//! WebP (RFC 9649).

use image::{DynamicImage, ImageFormat};

use super::super::random::Random;
use super::{Kind, exif, kind, le, packet};
use crate::support::files;

const WEBP: &str = "image/webp";

pub const KINDS: &[Kind] = &[
    kind("EXIF pointers in WebP", WEBP, |random| {
        let count = random.between(1, 60);
        with_chunks(&(0..count).flat_map(|_| chunk(*b"EXIF", &exif::block(random, 80_000))).collect::<Vec<_>>())
    }),
    kind("XMP in WebP", WEBP, |random| {
        let length = random.between(100_000, 5_000_000);
        with_chunks(&chunk(*b"XMP ", &packet(random, length)))
    }),
    kind("hundreds of thousands of chunks in WebP", WEBP, |random| {
        let name = *random.pick(&[*b"none", *b"EXIF", *b"ICCP", *b"ALPH"]);
        let data = *random.pick(&[b"".as_slice(), b"XX"]);
        with_chunks(&chunk(name, data).repeat(random.between(1_000, 400_000)))
    }),
    kind("a profile of megabytes in WebP", WEBP, |random| {
        let length = random.between(100_000, 6_000_000);
        with_chunks(&chunk(*b"ICCP", &vec![0xff; length]))
    }),
    kind("WebP of more pixels than there are", WEBP, |random| {
        let mut bytes = lossless(16);
        // 14 bits of width and height, less one.
        bytes[21..25].copy_from_slice(random.pick::<[u8; 4]>(&[[0xff, 0xff, 0xff, 0x0f], [0x0f, 0x67, 0xc3, 0x09]]));
        with_claim(&bytes[12..], 0x00ff_ffff)
    }),
    kind("animated WebP", WEBP, |random| {
        let image = &lossless(*random.pick(&[16, 600]))[12..];
        let frame = chunk(*b"ANMF", &[&[0; 6], &[15, 0, 0, 15, 0, 0][..], &[1, 0, 0, 0], image].concat());
        let count = random.between(10, 3_000_000 / frame.len());
        let animation = [chunk(*b"ANIM", &[0; 6]), frame.repeat(count)].concat();
        with_claim(&animation, *random.pick(&[15, 16_383]))
    }),
    kind("large lossless WebP", WEBP, |random| lossless(random.between(1_000, 5_000))),
];

fn lossless(side: usize) -> Vec<u8> {
    let side = u32::try_from(side).expect("it is small");
    files::encoded(DynamicImage::new_rgb8(side, side), ImageFormat::WebP)
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&name[..], &le(data.len()), data, &vec![0; data.len() % 2]].concat()
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    [b"RIFF", &le(chunks.len() + 4)[..], b"WEBP", chunks].concat()
}

/// Returns an extended file that claims this side, less one, and has all features.
fn with_claim(chunks: &[u8], side: usize) -> Vec<u8> {
    let side = le(side);
    let head = [&[0x3e, 0, 0, 0], &side[..3], &side[..3]].concat();
    riff(&[&chunk(*b"VP8X", &head)[..], chunks].concat())
}

/// Returns a small picture with these chunks around it.
fn with_chunks(chunks: &[u8]) -> Vec<u8> {
    with_claim(&[chunks, &lossless(16)[12..]].concat(), 15)
}

/// Returns a photo with a location, to be mangled.
pub fn located(random: &mut Random) -> Vec<u8> {
    with_chunks(&chunk(*b"EXIF", &exif::block(random, 2_000)))
}
