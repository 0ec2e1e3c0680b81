//! Small files of several types, each with its own bytes.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// Returns a PNG with a header only: 256 × 128 pixels.
pub fn png(text: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0", text.as_bytes()].concat()
}

/// Returns a PNG that announces a size without pixels.
pub fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = picture(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// Computes the checksum of PNG (ISO 3309), bit by bit.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Returns a complete PNG with pixels.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    encoded(RgbImage::from_pixel(width, height, Rgb([200, 120, 40])).into(), ImageFormat::Png)
}

pub fn encoded(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("it can be encoded");
    bytes.into_inner()
}

/// Returns a JPEG up to its frame header.
pub fn jpeg_sized(width: u16, height: u16) -> Vec<u8> {
    let frame: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08";
    [frame, &height.to_be_bytes(), &width.to_be_bytes(), b"\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xd9"].concat()
}

pub fn jpeg(text: &str) -> Vec<u8> {
    [b"\xff\xd8\xff\xe0\0\x10JFIF\0", text.as_bytes()].concat()
}

pub fn pdf(text: &str) -> Vec<u8> {
    [b"%PDF-1.7\n", text.as_bytes()].concat()
}

pub const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
pub const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
