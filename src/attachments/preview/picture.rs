//! Reads pictures that anybody may have made, and makes small ones of them. Pure: a file in, bytes out. Blocks.
//!
//! The header is read first: too many pixels are refused before one is decoded. What is made carries no metadata.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};

use fast_image_resize::{ResizeOptions, Resizer};
use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, Limits, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use serde::{Deserialize, Serialize};

pub use super::unreadable::Unreadable;

/// Most pixels of a picture that is decoded.
pub const PIXELS_MAX: u64 = crate::attachments::model::PIXELS_MAX as u64;
/// Most memory that decoding one picture takes, in bytes: that many pixels of a progressive JPEG, which is held once as
/// coefficients of two bytes and once as colours.
pub const MEMORY_MAX: u64 = PIXELS_MAX * 9;
/// Largest JPEG that is read, in bytes: its file is held in memory as it is.
const JPEG_MAX: u64 = 128_000_000;
/// In the feed a picture is at most 400 × 320; twice that for dense screens.
const FEED: (u32, u32) = (800, 640);
/// As large as most screens.
const VIEW: (u32, u32) = (2560, 2560);
/// Longest side of what a thumbhash is made from, by its definition.
const HASH: (u32, u32) = (100, 100);
/// WebP quality, of 100: small where many are shown at once, good where one is looked at.
const FEED_QUALITY: f32 = 75.0;
const VIEW_QUALITY: f32 = 84.0;

/// What a picture's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// As a person sees it, after the EXIF orientation.
    pub width: u32,
    pub height: u32,
    pub animated: bool,
    /// Bytes that decoding will take at the most.
    pub memory: u64,
}

/// What was made from a picture.
pub struct Picture {
    pub thumbhash: Vec<u8>,
    /// WebP that fits in 800 × 640.
    pub feed: Vec<u8>,
    /// WebP that fits in 2560 × 2560, when it was asked for.
    pub view: Option<Vec<u8>>,
}

type Decoder = Box<dyn ImageDecoder>;

/// The decoder, with its header read; nothing is decoded yet.
fn open(file: &File, content_type: &str) -> Result<(Decoder, bool), Unreadable> {
    if content_type == "image/jpeg" && file.metadata()?.len() > JPEG_MAX {
        return Err(Unreadable::TooLarge);
    }
    let reader = from_start(file)?;
    Ok(match content_type {
        "image/jpeg" => (Box::new(JpegDecoder::new(reader)?), false),
        "image/png" => {
            let decoder = PngDecoder::with_limits(reader, limits())?;
            let animated = decoder.is_apng()?;
            (Box::new(decoder), animated)
        }
        "image/gif" => (Box::new(GifDecoder::new(reader)?), false),
        "image/webp" => {
            let decoder = WebPDecoder::new(reader)?;
            let animated = decoder.has_animation();
            (Box::new(decoder), animated)
        }
        "image/bmp" => (Box::new(BmpDecoder::new(reader)?), false),
        "image/tiff" => (Box::new(TiffDecoder::new(reader)?), false),
        _ => return Err(Unreadable::UnknownType),
    })
}

fn from_start(file: &File) -> std::io::Result<BufReader<File>> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::new(file))
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MEMORY_MAX);
    limits
}

/// Reads the header, and refuses what is too large to decode.
pub fn header(file: &File, content_type: &str) -> Result<Header, Unreadable> {
    // A reader of headers that allocates nothing, before the decoders, some of which allocate by what the header says.
    if let Ok(size) = imagesize::reader_size(from_start(file)?) {
        let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        check(side(size.width), side(size.height), 0)?;
    }
    let (mut decoder, animated) = open(file, content_type)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let memory = match content_type {
        "image/jpeg" => pixels.saturating_mul(9),
        // A decoder's own frame, and what is handed over.
        _ => decoder.total_bytes().saturating_mul(2),
    };
    check(width, height, memory)?;
    let turned = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let (width, height) = if turned.to_exif() >= 5 { (height, width) } else { (width, height) };
    Ok(Header { width, height, animated: animated || content_type == "image/gif" && is_animated_gif(file), memory })
}

fn check(width: u32, height: u32, memory: u64) -> Result<(), Unreadable> {
    if width == 0 || height == 0 {
        return Err(Unreadable::Damaged);
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX || memory > MEMORY_MAX {
        return Err(Unreadable::TooManyPixels(width, height));
    }
    Ok(())
}

/// Whether there is a second frame. For a header that was checked: both are decoded.
fn is_animated_gif(file: &File) -> bool {
    let Ok(reader) = from_start(file) else { return false };
    GifDecoder::new(reader).is_ok_and(|decoder| decoder.into_frames().nth(1).is_some())
}

/// Decodes a picture whose header was checked, and makes what is shown in its place.
pub fn read(file: &File, content_type: &str, with_view: bool) -> Result<Picture, Unreadable> {
    let (mut decoder, _) = open(file, content_type)?;
    decoder.set_limits(limits())?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let whole = DynamicImage::from_decoder(decoder)?;
    // What costs by the pixel is done to the small one: turning and colours.
    let mut large = fit(&whole, if with_view { VIEW } else { FEED })?;
    drop(whole);
    large.apply_orientation(orientation);
    let mut large = large.into_rgba8();
    if let Some(profile) = profile {
        to_srgb(&mut large, &profile);
    }
    let large = DynamicImage::ImageRgba8(large);
    let small = fit(&large, FEED)?;
    let tiny = fit(&small, HASH)?.into_rgba8();
    Ok(Picture {
        thumbhash: thumbhash::rgba_to_thumb_hash(tiny.width() as usize, tiny.height() as usize, tiny.as_raw()),
        feed: webp(&small.into_rgba8(), FEED_QUALITY)?,
        view: if with_view { Some(webp(&large.into_rgba8(), VIEW_QUALITY)?) } else { None },
    })
}

/// Fits into a box. Never enlarged.
fn fit(picture: &DynamicImage, within: (u32, u32)) -> Result<DynamicImage, Unreadable> {
    let (width, height) = (picture.width(), picture.height());
    let scale = (f64::from(within.0) / f64::from(width)).min(f64::from(within.1) / f64::from(height));
    if scale >= 1.0 {
        return Ok(picture.clone());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a side that is a u32")]
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let mut smaller = DynamicImage::new(side(width), side(height), picture.color());
    let resized = Resizer::new().resize(picture, &mut smaller, &ResizeOptions::new());
    resized.map_err(|_| Unreadable::UnknownType)?;
    Ok(smaller)
}

/// Converts from the colours of an ICC profile to sRGB, in which pictures without a profile are shown. A profile that cannot
/// be read, or is not about RGB, leaves the numbers as they are.
fn to_srgb(picture: &mut RgbaImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let transform = profile.create_transform_8bit(
        Layout::Rgba,
        &ColorProfile::new_srgb(),
        Layout::Rgba,
        TransformOptions::default(),
    );
    let Ok(transform) = transform else { return };
    let mut converted = vec![0; picture.as_raw().len()];
    if transform.transform(picture.as_raw(), &mut converted).is_ok() {
        picture.copy_from_slice(&converted);
    }
}

fn webp(picture: &RgbaImage, quality: f32) -> Result<Vec<u8>, Unreadable> {
    let encoder = webp::Encoder::from_rgba(picture.as_raw(), picture.width(), picture.height());
    encoder.encode_simple(false, quality).map(|bytes| bytes.to_vec()).map_err(|_| Unreadable::UnknownType)
}
