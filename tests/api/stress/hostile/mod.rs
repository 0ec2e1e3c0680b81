//! Files that are expensive to process, by kind, from random numbers. Each has the size of an ordinary file.

mod boxes;
mod documents;
mod exif;
mod gif;
mod jpeg;
mod mangled;
mod png;
mod webp;

use super::random::Random;

/// A kind of hostile file.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub content_type: &'static str,
    pub make: fn(&mut Random) -> Vec<u8>,
}

const fn kind(name: &'static str, content_type: &'static str, make: fn(&mut Random) -> Vec<u8>) -> Kind {
    Kind { name, content_type, make }
}

/// Returns all kinds, in a stable order.
pub fn kinds() -> Vec<Kind> {
    [jpeg::KINDS, png::KINDS, webp::KINDS, gif::KINDS, boxes::KINDS, documents::KINDS, mangled::KINDS].concat()
}

/// Returns a big-endian length.
fn be(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("it has 32 bits").to_be_bytes()
}

fn le(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("it has 32 bits").to_le_bytes()
}

fn be16(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("it has 16 bits").to_be_bytes()
}

fn le16(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("it has 16 bits").to_le_bytes()
}

/// Returns zeros that inflate to this many bytes.
fn deflated(length: usize) -> Vec<u8> {
    let unit = vec![0; length];
    miniz_oxide::deflate::compress_to_vec_zlib(&unit, 6)
}

/// Returns XMP that is slow to parse: endless names, tags and quotes.
fn packet(random: &mut Random, length: usize) -> Vec<u8> {
    let unit = *random.pick(&[
        b"gps".as_slice(),
        b"gps=",
        b"gps = ",
        b"gps=>",
        b"<gps>",
        b"<gps ",
        b"<gps><b/>",
        b"gps='' ",
        b"exif:GPSLatitude=\"1,1N\" ",
        b"<exif:GPSLatitude>",
        b"<!--<![CDATA[",
        b"&gps;",
    ]);
    let start = *random.pick(&[b"".as_slice(), b"\"", b"<a ", b"<gps>", b"<x:xmpmeta><rdf:RDF>"]);
    [start, &unit.repeat(length / unit.len())].concat()
}
