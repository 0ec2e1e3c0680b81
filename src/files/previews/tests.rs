//! Tests with generated pictures.

use std::io::Write;

use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::NamedTempFile;

use super::picture::{DRAWN, Header, MEMORY_MAX, PIXELS_MAX, Picture, Unreadable, header, read};

const RED: [u8; 3] = [230, 20, 20];
const GREEN: [u8; 3] = [20, 200, 20];
const BLUE: [u8; 3] = [20, 20, 230];
const WHITE: [u8; 3] = [250, 250, 250];

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn look(content_type: &str, bytes: &[u8]) -> Result<Header, Unreadable> {
    header(file(bytes).as_file(), content_type)
}

fn make(content_type: &str, bytes: &[u8], with_view: bool) -> Result<Picture, Unreadable> {
    header(file(bytes).as_file(), content_type)?;
    read(file(bytes).as_file(), content_type, with_view)
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Returns red and green above, blue and white below.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        })
    })
}

/// Returns the colors of the corners, from left to right and from top to bottom.
fn corners(webp: &[u8]) -> [[u8; 3]; 4] {
    let picture = image::load_from_memory_with_format(webp, ImageFormat::WebP).unwrap().into_rgb8();
    let (right, bottom) = (picture.width() - 4, picture.height() - 4);
    [(4, 4), (right, 4), (4, bottom), (right, bottom)].map(|(x, y)| {
        let Rgb(seen) = *picture.get_pixel(x, y);
        let distance = |known: &[u8; 3]| known.iter().zip(seen).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>();
        [RED, GREEN, BLUE, WHITE].into_iter().min_by_key(distance).filter(|best| distance(best) < 60).unwrap_or(seen)
    })
}

fn size(webp: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory_with_format(webp, ImageFormat::WebP).unwrap();
    (picture.width(), picture.height())
}

/// Returns a TIFF structure with only the orientation.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    tiff.extend(orientation.to_be_bytes());
    tiff.extend([0; 6]);
    tiff
}

fn with_orientation(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let exif = exif(orientation);
    let length = u16::try_from(exif.len() + 8).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, b"Exif\0\0", &exif, &jpeg[2..]].concat()
}

#[test]
fn all_eight_orientations_are_turned() {
    let jpeg = encoded(quarters(160, 120), ImageFormat::Jpeg);
    for (orientation, expected) in [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (4, [BLUE, WHITE, RED, GREEN]),
        (5, [RED, BLUE, GREEN, WHITE]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (7, [WHITE, GREEN, BLUE, RED]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ] {
        let turned = with_orientation(&jpeg, orientation);
        let seen = look("image/jpeg", &turned).unwrap();
        let upright = if orientation >= 5 { (120, 160) } else { (160, 120) };
        assert_eq!((seen.width, seen.height), upright, "{orientation}");
        let made = make("image/jpeg", &turned, true).unwrap();
        for webp in [&made.feed, made.view.as_ref().unwrap()] {
            assert_eq!(size(webp), upright, "{orientation}");
            assert_eq!(corners(webp), expected, "{orientation}");
        }
    }
}

#[test]
fn a_rendered_picture_ignores_its_exif_orientation() {
    let png = encoded(quarters(160, 120), ImageFormat::Png);
    let block = exif(6);
    let chunk = [&b"eXIf"[..], &block].concat();
    let length = u32::try_from(block.len()).unwrap().to_be_bytes();
    let crc = crc32fast::hash(&chunk).to_be_bytes();
    // After the header, which is 33 bytes long with the signature.
    let turned = [&png[..33], &length, &chunk, &crc, &png[33..]].concat();
    assert_eq!(look("image/png", &turned).map(|header| (header.width, header.height)), Ok((120, 160)));
    assert_eq!(look(DRAWN, &turned).map(|header| (header.width, header.height)), Ok((160, 120)));
    assert_eq!(corners(&make(DRAWN, &turned, false).unwrap().feed), [RED, GREEN, BLUE, WHITE]);
}

#[test]
fn pictures_fit_and_are_never_enlarged() {
    for ((width, height), feed, view) in [
        ((3000, 1500), (800, 400), (2560, 1280)),
        ((1500, 3000), (320, 640), (1280, 2560)),
        ((40, 30), (40, 30), (40, 30)),
        ((6000, 2), (800, 1), (2560, 1)),
    ] {
        let made = make("image/png", &encoded(quarters(width, height), ImageFormat::Png), true).unwrap();
        assert_eq!((size(&made.feed), size(&made.view.unwrap())), (feed, view), "{width} × {height}");
    }
}

#[test]
fn every_format_is_read() {
    let picture = DynamicImage::from(quarters(64, 64));
    for (content_type, bytes) in [
        ("image/jpeg", encoded(picture.clone(), ImageFormat::Jpeg)),
        ("image/png", encoded(picture.clone(), ImageFormat::Png)),
        ("image/png", encoded(picture.to_rgba8(), ImageFormat::Png)),
        ("image/png", encoded(picture.to_rgb16(), ImageFormat::Png)),
        ("image/png", encoded(picture.to_rgba16(), ImageFormat::Png)),
        ("image/gif", encoded(picture.to_rgba8(), ImageFormat::Gif)),
        ("image/webp", encoded(picture.clone(), ImageFormat::WebP)),
        ("image/bmp", encoded(picture.clone(), ImageFormat::Bmp)),
        ("image/tiff", encoded(picture.clone(), ImageFormat::Tiff)),
    ] {
        let made = make(content_type, &bytes, false).unwrap();
        assert_eq!(corners(&made.feed), [RED, GREEN, BLUE, WHITE], "{content_type}");
        assert!((5..=25).contains(&made.thumbhash.len()), "{content_type}");
        assert!(made.view.is_none());
    }
    for gray in [picture.to_luma8().into(), DynamicImage::from(picture.to_luma16()), picture.to_luma_alpha8().into()] {
        let made = make("image/png", &encoded(gray, ImageFormat::Png), false).unwrap();
        let [red, _, blue, white] = corners(&made.feed);
        assert_eq!(white, WHITE);
        assert!(red[0] > blue[0] && red[0].abs_diff(red[2]) < 8, "{red:?} {blue:?}");
    }
}

/// As print programs write them: four inks, inverted, as Adobe's marker says.
#[test]
fn inks_become_colors() {
    let cmyk = include_bytes!("../../../tests/pictures/cmyk.jpg");
    assert!(cmyk.windows(5).any(|marker| marker == b"Adobe"));
    let made = make("image/jpeg", cmyk, false).unwrap();
    assert_eq!(size(&made.feed), (32, 32));
    // Full inks, purer than the colors of the other pictures.
    for (seen, pure) in corners(&made.feed).into_iter().zip([[255, 0, 0], [0, 255, 0], [0, 0, 255], WHITE]) {
        assert!(pure.iter().zip(seen).all(|(known, seen)| known.abs_diff(seen) < 30), "{seen:?} for {pure:?}");
    }
}

#[test]
fn transparency_is_kept() {
    let picture = RgbaImage::from_fn(64, 64, |x, _| Rgba([200, 10, 10, if x < 32 { 0 } else { 255 }]));
    let made = make("image/png", &encoded(picture, ImageFormat::Png), false).unwrap();
    let seen = image::load_from_memory(&made.feed).unwrap().into_rgba8();
    assert_eq!((seen.get_pixel(4, 4).0[3], seen.get_pixel(60, 4).0[3]), (0, 255));
}

#[test]
fn previews_contain_no_metadata() {
    let jpeg = with_orientation(&encoded(quarters(64, 64), ImageFormat::Jpeg), 6);
    let made = make("image/jpeg", &jpeg, true).unwrap();
    for webp in [made.feed, made.view.unwrap()] {
        for chunk in [b"EXIF", b"XMP ", b"ICCP", b"VP8X"] {
            assert!(!webp.windows(4).any(|seen| seen == chunk));
        }
    }
}

/// Returns a PNG with a header and almost no pixels.
fn png_header(width: u32, height: u32, depth: u8) -> Vec<u8> {
    let mut bytes = encoded(RgbImage::new(1, 1), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes[24] = depth;
    let sum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Returns the offset of the height in the frame header of a JPEG; the width follows.
fn frame_at(jpeg: &[u8]) -> usize {
    jpeg.windows(2).position(|marker| marker == b"\xff\xc0").unwrap() + 5
}

#[test]
fn decompression_bombs_are_rejected_by_their_header() {
    let mut jpeg = encoded(quarters(16, 16), ImageFormat::Jpeg);
    let at = frame_at(&jpeg);
    jpeg[at..at + 4].fill(0xff);
    let mut gif = encoded(DynamicImage::from(quarters(16, 16)).into_rgba8(), ImageFormat::Gif);
    gif[6..10].fill(0xff);
    let mut bmp = encoded(quarters(16, 16), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&65535_u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&65535_u32.to_le_bytes());
    let png = png_header(65535, 65535, 8);
    for (content_type, bytes) in [("image/jpeg", jpeg), ("image/gif", gif), ("image/bmp", bmp), ("image/png", png)] {
        let refusal = look(content_type, &bytes).unwrap_err();
        assert_eq!(refusal.to_string(), "Too many pixels to preview: 65535 × 65535", "{content_type}");
    }
    // An overflowing product must not pass either.
    for (width, height) in [(u32::MAX >> 1, u32::MAX >> 1), (1, 100_000_001), (10_001, 10_000)] {
        let refusal = look("image/png", &png_header(width, height, 8)).unwrap_err();
        assert!(matches!(refusal, Unreadable::TooManyPixels(..)), "{width} × {height}: {refusal:?}");
    }
    // Rows of PNG are shrunk as they are decoded, with 8 bits per channel; a BMP is decoded as a whole.
    assert!(u64::from(9_900_u32 * 9_900) < PIXELS_MAX);
    for depth in [8, 16] {
        assert!(look("image/png", &png_header(9_900, 9_900, depth)).unwrap().memory <= MEMORY_MAX);
    }
    let mut bmp = encoded(quarters(16, 16), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&9_900_u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&9_900_u32.to_le_bytes());
    assert!(matches!(look("image/bmp", &bmp), Err(Unreadable::TooManyPixels(..))));
}

#[test]
fn truncated_pictures_are_handled() {
    for (content_type, format) in [
        ("image/jpeg", ImageFormat::Jpeg),
        ("image/png", ImageFormat::Png),
        ("image/gif", ImageFormat::Gif),
        ("image/webp", ImageFormat::WebP),
        ("image/bmp", ImageFormat::Bmp),
        ("image/tiff", ImageFormat::Tiff),
    ] {
        let whole = encoded(
            DynamicImage::from(quarters(97, 61)).into_rgb8(),
            if format == ImageFormat::Gif { ImageFormat::Png } else { format },
        );
        let whole = if format == ImageFormat::Gif {
            encoded(image::load_from_memory(&whole).unwrap().into_rgba8(), format)
        } else {
            whole
        };
        let step = (whole.len() / 60).max(1);
        for length in (0..whole.len()).step_by(step) {
            // Readable parts may be shown; nothing may panic.
            match make(content_type, &whole[..length], false) {
                Ok(_) | Err(Unreadable::Damaged | Unreadable::UnknownType | Unreadable::TooManyPixels(..)) => {}
                Err(error) => panic!("{content_type} cut at {length}: {error:?}"),
            }
        }
    }
}

#[test]
fn a_mismatching_picture_is_damaged() {
    let png = encoded(quarters(16, 16), ImageFormat::Png);
    let page = [b"<!DOCTYPE html><script>alert(1)</script>".as_slice(), &png].concat();
    for (content_type, bytes) in [("image/jpeg", &png), ("image/png", &page), ("image/webp", &page)] {
        assert!(matches!(make(content_type, bytes, false), Err(Unreadable::Damaged)), "{content_type}");
    }
    // A picture that is also something else is a picture: only its pixels are used.
    let polyglot = [png.as_slice(), b"PK\x03\x04<script>alert(1)</script>"].concat();
    let made = make("image/png", &polyglot, true).unwrap();
    assert!(!made.feed.windows(6).any(|seen| seen == b"script"));
    assert!(matches!(make("image/heic", &png, false), Err(Unreadable::UnknownType)));
}

fn gif(frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for _ in 0..frames {
            encoder.encode_frame(image::Frame::new(RgbaImage::from_pixel(20, 10, Rgba([9, 9, 9, 255])))).unwrap();
        }
    }
    bytes
}

#[test]
fn animated_pictures_are_detected() {
    assert!(!look("image/gif", &gif(1)).unwrap().animated);
    assert!(look("image/gif", &gif(3)).unwrap().animated);
    let png = encoded(quarters(8, 8), ImageFormat::Png);
    assert!(!look("image/png", &png).unwrap().animated);
    // An animation with one more frame than the picture itself: acTL before the pixels (PNG, third edition, §11.3.6.1).
    let mut control = b"acTL\0\0\0\x02\0\0\0\0".to_vec();
    control.extend(crc32(&control).to_be_bytes());
    let moving = [&png[..33], &[0, 0, 0, 8], &control, &png[33..]].concat();
    assert!(look("image/png", &moving).unwrap().animated);
    assert_eq!(corners(&make("image/png", &moving, false).unwrap().feed)[3], WHITE);
}

#[test]
fn colors_of_a_profile_become_those_of_srgb() {
    let green = RgbImage::from_pixel(32, 32, Rgb([0, 180, 0]));
    let encoded_with = |profile: Option<Vec<u8>>| {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).unwrap();
        }
        encoder.write_image(green.as_raw(), 32, 32, ExtendedColorType::Rgb8).unwrap();
        image::load_from_memory(&make("image/png", &bytes, false).unwrap().feed).unwrap().into_rgb8().get_pixel(9, 9).0
    };
    let plain = encoded_with(None);
    let wide = encoded_with(Some(moxcms::ColorProfile::new_bt2020().encode().unwrap()));
    assert!(wide[1] > plain[1] + 10, "the green of a wider space is a stronger one: {plain:?} {wide:?}");
    assert_eq!(encoded_with(Some(b"no profile".to_vec())), plain);
    // The same by codes: BT.2020 with the curve of sRGB, and one of HDR, which is not converted.
    let coded = |transfer: u8| {
        let png = encoded(DynamicImage::ImageRgb8(green.clone()), ImageFormat::Png);
        let mut chunk = vec![b'c', b'I', b'C', b'P', 9, transfer, 0, 1];
        chunk.extend(crc32(&chunk).to_be_bytes());
        let coded = [&png[..33], &[0, 0, 0, 4], &chunk, &png[33..]].concat();
        image::load_from_memory(&make("image/png", &coded, false).unwrap().feed).unwrap().into_rgb8().get_pixel(9, 9).0
    };
    // 180 is 0.456 of the light; its green alone is 1.1329 times that of sRGB (ITU-R BT.2087), which is 191.
    assert!(coded(13)[1].abs_diff(191) <= 2, "{:?}", coded(13));
    assert_eq!(coded(16), plain);
}
