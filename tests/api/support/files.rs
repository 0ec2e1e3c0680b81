//! Small files of several types, each with its own bytes.

/// A PNG as far as its header goes: 256 × 128 pixels.
pub fn png(text: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0", text.as_bytes()].concat()
}

pub fn jpeg(text: &str) -> Vec<u8> {
    [b"\xff\xd8\xff\xe0\0\x10JFIF\0", text.as_bytes()].concat()
}

pub fn pdf(text: &str) -> Vec<u8> {
    [b"%PDF-1.7\n", text.as_bytes()].concat()
}

pub const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
pub const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
