//! Valid files that were truncated, changed or joined.

use image::ImageFormat;

use super::super::random::Random;
use super::{Kind, documents, exif, gif, jpeg, kind, png, webp};
use crate::support::files;

pub const KINDS: &[Kind] = &[
    kind("a photo that is cut", "image/jpeg", |random| {
        let photo = photo(random, ImageFormat::Jpeg);
        cut(random, photo)
    }),
    kind("a photo with other bits", "image/jpeg", |random| {
        let photo = photo(random, ImageFormat::Jpeg);
        changed(random, photo)
    }),
    kind("a photo of many scans with other bits", "image/jpeg", |random| {
        changed(random, jpeg::flat(800, 600, 0xc2, 3))
    }),
    kind("PNG that is cut", "image/png", |random| {
        let photo = photo(random, ImageFormat::Png);
        cut(random, photo)
    }),
    kind("PNG with other bits", "image/png", |random| {
        let photo = png::located(random);
        changed(random, photo)
    }),
    kind("WebP with other bits", "image/webp", |random| {
        let photo = webp::located(random);
        changed(random, photo)
    }),
    kind("GIF with other bits", "image/gif", |random| {
        let picture = gif::small(random);
        changed(random, picture)
    }),
    kind("TIFF with other bits", "image/tiff", |random| {
        let photo = photo(random, ImageFormat::Tiff);
        changed(random, photo)
    }),
    kind("a document with other bits", "application/pdf", |random| changed(random, documents::plain())),
    kind("a photo that is a video, a page and a zip", "image/jpeg", |random| {
        let video =
            b"\0\0\0\x18ftypmp42....mdat\xff\xd8\xff\xe5\0\x50..udta\0\0\0\x1e\xa9xyz\0\x12\x15\xc7+31.4242+013.7331/";
        let rest = [files::HTML, b"PK\x03\x04", video.as_slice(), b"%PDF-1.7\n"].concat();
        [located(random), rest.repeat(random.between(1, 20_000))].concat()
    }),
    kind("PNG that is a photo", "image/png", |random| [png::located(random), located(random).repeat(50)].concat()),
    kind("GIF that is a script", "image/gif", |random| {
        let script = b"/*".repeat(random.between(1, 500_000));
        [b"GIF89a=1;", &script[..], files::HTML].concat()
    }),
    kind("one type by its name, another by its bytes", "image/png", located),
];

/// Noise, so that it does not compress.
fn photo(random: &mut Random, format: ImageFormat) -> Vec<u8> {
    let side = u32::try_from(random.between(8, 900)).expect("it is small");
    let noise = random.bytes(3 * (side * side) as usize);
    let picture = image::RgbImage::from_raw(side, side, noise).expect("there are bytes for all pixels");
    files::encoded(picture.into(), format)
}

fn located(random: &mut Random) -> Vec<u8> {
    jpeg::with_segments(&[jpeg::exif_segment(&exif::block(random, 2_000))])
}

fn cut(random: &mut Random, mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(random.between(bytes.len() / 10, bytes.len()));
    bytes
}

/// Changes up to fifty bytes, most of them near the start, where the headers are.
fn changed(random: &mut Random, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..random.between(1, 50) {
        let end = if random.percent(70) { bytes.len().min(2_000) } else { bytes.len() };
        let at = random.between(12, end - 1);
        bytes[at] = random.byte();
    }
    bytes
}
