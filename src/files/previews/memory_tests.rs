//! Measures the memory of decoding pictures, each in its own process, and compares it with the estimate from their
//! header.

use std::fs::File;
use std::io::Write;
use std::process::Command;

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use tempfile::NamedTempFile;

use crate::platform::allocator;

use super::picture::{MEMORY_MAX, OTHER_BYTES, Unreadable, header, read};

/// Rounding of the allocator, and a profile, which is copied when its buffer grows.
const PROFILE_BYTES: u64 = 16 * 1024 * 1024;
/// Makes this test decode a picture and print the memory it used.
const MEASURED: &str = "ATTACHE_MEASURED_PICTURE";

/// Returns a size in the status of this process, in bytes: `VmRSS`, its resident memory, or `VmHWM`, its peak.
fn resident(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

fn measure(path: &str, content_type: &str) {
    let file = File::open(path).unwrap();
    let before = resident("VmRSS");
    let outcome = header(&file, content_type).and_then(|_| read(&file, content_type, false));
    println!("took {} {}", resident("VmHWM") - before, outcome.is_ok());
}

/// Decodes a picture in another process. Returns the peak of its memory in bytes, and whether there is a preview.
fn taken(content_type: &str, bytes: &[u8]) -> (u64, bool) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let (_, module) = module_path!().split_once("::").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::pictures_take_no_more_memory_than_promised"), "--nocapture"])
        .env(allocator::SETTINGS, allocator::WORKER_SETTINGS)
        .env(MEASURED, format!("{content_type} {}", file.path().display()))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("took ")).unwrap_or_else(|| panic!("{text} {output:?}"));
    let (bytes, read) = line.1.split_once(' ').unwrap();
    (bytes.parse().unwrap(), read == "true")
}

fn promised(content_type: &str, bytes: &[u8]) -> Result<u64, Unreadable> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    header(file.as_file(), content_type).map(|header| header.memory)
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Returns a small JPEG: every block is the same. One scan of all components, or one of each.
fn flat_jpeg(width: u16, height: u16, frame: u8, one_scan: bool) -> Vec<u8> {
    let segment = |marker: u8, payload: &[u8]| {
        [&[0xff, marker], &u16::try_from(payload.len() + 2).unwrap().to_be_bytes()[..], payload].concat()
    };
    let mut jpeg = b"\xff\xd8".to_vec();
    jpeg.extend(segment(0xdb, &[[0].as_slice(), &[1; 64]].concat()));
    let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
    jpeg.extend(segment(frame, &[&[8], &sides[..], &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]].concat()));
    // One code of one bit: no difference, and the end of the block.
    for class in [0x00, 0x10] {
        jpeg.extend(segment(0xc4, &[[class, 1].as_slice(), &[0; 16]].concat()));
    }
    let blocks = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8));
    let is_progressive = frame == 0xc2;
    let last = if is_progressive { 0 } else { 63 };
    let scans: &[&[u8]] = if one_scan { &[&[1, 2, 3]] } else { &[&[1], &[2], &[3]] };
    for scan in scans {
        let mut payload = vec![u8::try_from(scan.len()).unwrap()];
        payload.extend(scan.iter().flat_map(|id| [*id, 0]));
        payload.extend([0, last, 0]);
        jpeg.extend(segment(0xda, &payload));
        let bits = blocks * scan.len() * if is_progressive { 1 } else { 2 };
        jpeg.extend(vec![0; bits.div_ceil(8)]);
    }
    jpeg.extend(b"\xff\xd9");
    jpeg
}

fn png_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

/// Returns a black PNG, with further chunks before its pixels.
fn flat_png((width, height): (u32, u32), depth: u8, color: u8, interlaced: bool, chunks: &[u8]) -> Vec<u8> {
    let channels = if color == 6 { 4 } else { 3 };
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = [&sides[..], &[depth, color, 0, 0, u8::from(interlaced)]].concat();
    let row = width as usize * channels * usize::from(depth / 8) + 1;
    // The rows of seven passes have twice as many filters and no more pixels.
    let rows = vec![0; (row + 8) * (height as usize + 7)];
    let pixels = miniz_oxide::deflate::compress_to_vec_zlib(&rows, 1);
    [
        b"\x89PNG\r\n\x1a\n",
        &png_chunk(*b"IHDR", &head)[..],
        chunks,
        &png_chunk(*b"IDAT", &pixels),
        &png_chunk(*b"IEND", b""),
    ]
    .concat()
}

/// Returns the same PNG with another size in its header.
fn claiming(mut png: Vec<u8>, side: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&side.to_be_bytes());
    png[20..24].copy_from_slice(&side.to_be_bytes());
    let sum = crc32fast::hash(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn profile_bomb(length: usize) -> Vec<u8> {
    png_chunk(*b"iCCP", &[b"x\0\0", &miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; length], 9)[..]].concat())
}

fn flat_gif((width, height): (u16, u16), frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    {
        let mut encoder = gif::Encoder::new(&mut bytes, width, height, &[10, 20, 30, 40, 50, 60]).unwrap();
        let pixels = vec![1; usize::from(width) * usize::from(height)];
        let frame = gif::Frame { width, height, buffer: pixels.into(), ..gif::Frame::default() };
        for _ in 0..frames {
            encoder.write_frame(&frame).unwrap();
        }
    }
    bytes
}

#[test]
fn pictures_take_no_more_memory_than_promised() {
    if let Ok(measured) = std::env::var(MEASURED) {
        let (content_type, path) = measured.split_once(' ').unwrap();
        return measure(path, content_type);
    }
    // Wide ones: their previews are small, so that most of the memory is what is measured.
    let size = (6_000, 600);
    let (width, height) = size;
    let rgb = || RgbImage::new(width, height);
    let lossy = webp::Encoder::from_rgb(&vec![9; rgb().len()], width, height).encode(50.0).to_vec();
    let (least, _) = taken("image/png", &flat_png((16, 16), 8, 2, false, b""));
    for (name, content_type, bytes) in [
        ("baseline JPEG", "image/jpeg", flat_jpeg(12_000, 600, 0xc0, true)),
        ("large baseline JPEG", "image/jpeg", flat_jpeg(24_000, 950, 0xc0, true)),
        ("JPEG in scans", "image/jpeg", flat_jpeg(12_000, 600, 0xc0, false)),
        ("progressive JPEG", "image/jpeg", flat_jpeg(12_000, 600, 0xc2, true)),
        ("PNG", "image/png", flat_png(size, 8, 2, false, b"")),
        ("deep PNG", "image/png", flat_png(size, 16, 6, false, b"")),
        ("interlaced PNG", "image/png", flat_png(size, 8, 6, true, b"")),
        ("PNG with a profile that inflates", "image/png", flat_png((16, 16), 8, 2, false, &profile_bomb(50_000_000))),
        ("GIF", "image/gif", flat_gif((12_000, 600), 2)),
        ("BMP", "image/bmp", encoded(rgb(), ImageFormat::Bmp)),
        ("TIFF", "image/tiff", encoded(rgb(), ImageFormat::Tiff)),
        ("deep TIFF", "image/tiff", encoded(DynamicImage::new_rgba16(3_000, 600), ImageFormat::Tiff)),
        ("lossless WebP", "image/webp", encoded(rgb(), ImageFormat::WebP)),
        ("lossless WebP with alpha", "image/webp", encoded(RgbaImage::new(width, height), ImageFormat::WebP)),
        ("lossy WebP", "image/webp", lossy),
    ] {
        let promised = promised(content_type, &bytes).unwrap();
        let (taken, has_preview) = taken(content_type, &bytes);
        println!("{name}: {} bytes take {} of {} MB", bytes.len(), taken >> 20, promised >> 20);
        assert!(has_preview, "{name}");
        assert!(taken <= promised && promised <= MEMORY_MAX, "{name}: {taken} of {promised} bytes");
        // Without the constant part, so that the formula of the format is tested.
        let (taken, promised) = (taken.saturating_sub(least), promised - OTHER_BYTES);
        assert!(taken <= promised + PROFILE_BYTES, "{name}: {taken} of {promised} bytes");
    }
}

#[test]
fn pictures_that_would_take_too_much_are_refused_by_their_header() {
    for (content_type, bytes) in [
        ("image/jpeg", flat_jpeg(12_000, 8_000, 0xc0, true)),
        ("image/jpeg", flat_jpeg(8_000, 6_000, 0xc2, true)),
        ("image/jpeg", flat_jpeg(8_000, 6_000, 0xc0, false)),
        ("image/png", claiming(flat_png((16, 16), 8, 6, true, b""), 9_000)),
    ] {
        let refused = promised(content_type, &bytes);
        assert!(matches!(refused, Err(Unreadable::TooManyPixels(..))), "{content_type} {refused:?}");
    }
    // A phone's photo of 48 megapixels, and a long screenshot.
    assert!(promised("image/jpeg", &flat_jpeg(8_000, 6_000, 0xc0, true)).is_ok());
    assert!(promised("image/png", &claiming(flat_png((16, 16), 8, 6, false, b""), 9_000)).is_ok());
}
