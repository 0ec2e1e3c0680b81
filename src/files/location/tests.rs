//! Generated photos with a location; the result is searched byte by byte and parsed by another parser.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use exif::{In, Tag};
use image::{ImageFormat, Rgb, RgbImage};
use proptest::prelude::*;

use super::{SearchError, apply, find};

/// Degrees, minutes and thousandths of seconds that appear nowhere else.
const LATITUDE: [u32; 3] = [52_1337, 31_4242, 17_9191];
const LONGITUDE: [u32; 3] = [13_7331, 24_2424, 55_1919];

struct Writer {
    big_endian: bool,
    bytes: Vec<u8>,
}

impl Writer {
    fn u16(&mut self, value: u16) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn entry(&mut self, tag: u16, kind: u16, count: u32, value: u32) {
        self.u16(tag);
        self.u16(kind);
        self.u32(count);
        self.u32(value);
    }

    fn short(&mut self, tag: u16, value: u16) {
        self.u16(tag);
        self.u16(3);
        self.u32(1);
        self.u16(value);
        self.u16(0);
    }
}

/// Returns maker, orientation 6, an Exif directory with an exposure, and a location.
pub fn exif_block(big_endian: bool) -> Vec<u8> {
    let mut w = Writer { big_endian, bytes: if big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() } };
    let (maker, sub, gps, values) = (62, 70, 88, 142);
    w.u32(8);
    w.u16(4);
    w.entry(0x010f, 2, 8, maker);
    w.short(0x0112, 6);
    w.entry(0x8825, 4, 1, gps);
    w.entry(0x8769, 4, 1, sub);
    w.u32(0);
    w.bytes.extend(b"Harbour\0");
    w.u16(1);
    w.short(0x8822, 2);
    w.u32(0);
    assert_eq!(w.bytes.len(), gps as usize);
    w.u16(4);
    w.entry(1, 2, 2, u32::from_be_bytes(*b"N\0\0\0"));
    w.entry(2, 5, 3, values);
    w.entry(3, 2, 2, u32::from_be_bytes(*b"E\0\0\0"));
    w.entry(4, 5, 3, values + 24);
    w.u32(0);
    assert_eq!(w.bytes.len(), values as usize);
    for value in LATITUDE.into_iter().chain(LONGITUDE) {
        w.u32(value);
        w.u32(1000);
    }
    w.bytes
}

pub const XMP: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:GPano="http://ns.google.com/photos/1.0/" exif:GPSLatitude="52,31.4242N"
 drone-dji:GpsLongtitude='13.7331' tiff:Orientation="6"><exif:GPSLongitude>13,24.2424E</exif:GPSLongitude>
<exif:GPSTrack><rdf:Seq><rdf:li>77.4242</rdf:li></rdf:Seq></exif:GPSTrack><dc:creator>Mara 1999</dc:creator></rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"#;
const XMP_PLACES: [&str; 4] = ["31.4242", "13.7331", "24.2424", "77.4242"];

pub fn photo(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(48, 32, |x, y| Rgb([(x * 5).to_le_bytes()[0], (y * 7).to_le_bytes()[0], 90]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], payload].concat()
}

pub fn jpeg_with(segments: &[Vec<u8>]) -> Vec<u8> {
    let plain = photo(ImageFormat::Jpeg);
    [&plain[..2], &segments.concat(), &plain[2..]].concat()
}

pub fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

pub fn png_with(chunks: &[Vec<u8>]) -> Vec<u8> {
    let plain = photo(ImageFormat::Png);
    [&plain[..33], &chunks.concat(), &plain[33..]].concat()
}

pub fn webp_with(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let plain = photo(ImageFormat::WebP);
    let mut body = b"WEBPVP8X\x0a\0\0\0\x0c\0\0\0\x2f\0\0\x1f\0\0".to_vec();
    body.extend(&plain[12..]);
    for (kind, data) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(*data);
        body.extend(std::iter::repeat_n(0, data.len() % 2));
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

pub fn exif_segment(block: &[u8]) -> Vec<u8> {
    segment(0xe1, &[b"Exif\0\0", block].concat())
}

pub fn xmp_segment(packet: &[u8]) -> Vec<u8> {
    segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", packet].concat())
}

/// Copies a file without its location. Returns whether there was one.
pub fn copy_without<S: Read + Seek>(
    source: &mut S,
    content_type: &str,
    target: &mut impl Write,
) -> Result<bool, SearchError> {
    let patches = find(source, content_type)?;
    source.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 64 * 1024];
    let mut offset = 0;
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            return Ok(!patches.is_empty());
        }
        apply(&patches, offset, &mut buffer[..read]);
        target.write_all(&buffer[..read])?;
        offset += read as u64;
    }
}

/// Cleans a file, and checks what must be true of every file: the same size, no location, and nothing more to do.
#[track_caller]
pub fn clean(content_type: &str, bytes: &[u8]) -> Vec<u8> {
    let mut cleaned = Vec::new();
    assert!(copy_without(&mut Cursor::new(bytes), content_type, &mut cleaned).unwrap(), "a place is found");
    assert_eq!(cleaned.len(), bytes.len());
    assert_no_place(&cleaned);
    assert_eq!(find(&mut Cursor::new(&cleaned), content_type).unwrap(), []);
    cleaned
}

#[track_caller]
fn assert_no_place(bytes: &[u8]) {
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
    for value in LATITUDE.into_iter().chain(LONGITUDE) {
        assert!(!holds(&value.to_be_bytes()) && !holds(&value.to_le_bytes()), "{value}");
    }
    for value in XMP_PLACES {
        assert!(!holds(value.as_bytes()), "{value}");
    }
}

/// Returns what another parser finds.
fn exif_of(bytes: &[u8]) -> exif::Exif {
    exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).unwrap()
}

#[track_caller]
fn assert_keeps_the_rest(bytes: &[u8]) {
    let exif = exif_of(bytes);
    let tags: Vec<Tag> = exif.fields().map(|field| field.tag).collect();
    assert_eq!(tags, [Tag::Make, Tag::Orientation, Tag::ExposureProgram]);
    assert_eq!(exif.get_field(Tag::Orientation, In::PRIMARY).unwrap().value.get_uint(0), Some(6));
    assert_eq!(exif.get_field(Tag::Make, In::PRIMARY).unwrap().display_value().to_string(), "\"Harbour\"");
}

fn pixels(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

#[test]
fn a_jpeg_loses_only_its_location() {
    for big_endian in [true, false] {
        let profile = segment(0xe2, b"ICC_PROFILE\0\x01\x01 as it is");
        let photo = jpeg_with(&[exif_segment(&exif_block(big_endian)), profile.clone(), xmp_segment(XMP.as_bytes())]);
        assert!(exif_of(&photo).get_field(Tag::GPSLatitude, In::PRIMARY).is_some(), "the parser sees what is to go");
        let cleaned = clean("image/jpeg", &photo);
        assert_keeps_the_rest(&cleaned);
        assert_eq!(pixels(&cleaned), pixels(&photo));
        let after_metadata = photo.len() - super::tests::photo(ImageFormat::Jpeg).len() + 2;
        assert_eq!(cleaned[after_metadata..], photo[after_metadata..], "byte for byte");
        assert!(cleaned.windows(profile.len()).any(|part| part == profile));
        let text = String::from_utf8_lossy(&cleaned).into_owned();
        assert!(text.contains("<dc:creator>Mara 1999</dc:creator>") && text.contains("tiff:Orientation=\"6\""));
    }
}

#[test]
fn a_png_loses_only_its_location() {
    let xmp = |flags: &[u8]| [b"XML:com.adobe.xmp\0", flags, b"\0\0", XMP.as_bytes()].concat();
    let cleaned = clean(
        "image/png",
        &png_with(&[
            chunk(*b"eXIf", &exif_block(true)),
            chunk(*b"iTXt", &xmp(b"\0\0")),
            chunk(*b"zTXt", b"Raw profile type exif\0\0 31.4242"),
            chunk(*b"tEXt", b"exif:GPSLatitude\0 31.4242"),
            chunk(*b"tEXt", b"Title\0The harbour at 9"),
        ]),
    );
    assert_keeps_the_rest(&cleaned);
    assert_eq!(pixels(&cleaned), pixels(&photo(ImageFormat::Png)), "the checksums are right");
    assert!(
        cleaned.windows(18).any(|part| part == b"The harbour at 9".as_slice() || part.starts_with(b"The harbour at 9"))
    );
    // Compressed chunks are not searched.
    clean("image/png", &png_with(&[chunk(*b"iTXt", &xmp(b"\x01\0"))]));
}

#[test]
fn a_webp_loses_only_its_location() {
    for head in [b"".as_slice(), b"Exif\0\0"] {
        let exif = [head, &exif_block(false)].concat();
        let photo = webp_with(&[(b"EXIF", &exif), (b"XMP ", XMP.as_bytes())]);
        let cleaned = clean("image/webp", &photo);
        assert_eq!(pixels(&cleaned), pixels(&photo));
        if head.is_empty() {
            assert_keeps_the_rest(&cleaned);
        }
    }
}

#[test]
fn unparsable_metadata_keeps_only_the_orientation() {
    let mut block = exif_block(true);
    // The location's offset is beyond the end.
    let pointer = block.windows(2).position(|tag| tag == [0x88, 0x25]).unwrap() + 8;
    block[pointer..pointer + 4].copy_from_slice(&9_999_u32.to_be_bytes());
    let cleaned = clean("image/jpeg", &jpeg_with(&[exif_segment(&block)]));
    let exif = exif_of(&cleaned);
    assert_eq!(exif.fields().map(|field| field.tag).collect::<Vec<_>>(), [Tag::Orientation]);
    assert_eq!(exif.get_field(Tag::Orientation, In::PRIMARY).unwrap().value.get_uint(0), Some(6));
    for broken in [
        XMP.replace("<exif:GPSLongitude>", "<exif:GPSLongitude"),
        XMP.replace("</exif:GPSTrack>", ""),
        XMP.replace("<dc:creator>", "<!-- GPS=\"77.4242\" --><dc:creator>"),
    ] {
        clean("image/jpeg", &jpeg_with(&[xmp_segment(broken.as_bytes())]));
    }
    let utf16: Vec<u8> = XMP.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cleaned = clean("image/jpeg", &jpeg_with(&[xmp_segment(&utf16)]));
    assert!(!cleaned.windows(6).any(|part| part == b"\x003\x001\x00."), "in whatever encoding");
}

#[test]
fn long_packets_and_other_programs_copies_are_cleaned_too() {
    let head = [b"http://ns.adobe.com/xmp/extension/\0".as_slice(), &[b'A'; 32], &[0; 8]].concat();
    // Cut in the middle of the name.
    let parts = [b"<a GPSLa".as_slice(), b"titude='52.31.4242'/>"].map(|part| segment(0xe1, &[&head, part].concat()));
    clean("image/jpeg", &jpeg_with(&parts));
    let resources = [b"Photoshop 3.0\x008BIM\x04\x22\0\0\0\0\0\x10".as_slice(), &exif_block(true)].concat();
    clean("image/jpeg", &jpeg_with(&[segment(0xed, &resources)]));
}

#[test]
fn data_after_the_picture_is_cleaned() {
    let plain = photo(ImageFormat::Jpeg);
    // A second exposure.
    let second = jpeg_with(&[exif_segment(&exif_block(false))]);
    let cleaned = clean("image/jpeg", &[plain.as_slice(), &second].concat());
    assert_eq!(pixels(&cleaned[plain.len()..]), pixels(&second));
    assert_keeps_the_rest(&cleaned[plain.len()..]);
    // The video of a motion photo.
    let video = b"\0\0\0\x18ftypmp42....udta\0\0\0\x1e\xa9xyz\0\x12\x15\xc7+31.4242+013.7331/";
    let cleaned = clean("image/jpeg", &[plain.as_slice(), video].concat());
    assert_eq!(cleaned[..plain.len()], plain);
    assert!(cleaned[plain.len()..].iter().all(|byte| *byte == 0));
}

#[test]
fn a_file_without_a_location_is_unchanged() {
    let mut nowhere = exif_block(true);
    let place = nowhere.windows(2).position(|tag| tag == [0x88, 0x25]).unwrap();
    // Another entry of the same shape.
    nowhere[place..place + 2].copy_from_slice(&[0xa4, 0x01]);
    for (content_type, bytes) in [
        ("image/jpeg", photo(ImageFormat::Jpeg)),
        ("image/png", photo(ImageFormat::Png)),
        ("image/webp", photo(ImageFormat::WebP)),
        ("image/jpeg", jpeg_with(&[exif_segment(&nowhere), segment(0xfe, b"GPS 12")])),
        ("image/jpeg", [photo(ImageFormat::Jpeg), b"more bytes, about nothing".repeat(9_000)].concat()),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0cut".to_vec()),
        ("image/heic", exif_block(true)),
        ("image/png", png_with(&[chunk(*b"tEXt", b"Title\0The harbour")])),
    ] {
        assert_eq!(find(&mut Cursor::new(&bytes), content_type).unwrap(), [], "{content_type}");
    }
}

#[test]
fn a_part_of_a_file_is_patched_like_the_whole() {
    let photo = jpeg_with(&[exif_segment(&exif_block(true)), xmp_segment(XMP.as_bytes())]);
    let patches = find(&mut Cursor::new(&photo), "image/jpeg").unwrap();
    let whole = clean("image/jpeg", &photo);
    for length in [1, 7, 100, photo.len()] {
        let mut parts = photo.clone();
        for (place, part) in parts.chunks_mut(length).enumerate() {
            apply(&patches, (place * length) as u64, part);
        }
        assert_eq!(parts, whole, "{length}");
    }
}

proptest! {
    /// For any bytes: no panic, the same size, and a second search finds nothing.
    #[test]
    fn any_damage_is_survived(at in 0_usize..900, with in proptest::collection::vec(any::<u8>(), 1..6), format in 0..3) {
        let (content_type, mut bytes) = match format {
            0 => ("image/jpeg", jpeg_with(&[exif_segment(&exif_block(true)), xmp_segment(XMP.as_bytes())])),
            1 => ("image/png", png_with(&[chunk(*b"eXIf", &exif_block(false)), chunk(*b"tEXt", b"GPS\0 31.4242")])),
            _ => ("image/webp", webp_with(&[(b"EXIF", &exif_block(false)), (b"XMP ", XMP.as_bytes())])),
        };
        let at = at % (bytes.len() - 6);
        bytes[at..at + with.len()].copy_from_slice(&with);
        let mut cleaned = Vec::new();
        copy_without(&mut Cursor::new(&bytes), content_type, &mut cleaned).unwrap();
        prop_assert_eq!(cleaned.len(), bytes.len());
    }
}
