//! Tests with files that are made to be expensive. Steps are counted, not time: a file of twice the size may take twice
//! the steps.

use std::io::Cursor;

use image::ImageFormat;
use proptest::prelude::*;

use super::budget::{Budget, SearchError};
use super::hostile_exif::{chain, directory};
use super::tests::{
    XMP, chunk, clean, copy_without, exif_block, exif_segment, jpeg_with, photo, png_with, segment, webp_with,
    xmp_segment,
};
use super::{Patch, With, exif, find, find_within, xmp};

fn jpeg_of(rest: &[u8]) -> Vec<u8> {
    [b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", rest, b"\xff\xd9"].concat()
}

fn jpeg_then(rest: &[u8]) -> Vec<u8> {
    [photo(ImageFormat::Jpeg).as_slice(), rest].concat()
}

fn png_xmp(packet: &[u8]) -> Vec<u8> {
    png_with(&[chunk(*b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", packet].concat())])
}

fn png_exif(block: &[u8]) -> Vec<u8> {
    png_with(&[chunk(*b"eXIf", block)])
}

fn compressed_text(length: usize) -> Vec<u8> {
    chunk(*b"zTXt", &[b"Comment\0\0", &miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; length], 9)[..]].concat())
}

type Kind = (&'static str, &'static str, fn(usize) -> Vec<u8>);

const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";
const WEBP: &str = "image/webp";

/// Each generates a file whose length grows with a number.
const KINDS: [Kind; 42] = [
    ("pointers over the whole block", PNG, |n| png_exif(&directory(n * 12, n, 0x8769, 4, n * 3 - 2, 8))),
    ("locations over the whole block", PNG, |n| png_exif(&directory(n * 12, n, 0x8825, 4, 1, 8))),
    ("a directory of locations that overlap", PNG, |n| {
        let mut block = directory(n * 12 + 40, 1, 0x8825, 4, 1, 26);
        block.splice(26.., directory(n * 12 + 40, n, 1, 1, n * 12 + 30, 0).split_off(8));
        png_exif(&block)
    }),
    ("packets that overlap", PNG, |n| png_exif(&directory(n * 12 + 40, n, 0x02bc, 1, n * 12, 0))),
    ("a chain of directories", PNG, |n| png_exif(&chain(n))),
    ("names in a packet", PNG, |n| png_xmp(&b"gps".repeat(n))),
    ("names with an equals sign", PNG, |n| png_xmp(&b"gps=".repeat(n))),
    ("names at the end of tags", PNG, |n| png_xmp(&b"gps>".repeat(n))),
    ("names and spaces", PNG, |n| png_xmp(&b"gps = ".repeat(n))),
    ("names and a quote", PNG, |n| png_xmp(&[b"\"".to_vec(), b"gps=>".repeat(n)].concat())),
    ("elements in elements", PNG, |n| png_xmp(&b"<gps>".repeat(n))),
    ("open tags", PNG, |n| png_xmp(&b"<gps ".repeat(n))),
    ("attributes without end", PNG, |n| png_xmp(&[b"<a ".to_vec(), b"gps='' ".repeat(n)].concat())),
    ("tags in another tag's content", PNG, |n| png_xmp(&[b"<gps>".to_vec(), b"<b/>".repeat(n)].concat())),
    ("marks of a packet in JPEG", JPEG, |n| jpeg_with(&vec![xmp_segment(b"<a gps='1'/>"); n])),
    ("blocks of EXIF", JPEG, |n| jpeg_with(&vec![exif_segment(b"XX"); n])),
    ("restart markers", JPEG, |n| jpeg_of(&b"\xff\xd0".repeat(n))),
    ("fill bytes", JPEG, |n| jpeg_of(&vec![0xff; n])),
    ("data without a marker", JPEG, |n| jpeg_of(&b"\xff\0".repeat(n))),
    ("segments without length", JPEG, |n| jpeg_of(&b"\xff\xe1\0\0".repeat(n))),
    ("comments", JPEG, |n| jpeg_of(&segment(0xfe, b"gps 1.5").repeat(n))),
    ("boxes", JPEG, |n| jpeg_of(&segment(0xeb, b"JP").repeat(n))),
    ("boxes that tell", JPEG, |n| jpeg_of(&segment(0xeb, b"latitude").repeat(n))),
    ("resources", JPEG, |n| jpeg_of(&segment(0xed, b"Photoshop 3.0\08BIM\x04\x22").repeat(n))),
    ("more of a packet", JPEG, |n| {
        let head = [b"http://ns.adobe.com/xmp/extension/\0".as_slice(), &[b'A'; 40], b"GPS"].concat();
        jpeg_of(&segment(0xe1, &head).repeat(n))
    }),
    ("starts", JPEG, |n| jpeg_then(&b"\xff\xd8\xff".repeat(n))),
    ("starts with something between", JPEG, |n| jpeg_then(&b"\xff\xd8\xff\xe0\0\x04..\xff\xd9.".repeat(n))),
    ("starts of segments that are cut", JPEG, |n| jpeg_then(&b"\xff\xd8\xff\xe1\xff\xff".repeat(n))),
    ("starts of segments of EXIF that are cut", JPEG, |n| jpeg_then(&b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM".repeat(n))),
    ("starts in a video", JPEG, |n| jpeg_then(&[b"\0\0\0\x18ftyp".to_vec(), b"\xff\xd8\xff".repeat(n)].concat())),
    ("signs", JPEG, |n| jpeg_then(&b"GPSLatitude".repeat(n))),
    ("starts of signs", JPEG, |n| jpeg_then(&b"gpsLatitudgps<x:http:Exif".repeat(n))),
    ("empty chunks", PNG, |n| png_with(&vec![chunk(*b"prVt", b""); n])),
    ("empty critical chunks", PNG, |n| png_with(&vec![chunk(*b"IDAT", b""); n])),
    ("chunks of text", PNG, |n| png_with(&vec![chunk(*b"tEXt", b"gps\0 1"); n])),
    ("chunks of EXIF", PNG, |n| png_with(&vec![chunk(*b"eXIf", b"XX"); n])),
    ("texts that inflate", PNG, |n| png_with(&vec![compressed_text(20_000); n])),
    ("starts after a PNG", PNG, |n| [photo(ImageFormat::Png), b"\xff\xd8\xff\xe1..".repeat(n)].concat()),
    ("empty chunks of WebP", WEBP, |n| webp_with(&vec![(b"none", b"".as_slice()); n])),
    ("chunks of EXIF in WebP", WEBP, |n| webp_with(&vec![(b"EXIF", b"XX".as_slice()); n])),
    ("chunks behind the end", WEBP, |n| {
        let mut bytes = webp_with(&vec![(b"XMP ", b"gps".as_slice()); n]);
        bytes[4..8].fill(0);
        bytes
    }),
    ("pointers in WebP", WEBP, |n| webp_with(&[(b"EXIF", &directory(n * 12, n, 0x014a, 4, n * 3 - 2, 8))])),
];

/// Returns the steps of an unlimited search, and the result within the limits.
fn cost(content_type: &str, bytes: &[u8]) -> (u64, Result<Vec<Patch>, SearchError>) {
    let mut without_limit = Budget::of_steps(u64::MAX);
    let _ = find_within(&mut Cursor::new(bytes), content_type, &mut without_limit);
    (without_limit.spent(), find(&mut Cursor::new(bytes), content_type))
}

fn bytes_in(patches: &[Patch]) -> usize {
    let length = |patch: &Patch| if let With::Bytes(bytes) = &patch.with { bytes.len() } else { 0 };
    patches.iter().map(length).sum()
}

#[test]
fn steps_grow_with_the_length_of_the_file() {
    for (name, content_type, make) in KINDS {
        let (once, twice) = (make(1_000), make(2_000));
        assert!(twice.len() < 2 * once.len() + 1_000, "{name}");
        let ((steps, _), (doubled, outcome)) = (cost(content_type, &once), cost(content_type, &twice));
        assert!(doubled <= 2 * steps + 10_000, "{name}: {steps} steps for {}, {doubled} for twice that", once.len());
        assert!(doubled <= 32 * twice.len() as u64 + 16_000_000, "{name}: {doubled} steps for {} bytes", twice.len());
        match outcome {
            Ok(patches) => {
                assert!(patches.len() <= 16_384 && bytes_in(&patches) <= 8 << 20, "{name}");
                let mut cleaned = Vec::new();
                copy_without(&mut Cursor::new(&twice), content_type, &mut cleaned).unwrap();
                assert_eq!(
                    find(&mut Cursor::new(&cleaned), content_type).unwrap(),
                    [],
                    "{name}: nothing is left to do"
                );
            }
            Err(SearchError::Unsearchable) => {}
            Err(SearchError::Io(error)) => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn files_with_too_much_to_replace_are_not_searchable() {
    let many: [(&str, Vec<u8>); 5] = [
        (JPEG, jpeg_with(&vec![exif_segment(b"XX"); 20_000])),
        (JPEG, jpeg_of(&segment(0xfe, b"latitude").repeat(20_000))),
        (JPEG, jpeg_with(&vec![xmp_segment(&[XMP.as_bytes(), &vec![b' '; 60_000]].concat()); 200])),
        (PNG, png_with(&vec![chunk(*b"tEXt", b"gps\0 1"); 20_000])),
        (WEBP, webp_with(&vec![(b"EXIF", b"XX".as_slice()); 20_000])),
    ];
    for (content_type, bytes) in many {
        let outcome = find(&mut Cursor::new(&bytes), content_type);
        assert!(matches!(outcome, Err(SearchError::Unsearchable)), "{content_type}, {} bytes", bytes.len());
    }
}

#[test]
fn a_spent_budget_is_never_the_absence_of_a_location() {
    let photo = jpeg_with(&[exif_segment(&exif_block(true)), xmp_segment(XMP.as_bytes())]);
    let (whole, _) = cost(JPEG, &photo);
    for steps in (0..whole).step_by(23) {
        let outcome = find_within(&mut Cursor::new(&photo), JPEG, &mut Budget::of_steps(steps));
        assert!(matches!(outcome, Err(SearchError::Unsearchable)), "{steps} of {whole} steps");
    }
    assert!(!find_within(&mut Cursor::new(&photo), JPEG, &mut Budget::of_steps(whole)).unwrap().is_empty());
}

#[test]
fn large_photos_are_searched_within_the_budget() {
    // 8 MB of data with stuffed bytes and restart markers, 7 MB in chunks of 8 kB, and chunks of the least size that encoders
    // write. The budget grows with the length.
    let data: Vec<u8> = (0..8_000_000_u32).map(|at| if at % 97 == 0 { 0xff } else { (at % 89) as u8 & 0xf0 }).collect();
    let data: Vec<u8> = data.chunks(4_096).flat_map(|part| [part, b"\0\xff\xd3"].concat()).collect();
    let jpeg = [jpeg_with(&[exif_segment(&exif_block(true))]).as_slice(), &data].concat();
    let png = png_with(&[chunk(*b"eXIf", &exif_block(true)), chunk(*b"IDAT", &[7; 8_192]).repeat(900)]);
    let small = png_with(&[chunk(*b"IDAT", &[7; 256]).repeat(10_000), chunk(*b"eXIf", &exif_block(false))]);
    for (content_type, bytes) in [(JPEG, jpeg), (PNG, png), (PNG, small)] {
        assert_eq!(find(&mut Cursor::new(&bytes), content_type).unwrap().len(), 1);
    }
}

#[test]
fn blocks_whose_parts_overlap_keep_their_orientation_at_most() {
    // The location is in place of the first directory.
    let mut block = directory(200, 2, 0x8825, 4, 1, 8);
    block[10..22].copy_from_slice(&[0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    let cleaned = exif::without_place(&block, &mut Budget::for_length(200)).unwrap().unwrap();
    assert_eq!(exif::orientation(&cleaned), Some(6));
    assert_eq!(cleaned.iter().filter(|byte| **byte != 0).count(), 10, "nothing else is left");
    assert_eq!(exif::without_place(&cleaned, &mut Budget::for_length(200)).unwrap(), None);
}

#[test]
fn a_location_over_the_start_of_its_block_is_blanked_for_good() {
    let mut block = b"II*\0\x08\0\0\0\x03\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0%\x88\x04\0\x01\0\x02\x002\0\0\0i\x87\x04\0\x0b\0\0\0\x5c\0\0\0\0\0\0\0\x02\0\x01\0\x02\0\x02\0\0\0N\x01\x04\0\0\0\x02\0\x05".to_vec();
    block.resize(139, 0);
    let budget = || Budget::for_length(139);
    let cleaned = exif::without_place(&block, &mut budget()).unwrap().unwrap();
    assert_eq!(exif::without_place(&cleaned, &mut budget()).unwrap(), None);
}

#[test]
fn a_packet_that_is_hardly_xml_is_blanked_for_good() {
    let packet = b"$<xl'ing<\x0c\nGPSCo mlns:x=\x0c \x0c\"amlnd\nGPSCon>><>13 ,<lz>Fd'lf:Descripti exif:GPSMatitude=\"f5!31.4N\">";
    let budget = || Budget::for_length(packet.len() as u64);
    let cleaned = xmp::without_place(packet, &mut budget()).unwrap().unwrap();
    assert_eq!(xmp::without_place(&cleaned, &mut budget()).unwrap(), None);
}

#[test]
fn locations_outside_of_exif_and_xmp_are_cut() {
    let told = b"GPSLatitude=52,31.4242 GPSLongitude=13,24.2424";
    let coordinates = b"GPS: 31.4242 24.2424";
    let boxes = [b"JP\0\x01\0\0\0\x01\0\0\0\x60jumb{\"exif:".as_slice(), told].concat();
    for payload in [told.as_slice(), coordinates] {
        for marker in [0xe0, 0xe2, 0xe3, 0xe5, 0xec, 0xef, 0xfe] {
            let cleaned = clean(JPEG, &jpeg_with(&[segment(marker, payload)]));
            assert!(image::load_from_memory(&cleaned).is_ok(), "{marker:x}");
        }
    }
    clean(JPEG, &jpeg_with(&[segment(0xeb, &boxes)]));
    // The name ends in one segment, the value is in the next.
    clean(JPEG, &jpeg_with(&[segment(0xeb, &boxes[..30]), segment(0xeb, b"Latitude\": 31.4242")]));
    // EXIF that continues in a second segment of resources.
    let resources = [b"Photoshop 3.0\x008BIM\x04\x22\0\0\0\0\0\x10".as_slice(), &exif_block(true)].concat();
    let second = [b"Photoshop 3.0\0".as_slice(), b"31.4242"].concat();
    clean(JPEG, &jpeg_with(&[segment(0xed, &resources), segment(0xed, &second)]));

    let deflated = miniz_oxide::deflate::compress_to_vec_zlib(told, 6);
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 9_000_000], 9);
    for data in [
        chunk(*b"tEXt", &[b"Comment\0", told.as_slice()].concat()),
        chunk(*b"zTXt", &[b"Comment\0\0", &deflated[..]].concat()),
        chunk(*b"zTXt", &[b"Comment\0\0", &bomb[..]].concat()),
        chunk(*b"zTXt", b"Comment\0\0no compression"),
        chunk(*b"iTXt", &[b"Comment\0\x01\0en\0\0", &deflated[..]].concat()),
        chunk(*b"iTXt", &[b"XML:com.adobe.xmp\0\x01\0\0\0", &deflated[..]].concat()),
        chunk(*b"iTXt", &[b"Comment\0\0\0en\0\0", told.as_slice()].concat()),
        chunk(*b"caBX", told),
    ] {
        let cleaned = clean(PNG, &png_with(std::slice::from_ref(&data)));
        assert!(!cleaned.windows(deflated.len()).any(|part| part == deflated));
        assert!(image::load_from_memory(&cleaned).is_ok(), "the checksums are right");
    }
    clean(WEBP, &webp_with(&[(b"C2PA", told)]));
}

#[test]
fn metadata_without_a_location_stays() {
    let deflated = miniz_oxide::deflate::compress_to_vec_zlib(b"Taken at noon, f/2.8", 6);
    let profile = [b"ICC_PROFILE\0\x01\x01".as_slice(), b"GPSLatitude 31.4242"].concat();
    for (content_type, bytes) in [
        (JPEG, jpeg_with(&[segment(0xe2, &profile), segment(0xfe, b"f/2.8 at 1.5 m"), segment(0xe2, b"MPF\0 1.5")])),
        (JPEG, jpeg_with(&[segment(0xeb, b"JP\0\x01 1.5"), segment(0xfe, b"gpsx at 1")])),
        (PNG, png_with(&[chunk(*b"zTXt", &[b"Comment\0\0", &deflated[..]].concat()), chunk(*b"prVt", b"1.5")])),
        (PNG, png_with(&[chunk(*b"iTXt", &[b"Comment\0\x01\0en\0\0", &deflated[..]].concat())])),
        (WEBP, webp_with(&[(b"none", b"gps without a number")])),
    ] {
        assert_eq!(find(&mut Cursor::new(&bytes), content_type).unwrap(), [], "{content_type}");
    }
}

#[test]
fn thumbnails_and_cut_files_lose_their_location_too() {
    // The thumbnail is a photo with its own EXIF.
    let mut block = directory(64, 1, 0x0112, 3, 1, 6);
    block.extend(jpeg_with(&[exif_segment(&exif_block(true))]));
    clean(JPEG, &jpeg_with(&[exif_segment(&block)]));
    // The file ends within the block.
    for (content_type, bytes) in [
        (JPEG, jpeg_with(&[exif_segment(&exif_block(true))])),
        (PNG, png_exif(&exif_block(true))),
        (WEBP, webp_with(&[(b"EXIF", &exif_block(true))])),
    ] {
        let value = 31_4242_u32.to_be_bytes();
        let end = bytes.windows(4).position(|part| part == value).unwrap() + 4;
        clean(content_type, &bytes[..end]);
    }
    // After the end of the RIFF file.
    let mut webp = webp_with(&[(b"EXIF", &exif_block(true))]);
    let end = u32::try_from(webp.len() - 8 - 8 - exif_block(true).len()).unwrap();
    webp[4..8].copy_from_slice(&end.to_le_bytes());
    clean(WEBP, &webp);
}

#[test]
fn blocks_longer_than_the_memory_are_blanked() {
    let long = vec![1; 5 << 20];
    let text = [vec![0; 5 << 20], b"latitude 31.4242".to_vec()].concat();
    for (content_type, bytes, length) in [
        (PNG, png_exif(&long), long.len()),
        (WEBP, webp_with(&[(b"EXIF", &long)]), long.len()),
        (PNG, png_with(&[chunk(*b"prVt", &text)]), text.len()),
        (WEBP, webp_with(&[(b"prVt", &text)]), text.len()),
    ] {
        let patches = find(&mut Cursor::new(&bytes), content_type).unwrap();
        assert!(patches.iter().any(|patch| patch.with == With::Fill(0, length as u64)), "{content_type} {patches:?}");
        let mut cleaned = Vec::new();
        copy_without(&mut Cursor::new(&bytes), content_type, &mut cleaned).unwrap();
        assert_eq!(find(&mut Cursor::new(&cleaned), content_type).unwrap(), [], "{content_type}");
    }
}

#[test]
fn a_location_in_a_video_is_found_after_a_false_photo() {
    let video =
        b"\0\0\0\x18ftypmp42....mdat\xff\xd8\xff\xe5\0\x50..udta\0\0\0\x1e\xa9xyz\0\x12\x15\xc7+31.4242+013.7331/";
    let bytes = jpeg_then(&[video.as_slice(), &[1; 200]].concat());
    clean(JPEG, &bytes);
}

/// Fragments of hostile files.
const PARTS: [&[u8]; 24] = [
    b"\xff\xd8\xff",
    b"\xff\xe1",
    b"\xff\xe1\0\x10",
    b"\xff\xed\0\x20",
    b"\xff\xeb\0\x0c",
    b"\xff\xd9",
    b"\xff\xda\0\x04..",
    b"Exif\0\0MM\0*\0\0\0\x08",
    b"Exif\0\0II*\0\x08\0\0\0",
    b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x08",
    b"\x87\x69\0\x04\0\0\0\x02\0\0\0\x08",
    b"\0\x02",
    b"http://ns.adobe.com/xap/1.0/\0",
    b"<gps>",
    b"</gps>",
    b" gps='1' ",
    b"Photoshop 3.0\0",
    b"GPSLatitude 1.5",
    b"\0\0\0\x0ctEXt",
    b"\0\0\0\x20eXIf",
    b"EXIF\x20\0\0\0",
    b"XMP \x10\0\0\0",
    b"\0\0\0\0",
    b"ftyp",
];

proptest! {
    /// For any file: no panic, the same size, and a second search finds nothing.
    #[test]
    fn parts_in_any_order_are_cleaned_for_good(parts in proptest::collection::vec(0..PARTS.len(), 0..60), format in 0..3) {
        let parts: Vec<u8> = parts.into_iter().flat_map(|part| PARTS[part]).copied().collect();
        let (content_type, bytes) = match format {
            0 => (JPEG, [b"\xff\xd8\xff\xe1\0\x60".as_slice(), &parts].concat()),
            1 => (PNG, [&photo(ImageFormat::Png)[..33], &parts].concat()),
            _ => (WEBP, [b"RIFF\0\x01\0\0WEBP".as_slice(), &parts].concat()),
        };
        let mut cleaned = Vec::new();
        match copy_without(&mut Cursor::new(&bytes), content_type, &mut cleaned) {
            Ok(_) => {
                prop_assert_eq!(cleaned.len(), bytes.len());
                prop_assert_eq!(find(&mut Cursor::new(&cleaned), content_type).unwrap(), []);
            }
            Err(error) => prop_assert!(matches!(error, SearchError::Unsearchable)),
        }
    }
}
