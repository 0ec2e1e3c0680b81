//! Generated files with and without a location.

use std::io::Cursor;

use proptest::prelude::*;

use super::{Budget, is_present, is_present_within};
use crate::files::location::tests::{XMP, exif_block};

const PLAIN_XMP: &str = r#"<x:xmpmeta><rdf:Description exif:GPSVersionID="2.3.0.0" dc:title="Harbour"/></x:xmpmeta>"#;

fn found(content_type: &str, bytes: &[u8]) -> bool {
    is_present(&mut Cursor::new(bytes), content_type).unwrap()
}

/// Returns a TIFF whose GPS directory has only a version.
fn exif_without() -> Vec<u8> {
    let directory = |tag: u16, kind: u16, value: &[u8; 4]| {
        [b"\0\x01".as_slice(), &tag.to_be_bytes(), &kind.to_be_bytes(), b"\0\0\0\x01", value, &[0; 4]].concat()
    };
    [b"MM\0*\0\0\0\x08".as_slice(), &directory(0x8825, 4, b"\0\0\0\x1a"), &directory(0, 1, b"\x02\0\0\0")].concat()
}

/// Returns a `BigTIFF` with the camera's coordinates in its GPS directory.
fn big_tiff(degrees: u32) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u64, value: u64| {
        [
            tag.to_le_bytes().to_vec(),
            kind.to_le_bytes().to_vec(),
            count.to_le_bytes().to_vec(),
            value.to_le_bytes().to_vec(),
        ]
        .concat()
    };
    let directory = |entry: Vec<u8>| [1_u64.to_le_bytes().to_vec(), entry, vec![0; 8]].concat();
    let fractions = [degrees, 1, 0, 1, 0, 1].map(u32::to_le_bytes).concat();
    [
        b"II\x2b\0\x08\0\0\0".to_vec(),
        16_u64.to_le_bytes().to_vec(),
        directory(entry(0x8825, 16, 1, 52)),
        directory(entry(2, 5, 3, 88)),
        fractions,
    ]
    .concat()
}

fn iso_box(name: &[u8], content: &[u8]) -> Vec<u8> {
    [u32::try_from(content.len() + 8).unwrap().to_be_bytes().as_slice(), name, content].concat()
}

fn movie(boxes: &[u8]) -> Vec<u8> {
    [iso_box(b"ftyp", b"isom\0\0\x02\0isom"), iso_box(b"mdat", &[7; 300]), iso_box(b"moov", boxes)].concat()
}

/// Returns a picture with one metadata item, after its boxes or in `idat`.
fn heif(kind: &[u8], item: &[u8], is_inside: bool) -> Vec<u8> {
    let info = iso_box(b"infe", &[b"\x02\0\0\0\0\x01\0\0".as_slice(), kind, b"\0application/rdf+xml\0"].concat());
    let infos = iso_box(b"iinf", &[b"\0\0\0\0\0\x01".as_slice(), &info].concat());
    let data = if is_inside { iso_box(b"idat", item) } else { Vec::new() };
    let with_place = |offset: u32| {
        let length = u32::try_from(item.len()).unwrap().to_be_bytes();
        let method = if is_inside { b"\0\x01" } else { b"\0\0" };
        let head = [b"\x01\0\0\0\x44\0\0\x01\0\x01".as_slice(), method, b"\0\0\0\x01"].concat();
        let places = iso_box(b"iloc", &[head, offset.to_be_bytes().to_vec(), length.to_vec()].concat());
        let meta =
            [b"\0\0\0\0".as_slice(), &iso_box(b"hdlr", b"\0\0\0\0\0\0\0\0pict"), &infos, &places, &data].concat();
        [iso_box(b"ftyp", b"heic\0\0\0\0mif1heic"), iso_box(b"meta", &meta)].concat()
    };
    let start = with_place(0).len();
    let rest = iso_box(b"mdat", if is_inside { &[] } else { item });
    [with_place(if is_inside { 0 } else { u32::try_from(start + 8).unwrap() }), rest].concat()
}

fn matroska(name: &str, value: &str) -> Vec<u8> {
    let element = |id: &[u8], content: &[u8]| {
        let length = 0x4000 | u16::try_from(content.len()).unwrap();
        [id, &length.to_be_bytes(), content].concat()
    };
    let tag = [element(b"\x45\xa3", name.as_bytes()), element(b"\x44\x87", value.as_bytes())].concat();
    let tags = element(b"\x12\x54\xc3\x67", &element(b"\x73\x73", &element(b"\x67\xc8", &tag)));
    let cluster = element(b"\x1f\x43\xb6\x75", &[1; 200]);
    [element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"), element(b"\x18\x53\x80\x67", &[cluster, tags].concat())]
        .concat()
}

fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [name, &length, content, &[0; 1][..content.len() % 2]].concat()
}

fn avi(extra: &[u8]) -> Vec<u8> {
    let header = chunk(b"LIST", &[b"hdrl".as_slice(), &chunk(b"avih", &[0; 56])].concat());
    let frames = chunk(b"LIST", &[b"movi".as_slice(), &chunk(b"00dc", &[7; 301])].concat());
    let index = chunk(b"idx1", &[0; 16]);
    chunk(b"RIFF", &[b"AVI ".as_slice(), &header, extra, &frames, &index].concat())
}

/// Returns a transport stream with packets of this length: a film, and a stream with this content. Other packets come
/// between those of a stream.
fn transport(packet: usize, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut write = |id: u16, content: &[u8]| {
        bytes.resize(bytes.len() + packet - 188, 0);
        let stuffing = 184 - content.len();
        let [first, second] = id.to_be_bytes();
        bytes.extend([0x47, first, second, if stuffing == 0 { 0x10 } else { 0x30 }]);
        if stuffing > 0 {
            bytes.push(u8::try_from(stuffing - 1).unwrap());
            bytes.resize(bytes.len() + stuffing - 1, 0xff);
        }
        bytes.extend(content);
    };
    for part in [&[0x55; 170], content].concat().chunks(184) {
        write(0x101, part);
        write(0x100, &[7; 184]);
        write(0x1fff, &[0xff; 184]);
    }
    bytes
}

/// Returns an aircraft's metadata with a latitude.
fn aircraft(latitude: [u8; 4]) -> Vec<u8> {
    let key = b"\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\0\0\0";
    let time = b"\x02\x08\0\x05\x0b\x3e\x96\x01\x02\x03";
    [key.as_slice(), b"\x81\x10", time, b"\x0d\x04", &latitude].concat()
}

/// Returns a camcorder's entries in a frame of H.264: a time, and the letter of a latitude.
fn camcorder(letter: u8) -> Vec<u8> {
    let head = b"\0\0\x01\x06\x05\x2f\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\0\x20\x0c\x9a\x66MDPM";
    [head.as_slice(), b"\x03\x18\0\0\x03\x01\x26\xb0\x02\0\0\x03\0\xb1", &[letter, 0, 0, 3, 0]].concat()
}

fn exif_item(block: &[u8]) -> Vec<u8> {
    [b"\0\0\0\x06Exif\0\0", block].concat()
}

/// Returns content type, a file with a location, and the same kind of file without one.
fn pairs() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let boxed =
        |name: &[u8; 4], with: &[u8], without: &[u8]| (movie(&iso_box(name, with)), movie(&iso_box(name, without)));
    let in_udta =
        |name: &[u8; 4], with: &[u8], without: &[u8]| boxed(b"udta", &iso_box(name, with), &iso_box(name, without));
    let keys = |key: &str| {
        let entry = iso_box(b"mdta", key.as_bytes());
        let keys = iso_box(b"keys", &[b"\0\0\0\0\0\0\0\x01".as_slice(), &entry].concat());
        [iso_box(b"hdlr", b"\0\0\0\0\0\0\0\0mdta"), keys].concat()
    };
    let uuid = |packet: &str| {
        [b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac", packet.as_bytes()].concat()
    };
    let telemetry = |sample: &[u8]| {
        let offset = u32::try_from(movie(b"").len() - 8 - 300).unwrap().to_be_bytes();
        let description = iso_box(b"stsd", &[b"\0\0\0\0\0\0\0\x01".as_slice(), &iso_box(b"gpmd", &[0; 8])].concat());
        let offsets = iso_box(b"stco", &[b"\0\0\0\0\0\0\0\x01".as_slice(), &offset].concat());
        let table = iso_box(b"stbl", &[description, offsets].concat());
        let movie = movie(&iso_box(b"trak", &iso_box(b"mdia", &iso_box(b"minf", &table))));
        let place = movie.windows(4).position(|part| part == b"mdat").unwrap() + 4;
        [&movie[..place], sample, &movie[place + sample.len()..]].concat()
    };
    let jxl = |name: &[u8; 4], content: &[u8]| [b"\0\0\0\x0cJXL \r\n\x87\n".to_vec(), iso_box(name, content)].concat();
    let xyz = in_udta(b"\xa9xyz", b"\0\x12\x15\xc7+52.5200+013.4050/", b"\0\x12\x15\xc7+00.0000+000.0000/");
    let quick = boxed(b"meta", &keys("com.apple.quicktime.location.ISO6709"), &keys("com.apple.quicktime.model"));
    let xmp = boxed(b"uuid", &uuid(XMP), &uuid(PLAIN_XMP));
    let third =
        (movie(&iso_box(b"udta", &iso_box(b"loci", &[0; 24]))), movie(&iso_box(b"udta", &iso_box(b"titl", &[0; 24]))));
    let noted = |note: &str| avi(&chunk(b"LIST", &[b"INFO".as_slice(), &chunk(b"ICMT", note.as_bytes())].concat()));
    let exif = |block: &[u8]| {
        let stream = chunk(b"strd", &[b"AVIF\0\0\0\0", block].concat());
        avi(&chunk(b"LIST", &[b"strl".as_slice(), &stream].concat()))
    };
    let receiver = b"$GPRMC,220516,A,5133.82,N,00042.24,W,173.8,231.8,130694,004.2,W*70";
    let program = |content: &[u8]| [b"\0\0\x01\xba".as_slice(), &[0x44; 10], b"\0\0\x01\xfc\0\x40", content].concat();
    let ogg = |comment: &str| [b"OggS\0\x02\0\0\0\0\0\0\0\0".as_slice(), comment.as_bytes(), b"\0"].concat();
    vec![
        ("image/tiff", exif_block(true), exif_without()),
        ("image/x-adobe-dng", exif_block(false), exif_without()),
        ("image/tiff", big_tiff(52), big_tiff(0)),
        (
            "image/heic",
            heif(b"Exif", &exif_item(&exif_block(true)), false),
            heif(b"Exif", &exif_item(&exif_without()), false),
        ),
        ("image/avif", heif(b"mime", XMP.as_bytes(), true), heif(b"mime", PLAIN_XMP.as_bytes(), true)),
        ("video/mp4", xyz.0, xyz.1),
        ("video/quicktime", quick.0, quick.1),
        ("video/mp4", xmp.0, xmp.1),
        ("video/3gpp", third.0, third.1),
        ("video/mp4", telemetry(b"DEVCGPS5"), telemetry(b"DEVCACCL")),
        (
            "image/jxl",
            jxl(b"Exif", &[b"\0\0\0\0".as_slice(), &exif_block(true)].concat()),
            jxl(b"xml ", PLAIN_XMP.as_bytes()),
        ),
        ("video/webm", matroska("LOCATION", "+52.52+013.40/"), matroska("TITLE", "Harbour")),
        ("video/ogg", ogg("LOCATION=Berlin"), ogg("TITLE=Harbour")),
        ("video/x-msvideo", noted("+52.5200+013.4050/"), noted("+52 pages, 13.40 each")),
        ("video/x-msvideo", avi(&chunk(b"_PMX", XMP.as_bytes())), avi(&chunk(b"_PMX", PLAIN_XMP.as_bytes()))),
        ("video/x-msvideo", exif(&exif_block(true)), exif(&exif_without())),
        ("video/mp2t", transport(188, &aircraft([0x25, 0, 0, 1])), transport(188, &aircraft([0x80, 0, 0, 0]))),
        ("video/mp2t", transport(192, &camcorder(b'N')), transport(192, &camcorder(0))),
        ("video/mp2t", transport(188, receiver), transport(188, b"$GPRMC,220516,V,,,,,,,,,,N*53")),
        ("video/mpeg", program(&aircraft([0x25, 0, 0, 1])), program(&aircraft([0x80, 0, 0, 0]))),
    ]
}

#[test]
fn a_location_is_found_where_there_is_one() {
    for (content_type, with, without) in pairs() {
        assert!(found(content_type, &with), "{content_type} with a location");
        assert!(!found(content_type, &without), "{content_type} without a location");
    }
}

#[test]
fn cut_files_are_searched_as_far_as_they_go() {
    for (content_type, with, _) in pairs() {
        for length in 0..with.len() {
            found(content_type, &with[..length]);
        }
    }
}

#[test]
fn a_position_at_the_end_of_a_long_film_is_found() {
    let film = transport(188, &vec![7; 3 << 20]);
    let long = [film.as_slice(), &film, &transport(188, &aircraft([0x25, 0, 0, 1]))].concat();
    assert!(!found("video/mp2t", &film) && found("video/mp2t", &long));
}

#[test]
fn directories_that_point_to_themselves_end() {
    let entry = [b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x08".as_slice(), &[0; 4]].concat();
    assert!(!found("image/tiff", &[b"MM\0*\0\0\0\x08\0\x01".as_slice(), &entry].concat()));
}

proptest! {
    #[test]
    fn damaged_files_stay_within_the_budget(which in 0..20_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (content_type, mut bytes, _) = pairs().swap_remove(which);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let mut budget = Budget::for_length(bytes.len() as u64);
        let _ = is_present_within(&mut Cursor::new(&bytes), content_type, &mut budget);
        prop_assert!(budget.spent() < 4_000_000, "{}", budget.spent());
    }
}
