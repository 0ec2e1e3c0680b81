//! JPEG (ITU T.81).

use super::{Kind, be16, exif, kind, packet};

const JPEG: &str = "image/jpeg";

pub const KINDS: &[Kind] = &[
    kind("EXIF pointers in JPEG", JPEG, |random| {
        let count = random.between(1, 120);
        with_segments(&(0..count).map(|_| exif_segment(&exif::block(random, 60_000))).collect::<Vec<_>>())
    }),
    kind("XMP in JPEG", JPEG, |random| {
        let count = random.between(1, 100);
        let head = b"http://ns.adobe.com/xap/1.0/\0".as_slice();
        with_segments(&(0..count).map(|_| segment(0xe1, &[head, &packet(random, 60_000)].concat())).collect::<Vec<_>>())
    }),
    kind("extended XMP in JPEG", JPEG, |random| {
        let head = [b"http://ns.adobe.com/xmp/extension/\0".as_slice(), &[b'A'; 40]].concat();
        let part = segment(0xe1, &[&head[..], &packet(random, 60_000)].concat());
        with_segments(&vec![part; random.between(10, 90)])
    }),
    kind("millions of markers", JPEG, |random| {
        let unit = *random.pick(&[b"\xff\xd0".as_slice(), b"\xff", b"\xff\0", b"\xff\xe1\0\0", b"\xff\xfe\0\x02"]);
        [HEAD, &unit.repeat(random.between(500_000, 6_000_000) / unit.len())].concat()
    }),
    kind("comments and boxes", JPEG, |random| {
        let part = match random.below(4) {
            0 => segment(0xfe, b"gps 1.5"),
            1 => segment(0xeb, b"JP"),
            2 => segment(0xeb, b"latitude"),
            _ => segment(0xed, b"Photoshop 3.0\08BIM\x04\x22"),
        };
        with_segments(&vec![part; random.between(1_000, 200_000)])
    }),
    kind("starts after the end", JPEG, |random| {
        let unit = *random.pick(&[
            b"\xff\xd8\xff".as_slice(),
            b"\xff\xd8\xff\xe0\0\x04..\xff\xd9.",
            b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM",
            b"GPSLatitude",
            b"gpsLatitudgps<x:http:Exif",
        ]);
        [&flat(8, 8, 0xc0, 1), &unit.repeat(random.between(500_000, 5_000_000) / unit.len())[..]].concat()
    }),
    kind("a profile of megabytes in JPEG", JPEG, |random| {
        let count = random.between(20, 255);
        let part = |index: usize| {
            let number = u8::try_from(index + 1).expect("at most 255");
            let head = [b"ICC_PROFILE\0".as_slice(), &[number, u8::try_from(count).expect("at most 255")]].concat();
            segment(0xe2, &[&head[..], &profile()].concat())
        };
        with_segments(&(0..count).map(part).collect::<Vec<_>>())
    }),
    kind("large baseline JPEG", JPEG, |random| {
        let (width, height) = *random.pick(&[(12_000, 8_000), (24_000, 4_000), (65_000, 1_500), (9_900, 9_900)]);
        flat(width, height, 0xc0, 1)
    }),
    kind("progressive JPEG of many scans", JPEG, |random| {
        let (width, height) = *random.pick(&[(3_000, 2_000), (5_000, 4_000), (8_000, 6_000)]);
        flat(width, height, 0xc2, *random.pick(&[3, 10, 20]))
    }),
    kind("JPEG of more pixels than there are", JPEG, |random| {
        let mut bytes = flat(16, 16, *random.pick(&[0xc0, 0xc2]), 1);
        let frame = bytes.windows(2).position(|pair| matches!(pair, [0xff, 0xc0 | 0xc2])).expect("it has a frame");
        bytes[frame + 5..frame + 9]
            .copy_from_slice(random.pick(&[&[0xff; 4], &[0x27, 0x10, 0x27, 0x10], &[0, 1, 0xff, 0xff]]).as_slice());
        bytes
    }),
];

const HEAD: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

pub fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &be16(payload.len() + 2)[..], payload].concat()
}

pub fn exif_segment(block: &[u8]) -> Vec<u8> {
    segment(0xe1, &[b"Exif\0\0", block].concat())
}

/// Returns a small picture with these segments before it.
pub fn with_segments(segments: &[Vec<u8>]) -> Vec<u8> {
    [HEAD, &segments.concat(), &flat(16, 16, 0xc0, 1)[2..]].concat()
}

/// Returns something similar to a profile with large tables.
fn profile() -> Vec<u8> {
    let mut bytes = vec![0xff; 60_000];
    bytes[36..40].copy_from_slice(b"acsp");
    bytes
}

/// Returns a small gray-blue picture: every block is the same. `scans` of all components.
pub fn flat(width: usize, height: usize, frame: u8, scans: usize) -> Vec<u8> {
    let mut jpeg = b"\xff\xd8".to_vec();
    jpeg.extend(segment(0xdb, &[[0].as_slice(), &[1; 64]].concat()));
    let sides = [be16(height), be16(width)].concat();
    jpeg.extend(segment(frame, &[&[8], &sides[..], &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]].concat()));
    // One code of one bit: no difference, and the end of the block.
    for class in [0x00, 0x10] {
        jpeg.extend(segment(0xc4, &[[class, 1].as_slice(), &[0; 16]].concat()));
    }
    let blocks = width.div_ceil(8) * height.div_ceil(8) * 3;
    let (last, bits) = if frame == 0xc2 { (0, blocks) } else { (63, blocks * 2) };
    for _ in 0..scans {
        jpeg.extend(segment(0xda, &[3, 1, 0, 2, 0, 3, 0, 0, last, 0]));
        jpeg.extend(vec![0; bits.div_ceil(8)]);
    }
    jpeg.extend(b"\xff\xd9");
    jpeg
}
