//! Files made of boxes (ISO 14496-12) and other containers: video, AVIF, HEIC, audio.

use super::super::random::Random;
use super::{Kind, be, kind, le};

const MP4: &str = "video/mp4";

pub const KINDS: &[Kind] = &[
    kind("boxes in boxes", MP4, |random| {
        let name = *random.pick(&[*b"moov", *b"trak", *b"meta", *b"udta"]);
        [top(*b"isom"), nested(name, random.between(100, 60_000))].concat()
    }),
    kind("boxes that lie about their size", MP4, |random| {
        let size = *random.pick(&[0, 1, 7, 0x7fff_ffff, 0xffff_ffff]);
        let inner = [&be(size)[..], b"mvhd", &random.bytes(100)].concat();
        let count = random.between(1, 20_000);
        [top(*b"mp42"), boxed(*b"moov", &inner.repeat(count)), large(*b"mdat", u64::MAX, &random.bytes(50_000))]
            .concat()
    }),
    kind("tables that lie about their count", MP4, |random| {
        let tables = [*b"stsz", *b"stco", *b"stsc", *b"stts", *b"ctts", *b"stss", *b"co64"];
        let table = |name: [u8; 4]| boxed(name, &[&[0; 4], &be(0)[..], &be(0x3fff_ffff)].concat());
        let tables: Vec<_> = tables.into_iter().flat_map(table).collect();
        let track = boxed(*b"trak", &boxed(*b"mdia", &boxed(*b"minf", &boxed(*b"stbl", &tables))));
        let movie = [boxed(*b"mvhd", &[0xff; 100]), track.repeat(random.between(1, 5_000))].concat();
        [top(*b"isom"), boxed(*b"moov", &movie)].concat()
    }),
    kind("a file that is all tables", MP4, |random| {
        let entries = random.between(100_000, 700_000);
        let sizes = [&[0; 8], &be(entries)[..], &vec![0; entries * 4]].concat();
        let track = boxed(*b"trak", &boxed(*b"mdia", &boxed(*b"minf", &boxed(*b"stbl", &boxed(*b"stsz", &sizes)))));
        [top(*b"isom"), boxed(*b"moov", &track)].concat()
    }),
    kind("AVIF of boxes", "image/avif", |random| [top(*b"avif"), picture_boxes(random)].concat()),
    kind("HEIC of boxes", "image/heic", |random| [top(*b"heic"), picture_boxes(random)].concat()),
    kind("WebM that lies", "video/webm", |random| {
        let head = b"\x1a\x45\xdf\xa3\x8f\x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02";
        let nested = [
            b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".as_slice(),
            b"\x16\x54\xae\x6b\x01\xff\xff\xff\xff\xff\xff\xfe",
        ]
        .concat();
        [head.as_slice(), &nested.repeat(random.between(1, 100_000))].concat()
    }),
    kind("sound that lies", "audio/wav", |random| {
        let rate = *random.pick(&[0, 1, 0xffff_ffff]);
        let format = [&[1, 0, 0xff, 0xff], &le(rate)[..], &le(rate), &[0, 0, 0xff, 0xff]].concat();
        let chunks = [b"fmt ", &le(16)[..], &format, b"data", &le(0xffff_fff0)].concat();
        [b"RIFF", &le(0xffff_fff0)[..], b"WAVE", &chunks, &random.bytes(200_000)].concat()
    }),
    kind("frames of MP3 without end", "audio/mpeg", |random| {
        let tag = [b"ID3\x04\0\0\x7f\x7f\x7f\x7f".as_slice(), &b"APIC\xff\xff\xff\xff\0\0".repeat(2_000)].concat();
        let frames = b"\xff\xfb\x90\x64".repeat(random.between(1_000, 1_000_000));
        if random.percent(50) { [tag, frames].concat() } else { frames }
    }),
];

fn boxed(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&be(data.len() + 8)[..], &name, data].concat()
}

fn large(name: [u8; 4], size: u64, data: &[u8]) -> Vec<u8> {
    [&be(1)[..], &name, &size.to_be_bytes(), data].concat()
}

fn top(brand: [u8; 4]) -> Vec<u8> {
    boxed(*b"ftyp", &[&brand[..], &[0; 4], &brand, b"mif1"].concat())
}

/// Returns boxes that each contain the next one.
fn nested(name: [u8; 4], depth: usize) -> Vec<u8> {
    (0..depth).flat_map(|level| [be((depth - level) * 8), name].concat()).collect()
}

fn picture_boxes(random: &mut Random) -> Vec<u8> {
    let count = random.between(1, 60_000);
    match random.below(4) {
        // Properties that are associated with themselves, repeatedly.
        0 => boxed(
            *b"meta",
            &[
                &[0; 4],
                &boxed(*b"iprp", &boxed(*b"ipma", &[&[0; 4], &be(0x7fff_ffff)[..], &vec![0xff; 60_000]].concat()))[..],
            ]
            .concat(),
        ),
        // Items at arbitrary positions.
        1 => boxed(
            *b"meta",
            &[
                &[0; 4],
                &boxed(*b"iloc", &[&[1, 0, 0, 0, 0x88, 0x88, 0xff, 0xff], &random.bytes(400_000)[..]].concat())[..],
            ]
            .concat(),
        ),
        // A picture of gigapixels.
        2 => {
            let sides = boxed(*b"ispe", &[&[0; 4], &be(0x7fff_ffff)[..], &be(0x7fff_ffff)].concat());
            boxed(*b"meta", &[&[0; 4], &boxed(*b"iprp", &boxed(*b"ipco", &sides.repeat(count)))[..]].concat())
        }
        _ => nested(*b"meta", count),
    }
}
