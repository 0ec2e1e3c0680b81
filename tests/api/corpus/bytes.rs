//! Minimal bytes of every type.

use attache::platform::file_types::{Family, FileType};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::support::files;

/// Returns bytes of a type. `None` for a type whose bytes are those of another one.
pub fn of(row: &FileType) -> Option<Vec<u8>> {
    let bytes = match row.family {
        Family::Picture => picture(row.name)?,
        Family::Video | Family::Sound => film_or_sound(row.name)?,
        Family::Text => words(row.name),
        Family::Document => document(row.name)?,
        Family::Archive | Family::Program | Family::Other => other(row.name)?,
    };
    Some(bytes)
}

fn picture(name: &str) -> Option<Vec<u8>> {
    let drawn = |format| {
        let picture = RgbImage::from_fn(24, 16, |x, y| Rgb([x.to_be_bytes()[3] * 10, y.to_be_bytes()[3] * 15, 90]));
        files::encoded(DynamicImage::from(picture), format)
    };
    Some(match name {
        "image/jpeg" => drawn(ImageFormat::Jpeg),
        "image/png" => drawn(ImageFormat::Png),
        "image/gif" => drawn(ImageFormat::Gif),
        "image/webp" => drawn(ImageFormat::WebP),
        "image/bmp" => drawn(ImageFormat::Bmp),
        "image/tiff" => drawn(ImageFormat::Tiff),
        "image/svg+xml" => {
            b"<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'><rect width='20' height='10'/></svg>"
                .to_vec()
        }
        "image/avif" => brands(*b"avif", b"avifmif1"),
        "image/heic" => brands(*b"heic", b"mif1heic"),
        "image/heif" => brands(*b"mif1", b"mif1miaf"),
        "image/x-canon-cr3" => brands(*b"crx ", b"crx isom"),
        "image/x-canon-cr2" => b"II\x2a\0\x10\0\0\0CR\x02\0\0\0\0\0".to_vec(),
        "image/vnd.microsoft.icon" => b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x10\0\0\0\x16\0\0\0".to_vec(),
        "image/vnd.adobe.photoshop" => filled(b"8BPS\0\x01\0\0\0\0\0\0"),
        "image/jxl" => filled(b"\0\0\0\x0cJXL \r\n\x87\n"),
        "image/jp2" => filled(b"\0\0\0\x0cjP  \r\n\x87\n"),
        "image/vnd.ms-photo" => filled(b"II\xbc\x01"),
        "image/vnd.djvu" => filled(b"AT&TFORM\0\0\0\x20DJVU"),
        "image/vnd.dwg" => filled(b"AC1015\0\0\0\0\0\0"),
        "image/x-exr" => filled(b"\x76\x2f\x31\x01"),
        "image/x-xcf" => filled(b"gimp xcf v011\0"),
        "image/openraster" => zip(&[("mimetype", "image/openraster"), ("stack.xml", "<image/>")]),
        _ => return None,
    })
}

fn film_or_sound(name: &str) -> Option<Vec<u8>> {
    const FILM: &[&[u8]] = &[b"vide", b"soun"];
    const SOUND: &[&[u8]] = &[b"soun"];
    let movie = |major: &[u8; 4], handlers: &[&[u8]]| [brands(*major, b"isomiso2"), movie(handlers)].concat();
    let riff = |kind: &[u8]| filled(&[b"RIFF\x40\0\0\0", kind].concat());
    let adts = [&b"\xff\xf1\x50\x80\x02\x1f\xfc"[..], &[0; 9]].concat();
    let frame = [&b"\xff\xfb\x90\x00"[..], &[0; 413]].concat();
    Some(match name {
        "video/mp4" => include_bytes!("../../../demo/VID_0042.mp4").to_vec(),
        "audio/mp4" => include_bytes!("../../../demo/voice-note.m4a").to_vec(),
        "video/quicktime" => movie(b"qt  ", FILM),
        "video/3gpp" => movie(b"3gp6", FILM),
        "video/3gpp2" => movie(b"3g2a", FILM),
        "audio/3gpp" => movie(b"3gp6", SOUND),
        "audio/3gpp2" => movie(b"3g2a", SOUND),
        "video/webm" => matroska(b"webm", &[1, 2]),
        "audio/webm" => matroska(b"webm", &[2]),
        "video/x-matroska" => matroska(b"matroska", &[1, 2]),
        "audio/x-matroska" => matroska(b"matroska", &[2]),
        "video/ogg" => [ogg_page(b"\x80theora"), ogg_page(b"\x01vorbis")].concat(),
        "audio/ogg" => ogg_page(b"OpusHead\x01"),
        "video/x-msvideo" => riff(b"AVI LIST"),
        "audio/wav" => riff(b"WAVEfmt "),
        "video/mpeg" => filled(b"\0\0\x01\xba\x44"),
        "video/mp2t" => [&b"\x47\x40\x00\x10"[..], &[0xff; 184]].concat().repeat(6),
        "video/x-ms-wmv" => filled(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"),
        "audio/x-ms-wma" => filled(
            b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c\0\0\0\0\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b",
        ),
        "video/x-flv" => filled(b"FLV\x01\x05\0\0\0\x09"),
        "audio/flac" => filled(b"fLaC\0\0\0\x22"),
        "audio/aac" => adts.repeat(4),
        "audio/mpeg" => frame.repeat(4),
        "audio/x-aiff" => filled(b"FORM\0\0\0\x40AIFFCOMM"),
        "audio/midi" => filled(b"MThd\0\0\0\x06\0\x01\0\x01\0\x60"),
        "audio/amr" => filled(b"#!AMR\n\x3c"),
        "audio/amr-wb" => filled(b"#!AMR-WB\n\x44"),
        "audio/x-ape" => filled(b"MAC \x96\x0f\0\0"),
        "audio/ac3" => filled(b"\x0b\x77\xf0\x51\x14\x40"),
        "audio/x-caf" => filled(b"caff\0\x01\0\0desc"),
        "audio/basic" => filled(b".snd\0\0\0\x20"),
        "audio/x-dsf" => filled(b"DSD \x1c\0\0\0\0\0\0\0"),
        _ => return None,
    })
}

fn words(name: &str) -> Vec<u8> {
    match name {
        "text/html" => b"<!DOCTYPE html>\n<title>Hello</title>\n".to_vec(),
        "text/x-shellscript" => b"#!/bin/sh\necho hello\n".to_vec(),
        _ => "Grüße aus Köln; 12,50 €\nSecond line\n".into(),
    }
}

fn document(name: &str) -> Option<Vec<u8>> {
    let office = |part: &str| zip(&[("[Content_Types].xml", "<Types/>"), ("_rels/.rels", "<x/>"), (part, "<x/>")]);
    let ole = |stream: &str| {
        let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 504], &name, &[0; 64]].concat()
    };
    Some(match name {
        "application/pdf" => include_bytes!("../../../demo/service-report.pdf").to_vec(),
        "application/msword" => ole("WordDocument"),
        "application/vnd.ms-excel" => ole("Workbook"),
        "application/vnd.ms-powerpoint" => ole("PowerPoint Document"),
        "application/vnd.ms-outlook" => ole("__substg1.0_001A001F"),
        "application/x-mobipocket-ebook" => [&[0; 60][..], b"BOOKMOBI\0\0\0\0"].concat(),
        "application/rtf" => b"{\\rtf1 Hello}\n".to_vec(),
        "application/postscript" => b"%!PS-Adobe-3.0\nshowpage\n".to_vec(),
        _ if name.contains("wordprocessingml") => office("word/document.xml"),
        _ if name.contains("spreadsheetml") => office("xl/workbook.xml"),
        _ if name.contains("presentationml") => office("ppt/presentation.xml"),
        _ if name.contains("macroenabled") => zip(&[("[Content_Types].xml", "<Types/>")]),
        _ if name.starts_with("application/vnd.oasis") || name == "application/epub+zip" => {
            zip(&[("mimetype", name), ("x.xml", "x")])
        }
        _ => return None,
    })
}

fn other(name: &str) -> Option<Vec<u8>> {
    Some(match name {
        "application/vnd.android.package-archive" => {
            zip(&[("META-INF/MANIFEST.MF", "x"), ("AndroidManifest.xml", "x")])
        }
        "application/java-archive" => zip(&[("META-INF/MANIFEST.MF", "x"), ("A.class", "x")]),
        "application/zip" => zip(&[("photos/a.txt", "hello"), ("b.txt", "hello")]),
        "application/gzip" => filled(b"\x1f\x8b\x08\0\0\0\0\0"),
        "application/x-bzip2" => filled(b"BZh91AY&SY\x01\x02\x03"),
        "application/x-xz" => filled(b"\xfd7zXZ\0\0\x04"),
        "application/zstd" => filled(b"\x28\xb5\x2f\xfd\x24"),
        "application/x-7z-compressed" => filled(b"7z\xbc\xaf\x27\x1c\0\x04"),
        "application/vnd.rar" => filled(b"Rar!\x1a\x07\x01\0"),
        "application/x-tar" => tar(),
        "application/x-lz4" => filled(b"\x04\x22\x4d\x18\x64"),
        "application/x-lzip" => filled(b"LZIP\x01\x0c"),
        "application/x-compress" => filled(b"\x1f\x9d\x90"),
        "application/vnd.ms-cab-compressed" => filled(b"MSCF\0\0\0\0"),
        "application/x-iso9660-image" => [&vec![0; 32_768][..], b"\x01CD001\x01\0"].concat(),
        "application/x-executable" => filled(b"\x7fELF\x02\x01\x01\0"),
        "application/vnd.microsoft.portable-executable" => [&b"MZ"[..], &[0; 58], b"\x40\0\0\0PE\0\0\x64\x86"].concat(),
        "application/x-mach-binary" => filled(b"\xcf\xfa\xed\xfe\x07\0\0\x01"),
        "application/java-vm" => filled(b"\xca\xfe\xba\xbe\0\0\0\x41"),
        "application/vnd.android.dex" => filled(b"dex\n035\0"),
        "application/wasm" => filled(b"\0asm\x01\0\0\0"),
        "application/x-msi" => {
            let class = b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
            [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 584], class, &[0; 32]].concat()
        }
        "application/x-ole-storage" => filled(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "application/x-ms-shortcut" => filled(b"\x4c\0\0\0\x01\x14\x02\0"),
        "application/vnd.debian.binary-package" => filled(b"!<arch>\ndebian-binary   \0"),
        "application/x-rpm" => filled(b"\xed\xab\xee\xdb\x03\0"),
        "application/x-google-chrome-extension" => filled(b"Cr24\x03\0\0\0"),
        "application/x-shockwave-flash" => filled(b"CWS\x0a\x10\0\0\0"),
        "application/vnd.sqlite3" => filled(b"SQLite format 3\0\x10\0"),
        "font/woff" => filled(b"wOFF\0\x01\0\0"),
        "font/woff2" => filled(b"wOF2\0\x01\0\0"),
        "font/ttf" => filled(b"\0\x01\0\0\0\x0c"),
        "font/otf" => filled(b"OTTO\0\x0c"),
        "font/collection" => filled(b"ttcf\0\x01\0\0"),
        "application/dicom" => [&[0; 128][..], b"DICM\x02\0\0\0"].concat(),
        "application/vnd.apache.parquet" => filled(b"PAR1\x15\x04\x15\0"),
        "application/vnd.tcpdump.pcap" => filled(b"\xd4\xc3\xb2\xa1\x02\0\x04\0"),
        _ => return None,
    })
}

/// Returns a beginning followed by binary data.
fn filled(start: &[u8]) -> Vec<u8> {
    [start, &[0, 1, 2, 3].repeat(16)].concat()
}

fn part(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).expect("it is short").to_be_bytes();
    [&length, kind, body].concat()
}

fn brands(major: [u8; 4], compatible: &[u8]) -> Vec<u8> {
    part(b"ftyp", &[&major[..], &b"\0\0\x02\0"[..], compatible].concat())
}

fn movie(handlers: &[&[u8]]) -> Vec<u8> {
    let track = |handler: &&[u8]| part(b"trak", &part(b"mdia", &part(b"hdlr", &[&[0; 8], *handler].concat())));
    part(b"moov", &handlers.iter().flat_map(track).collect::<Vec<_>>())
}

/// Returns an EBML element.
fn element(id: &[u8], data: &[u8]) -> Vec<u8> {
    let length = 0x1000_0000 | u32::try_from(data.len()).expect("it is short");
    [id, &length.to_be_bytes(), data].concat()
}

fn matroska(kind: &[u8], types: &[u8]) -> Vec<u8> {
    let tracks: Vec<u8> = types.iter().flat_map(|kind| element(b"\xae", &element(b"\x83", &[*kind]))).collect();
    let head = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", kind));
    [head, element(b"\x18\x53\x80\x67", &element(b"\x16\x54\xae\x6b", &tracks))].concat()
}

fn ogg_page(codec: &[u8]) -> Vec<u8> {
    [b"OggS\0\x02".as_slice(), &[0; 20], &[1, u8::try_from(codec.len()).expect("it is short")], codec].concat()
}

/// Returns stored entries, complete enough for readers of the start.
fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, data) in entries {
        let length = u32::try_from(data.len()).expect("it is short").to_le_bytes();
        bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0");
        bytes.extend([0; 8]);
        bytes.extend([length, length].concat());
        bytes.extend(u16::try_from(name.len()).expect("it is short").to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name.bytes().chain(data.bytes()));
    }
    bytes
}

/// Returns one header with its checksum, and no data.
fn tar() -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..5].copy_from_slice(b"a.txt");
    header[124..135].copy_from_slice(b"00000000000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    [header, vec![0; 1024]].concat()
}
