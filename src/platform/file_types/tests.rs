//! Checks that the table is consistent, and that it identifies bytes of every kind.

use super::recognize::{Verdict, by_bytes, judge, recognize, with_tracks};
use super::tracks::{Tracks, in_file};
use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
const PDF_START: &[u8] = b"%PDF-1.7\n";
const PAGE: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
const DRAWING: &[u8] = b"<?xml version='1.0'?><!-- made by hand --><svg xmlns='http://www.w3.org/2000/svg'/>";

fn known(name: &str) -> Verdict {
    Verdict::Known(name.to_owned())
}

fn part(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length, kind, body].concat()
}

fn brands(major: &[u8], compatible: &[u8]) -> Vec<u8> {
    part(b"ftyp", &[major, b"\0\0\x02\0", compatible].concat())
}

fn movie(handlers: &[&[u8]]) -> Vec<u8> {
    let track =
        |handler: &&[u8]| part(b"trak", &part(b"mdia", &part(b"hdlr", &[b"\0\0\0\0\0\0\0\0", *handler].concat())));
    part(b"moov", &handlers.iter().flat_map(track).collect::<Vec<_>>())
}

#[test]
fn every_name_and_extension_belongs_to_one_row() {
    let (mut names, mut extensions): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for row in all() {
        assert!(row.name.contains('/') && row.name == row.name.to_lowercase(), "{}", row.name);
        assert!(!row.label.is_empty(), "{}", row.name);
        names.extend([row.name].iter().chain(row.aliases));
        extensions.extend(row.extensions);
        if let Some(container) = row.container {
            assert!(find(container).is_some_and(|outer| outer.name == container), "{container}");
        }
        assert!(!(row.runs && row.inline), "{}", row.name);
    }
    for list in [&mut names, &mut extensions] {
        let count = list.len();
        list.sort_unstable();
        list.dedup();
        assert_eq!(list.len(), count);
    }
    assert!(all().count() >= 100);
}

#[test]
fn no_evidence_is_made_of_letters_that_a_text_begins_with() {
    for row in all() {
        for evidence in row.evidence {
            if let Evidence::Bytes(parts) = evidence {
                let is_letter = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
                assert!(!parts.iter().all(|(_, bytes)| bytes.iter().all(is_letter)), "{}", row.name);
            }
        }
    }
}

#[test]
fn texts_that_begin_like_other_formats_stay_texts() {
    for text in [
        "BM;BMI\n20;22\n",
        "GIF89a and GIF87a are formats\n",
        "MAC 00:11:22\n",
        "ID3 tags\n",
        "M4A files\n",
        "DSD 64\n",
        "8BPS is\n",
        "OggS is\n",
        "fLaC is\n",
        "MThd\n",
        "RIFF1234WAVE is one\n",
        "RIFF1234AVI is one\n",
        "RIFF1234WEBP is one\n",
        "FORM1234AIFF is one\n",
        "AT&TFORM1234DJVM\n",
        "AC1015 is a door\n",
        "abcdftypisom is how\n",
        "abcdmoov\n",
        "abcdmdat\n",
        "MAGIC = b\"%PDF-\"\n",
        "BZh91AY\n",
        "LZIP\n",
        "Cr24\n",
        "MSCF\n",
        "ISc(\n",
        "{\\rtf1}\n",
        "!<arch>\n",
        "PK00PK\n",
        "PK\n",
        "MZ;1\n",
        "BC;1\n",
        "CWS;1\n",
        "FWS;1\n",
        "SQLi\n",
        "070701\n",
        "%!PS\n",
        "#!/usr/bin/python3\nprint()\n",
        "-----BEGIN CERTIFICATE-----\n",
        "<?xml version=\"1.0\"?><rss/>\n",
        "<p align=\"center\">Hello</p>\n",
        "<!-- toc -->\n# Title\n",
    ] {
        assert_eq!(by_bytes(text.as_bytes()), PLAIN_TEXT, "{text:?}");
        for announced in [PLAIN_TEXT, "text/csv", "text/markdown", "text/x-python", "application/json"] {
            assert_eq!(judge(announced, "", text.as_bytes()), known(announced), "{text:?}");
        }
        assert_eq!(judge(OCTET_STREAM, "csv", text.as_bytes()), known("text/csv"), "{text:?}");
    }
}

#[test]
fn a_signature_deep_inside_a_text_changes_nothing() {
    for (at, signature) in [(257, "ustar"), (128, "DICM"), (60, "BOOKMOBI"), (1000, "%PDF-1.4"), (12, "mdat")] {
        let text = format!("{}{signature}\n", "x".repeat(at));
        assert_eq!(by_bytes(text.as_bytes()), PLAIN_TEXT, "{signature}");
    }
}

#[test]
fn every_alias_means_its_row() {
    for row in all() {
        for alias in row.aliases {
            assert_eq!(canonical(alias), row.name);
            assert!(covers(alias, row.name) && covers(row.name, alias), "{alias}");
        }
    }
}

#[test]
fn an_allowed_type_covers_contained_and_equivalent_types() {
    for (entry, name) in [
        ("video/mp4", "audio/mp4"),
        ("video/mp4", "video/3gpp"),
        ("video/webm", "audio/webm"),
        ("application/zip", office::DOCX),
        ("image/heic", "image/heif"),
        ("image/heif", "image/heic"),
        ("text/plain", "text/csv"),
        ("text/csv", "text/plain"),
        ("audio/opus", "audio/ogg"),
        ("audio/x-wav", "audio/wav"),
    ] {
        assert!(covers(entry, name), "{entry} {name}");
    }
    for (entry, name) in [
        ("audio/mp4", "video/mp4"),
        (office::DOCX, "application/zip"),
        ("text/plain", HTML),
        ("text/plain", SVG),
        ("text/plain", "application/pdf"),
        ("image/png", "image/jpeg"),
        ("image/x-unheard-of", "image/png"),
    ] {
        assert!(!covers(entry, name), "{entry} {name}");
    }
}

#[test]
fn executable_or_unknown_bytes_are_rejected_as_media() {
    let program = [&b"\x7fELF\x02\x01\x01\0"[..], &[0; 64]].concat();
    for announced in
        ["image/png", "image/jpeg", "video/mp4", "audio/mpeg", "audio/amr-wb", "application/pdf", "image/x-unheard-of"]
    {
        for (bytes, name) in [
            (PAGE, HTML),
            (DRAWING, SVG),
            (&b"#!/bin/sh\nrm -r /\n"[..], "text/x-shellscript"),
            (&program, "application/x-executable"),
        ] {
            assert_eq!(judge(announced, "png", bytes), Verdict::Mismatch(Some(name)), "{announced}");
        }
    }
    for announced in ["image/png", "video/mp4", "audio/mpeg", "application/pdf"] {
        assert_eq!(judge(announced, "", b"\0\x01\x02\x03"), Verdict::Mismatch(None), "{announced}");
        assert_eq!(judge(announced, "", b""), Verdict::Mismatch(None), "{announced}");
        assert_eq!(judge(announced, "ts", b"export const one = 1\n"), known("text/typescript"));
    }
}

#[test]
fn other_files_get_their_detected_type() {
    let zip = b"PK\x03\x04\x14\0\0\0\0\0";
    for (announced, bytes, name) in [
        ("image/png", PNG, "image/png"),
        (OCTET_STREAM, PNG, "image/png"),
        ("image/png", JPEG, "image/jpeg"),
        ("image/jpg", JPEG, "image/jpeg"),
        ("image/jpeg", PDF_START, "application/pdf"),
        ("application/pdf", JPEG, "image/jpeg"),
        ("video/mp4", PNG, "image/png"),
        ("text/plain", PNG, "image/png"),
        ("text/plain", PAGE, "text/plain"),
        ("text/plain", PDF_START, "text/plain"),
        (OCTET_STREAM, PAGE, HTML),
        (OCTET_STREAM, DRAWING, SVG),
        (SVG, DRAWING, SVG),
        ("text/plain", b"\0\x01\x02", OCTET_STREAM),
        (OCTET_STREAM, b"words", "text/csv"),
        (office::DOCX, zip, office::DOCX),
        ("application/x-zip-compressed", zip, "application/zip"),
        ("application/x-unheard-of", zip, "application/x-unheard-of"),
        ("application/x-unheard-of", PNG, "image/png"),
        ("application/x-unheard-of", b"\0\x01\x02", "application/x-unheard-of"),
        ("application/zip", b"\0\x01\x02", OCTET_STREAM),
        ("image/x-unheard-of", b"\0\x01\x02", OCTET_STREAM),
        ("application/vnd.ms-excel", b"a;b\n1;2\n", "text/csv"),
    ] {
        assert_eq!(judge(announced, "csv", bytes), known(name), "{announced} {bytes:?}");
    }
}

#[test]
fn a_single_letter_without_a_type_is_not_text() {
    assert_eq!(judge(OCTET_STREAM, "", b"x"), known(OCTET_STREAM));
    assert_eq!(judge(OCTET_STREAM, "md", b"x"), known("text/markdown"));
    assert_eq!(judge(OCTET_STREAM, "", b"read me"), known(PLAIN_TEXT));
    assert_eq!(judge(PLAIN_TEXT, "", b"x"), known(PLAIN_TEXT));
}

#[test]
fn an_mp4_is_one_by_any_brand() {
    for major in [
        "isom", "iso8", "XAVC", "CAEP", "pana", "3gp4", "3gp5", "M4V ", "M4VH", "M4VP", "dash", "avc1", "MSNV", "hvc1",
        "av01", "cmfc", "niko", "piff", "F4V ", "NDSC", "mobi", "zzzz",
    ] {
        let bytes = [brands(major.as_bytes(), b"isomiso2avc1mp41"), movie(&[b"vide", b"soun"])].concat();
        assert_eq!(by_bytes(&bytes), "video/mp4", "{major}");
        assert_eq!(judge("video/mp4", "mp4", &[part(b"free", &[0; 8]), bytes].concat()), known("video/mp4"), "{major}");
    }
    for (major, name) in [
        (&b"qt  "[..], "video/quicktime"),
        (b"3gp6", "video/3gpp"),
        (b"3ge6", "video/3gpp"),
        (b"3g2a", "video/3gpp2"),
        (b"crx ", "image/x-canon-cr3"),
    ] {
        assert_eq!(by_bytes(&[brands(major, b"isomavc1"), movie(&[b"vide"])].concat()), name);
    }
    let old = [part(b"wide", b""), part(b"mdat", &[0; 32]), movie(&[b"vide"])].concat();
    assert_eq!(by_bytes(&old), "video/quicktime");
}

#[test]
fn heif_is_detected_by_all_its_brands() {
    for (major, compatible, name) in [
        ("heic", "mif1heic", "image/heic"),
        ("heix", "mif1heix", "image/heic"),
        ("hevc", "msf1hevc", "image/heic"),
        ("mif1", "mif1heic", "image/heic"),
        ("mif1", "mif1miaf", "image/heif"),
        ("avci", "mif1", "image/heif"),
        ("mif1", "mif1avif", "image/avif"),
        ("avif", "avifmif1", "image/avif"),
        ("avis", "avisavif", "image/avif"),
    ] {
        let bytes = brands(major.as_bytes(), compatible.as_bytes());
        assert_eq!(by_bytes(&bytes), name, "{major} {compatible}");
        assert_eq!(judge("image/heif", "heic", &bytes), known(name), "{major} {compatible}");
    }
}

#[test]
fn audio_in_a_video_container_is_audio() {
    for major in ["isom", "mp42", "iso6", "dash", "M4A ", "M4B "] {
        let bytes = [brands(major.as_bytes(), b"isommp42"), movie(&[b"soun"])].concat();
        assert_eq!(by_bytes(&bytes), "audio/mp4", "{major}");
    }
    let film = [brands(b"M4A ", b"isom"), movie(&[b"soun", b"vide"])].concat();
    assert_eq!(by_bytes(&film), "video/mp4");
    // The start does not show the tracks.
    let open = [brands(b"isom", b"isom"), part(b"mdat", &[0; 99])].concat();
    assert_eq!(judge("audio/x-m4a", "m4a", &open), known("audio/mp4"));
    assert_eq!(judge("video/mp4", "mp4", &open), known("video/mp4"));
    let whole = [open, movie(&[b"soun"])].concat();
    let tracks = in_file(&mut std::io::Cursor::new(&whole)).unwrap();
    assert_eq!(tracks, Some(Tracks { video: false, sound: true }));
    assert_eq!(with_tracks("video/mp4", tracks.unwrap()), "audio/mp4");
    assert_eq!(with_tracks("audio/mp4", Tracks { video: true, sound: true }), "video/mp4");
}

/// Returns an EBML element.
fn element(id: &[u8], data: &[u8]) -> Vec<u8> {
    let length = 0x1000_0000 | u32::try_from(data.len()).unwrap();
    [id, &length.to_be_bytes(), data].concat()
}

#[test]
fn a_browsers_recording_is_audio() {
    for (kind, types, name) in [
        (&b"webm"[..], &[2_u8][..], "audio/webm"),
        (b"webm", &[1, 2], "video/webm"),
        (b"matroska", &[2], "audio/x-matroska"),
        (b"matroska", &[1], "video/x-matroska"),
    ] {
        let tracks: Vec<u8> = types.iter().flat_map(|kind| element(b"\xae", &element(b"\x83", &[*kind]))).collect();
        let head = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", kind));
        // A segment of unknown length, as recorders write it.
        let segment =
            [b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".as_slice(), &element(b"\x16\x54\xae\x6b", &tracks)];
        assert_eq!(by_bytes(&[head, segment.concat()].concat()), name);
    }
    let page =
        |codec: &[u8]| [b"OggS\0\x02".as_slice(), &[0; 20], &[1, u8::try_from(codec.len()).unwrap()], codec].concat();
    assert_eq!(by_bytes(&page(b"OpusHead\x01")), "audio/ogg");
    assert_eq!(by_bytes(&[page(b"\x80theora"), page(b"\x01vorbis")].concat()), "video/ogg");
    assert_eq!(judge("audio/opus", "opus", &page(b"OpusHead\x01")), known("audio/ogg"));
}

/// Returns a zip of stored entries, complete enough for readers of its start.
fn zip(entries: &[(&str, &str)], size_follows: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, data) in entries {
        let length = if size_follows { 0 } else { u32::try_from(data.len()).unwrap() };
        bytes.extend(b"PK\x03\x04\x14\0");
        bytes.extend(if size_follows { [8, 0] } else { [0, 0] });
        bytes.extend([0; 10]);
        bytes.extend([length.to_le_bytes(), length.to_le_bytes()].concat());
        bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name.bytes().chain(data.bytes()));
    }
    bytes
}

#[test]
fn documents_are_distinguished_from_zips_by_their_entries() {
    for (entries, name) in [
        (vec![("[Content_Types].xml", "<x/>"), ("_rels/.rels", "x"), ("word/document.xml", "x")], office::DOCX),
        (vec![("xl/workbook.xml", "x"), ("[Content_Types].xml", "x")], office::XLSX),
        (vec![("[Content_Types].xml", "x"), ("ppt/presentation.xml", "x")], office::PPTX),
        (vec![("mimetype", office::ODT), ("content.xml", "x")], office::ODT),
        (vec![("mimetype", office::EPUB), ("META-INF/container.xml", "x")], office::EPUB),
        (vec![("META-INF/MANIFEST.MF", "x"), ("a/B.class", "x")], "application/java-archive"),
        (vec![("META-INF/MANIFEST.MF", "x"), ("AndroidManifest.xml", "x")], "application/vnd.android.package-archive"),
        (vec![("photos/1.jpg", "x"), ("words.txt", "x")], office::ZIP),
    ] {
        for size_follows in [false, true] {
            let bytes = zip(&entries, size_follows);
            assert_eq!(by_bytes(&bytes), name, "{entries:?}");
            for announced in [office::ZIP, "application/x-zip-compressed", OCTET_STREAM, name] {
                assert_eq!(judge(announced, "zip", &bytes), known(name), "{announced} {entries:?}");
            }
        }
    }
    assert_eq!(by_bytes(b"PK\x05\x06\0\0\0\0"), office::ZIP);
}

#[test]
fn an_mp3_needs_no_tag() {
    // 128 kbit/s and 44.1 kHz: frames of 417 bytes.
    let frame = [&b"\xff\xfb\x90\x00"[..], &[0; 413]].concat();
    assert_eq!(by_bytes(&frame.repeat(3)), "audio/mpeg");
    assert_eq!(by_bytes(&[&b"ID3\x03\0\0\0\0\0\x04tag."[..], &frame.repeat(2)].concat()), "audio/mpeg");
    let adts = [&b"\xff\xf1\x50\x80\x02\x1f\xfc"[..], &[0; 9]].concat();
    assert_eq!(by_bytes(&adts.repeat(4)), "audio/aac");
    assert_eq!(judge("audio/mpeg", "mp3", b"\xff\xfb\x90\x00"), Verdict::Mismatch(None));
}

#[test]
fn tiffs_of_both_sizes_and_orders_are_detected() {
    for start in [&b"II\x2a\0\x08\0\0\0"[..], b"MM\0\x2a\0\0\0\x08", b"II\x2b\0\x08\0\0\0", b"MM\0\x2b\0\x08\0\0"] {
        assert_eq!(recognize(start).map(|row| row.name), Some("image/tiff"));
    }
}
