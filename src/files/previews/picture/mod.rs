//! Decoding of untrusted pictures, and their previews. Pure: an open file in, bytes out. Blocks.
//!
//! The header is read first: it limits the memory of all later steps, and a picture that needs more than [`MEMORY_MAX`]
//! is rejected before a pixel is decoded. Previews contain no metadata.

mod jpeg_header;
mod rows;
mod shrink;

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use fast_image_resize::{MulDiv, ResizeOptions, Resizer};
use image::codecs::bmp::BmpDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits, RgbaImage};
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients, TransferCharacteristics,
    TransformOptions,
};
use png::CodingIndependentCodePoints;
use serde::{Deserialize, Serialize};
use shrink::{Shrink, Sizes};

pub use super::unreadable::Unreadable;

/// Maximum number of pixels of a decoded picture.
pub const PIXELS_MAX: u64 = crate::files::attachments::model::PIXELS_MAX as u64;
/// Maximum memory for one picture from its header to its previews, in bytes.
pub const MEMORY_MAX: u64 = 256 * 1024 * 1024;
/// Bytes per pixel of a preview while colors are converted and WebP is written.
const FINISHING_BYTES: u64 = 20;
/// Bytes for every picture: buffers, tables and a color profile.
pub(super) const OTHER_BYTES: u64 = 24 * 1024 * 1024;
/// Pictures of fewer bytes are resampled from their full size, which looks best.
const SHRUNK_MIN: u64 = 64 * 1024 * 1024;
/// Maximum size of an ICC profile, in bytes. Real ones have less than 3 MB.
const ICC_MAX: usize = 4 * 1024 * 1024;
/// Allocation limit while the profile of a TIFF is read, whose decoder allocates 32 bytes for one.
const TIFF_PROFILE_MEMORY: u64 = 16 * 1024 * 1024;
/// Maximum size of a JPEG, in bytes, because its file is kept in memory.
const JPEG_MAX: u64 = 128_000_000;
/// In the feed a picture is at most 400 × 320; twice that for high-density screens.
const FEED: (u32, u32) = (800, 640);
/// As large as most screens.
const VIEW: (u32, u32) = (2560, 2560);
/// Longest side of a thumbhash's input, by its definition.
const HASH: (u32, u32) = (100, 100);
/// WebP quality, of 100: small for the feed with many, good for a single picture.
const FEED_QUALITY: f32 = 75.0;
const VIEW_QUALITY: f32 = 84.0;

/// The type of a PNG that a program has rendered upright. Such programs copy the EXIF block of the original, including
/// its orientation.
pub const DRAWN: &str = "image/png;drawn";

/// The header of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Displayed size, after the EXIF orientation.
    pub width: u32,
    pub height: u32,
    pub animated: bool,
    /// Upper bound of the bytes that [`read`] uses.
    pub memory: u64,
}

/// The previews of a picture.
pub struct Picture {
    pub thumbhash: Vec<u8>,
    /// WebP that fits in 800 × 640.
    pub feed: Vec<u8>,
    /// WebP that fits in 2560 × 2560, if requested.
    pub view: Option<Vec<u8>>,
}

/// Returns a reader of the file from its start.
pub(super) fn start(file: &File) -> std::io::Result<BufReader<&File>> {
    let mut file = file;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::new(file))
}

/// Reads the header, and rejects a picture that is too large to decode.
pub fn header(file: &File, content_type: &str) -> Result<Header, Unreadable> {
    // First a header parser that allocates nothing, because some decoders allocate by the header's values.
    if let Ok(size) = imagesize::reader_size(start(file)?) {
        let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        check((side(size.width), side(size.height)), 0)?;
    }
    let opened = open(file, content_type)?;
    let size = opened.size;
    check(size, opened.memory())?;
    let (width, height) = if opened.orientation.to_exif() >= 5 { (size.1, size.0) } else { size };
    Ok(Header { width, height, animated: opened.animated, memory: opened.memory() })
}

fn check((width, height): (u32, u32), memory: u64) -> Result<(), Unreadable> {
    if width == 0 || height == 0 {
        return Err(Unreadable::Damaged);
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX || memory > MEMORY_MAX {
        return Err(Unreadable::TooManyPixels(width, height));
    }
    Ok(())
}

/// A picture whose header was read, and nothing else.
struct Opened<'a> {
    size: (u32, u32),
    orientation: Orientation,
    animated: bool,
    /// Bytes of a decoded pixel.
    pixel: u64,
    /// Bytes that decoding uses, in addition to the returned pixels.
    decoding: u64,
    /// Whether rows are scaled as they are decoded, so that they are never all in memory.
    by_rows: bool,
    source: Source<'a>,
}

enum Source<'a> {
    Png(Box<rows::PngReader<'a>>),
    /// Reopened for decoding, because looking for a second frame skips the first one.
    Gif,
    /// Not opened yet, because its decoder keeps the whole file.
    Jpeg,
    Decoder(Box<dyn ImageDecoder + 'a>),
}

impl Opened<'_> {
    /// Returns an upper bound of the bytes that [`read`] uses.
    fn memory(&self) -> u64 {
        let product = |(width, height): (u32, u32), bytes: u64| u64::from(width) * u64::from(height) * bytes;
        let sizes = Sizes::fit(self.size, VIEW);
        let whole = product(self.size, self.pixel);
        let (shrunk_size, shrunk) = if self.by_rows || is_shrunk(whole, self.pixel) {
            (sizes.shrunk(), product(sizes.shrunk(), self.pixel))
        } else {
            (self.size, 0)
        };
        let decoding = if self.by_rows { self.decoding + shrunk } else { whole + self.decoding.max(shrunk) };
        // Resampling processes one side, then the other.
        let between = product((shrunk_size.0, sizes.target.1), self.pixel)
            .max(product((sizes.target.0, shrunk_size.1), self.pixel));
        let resampling = product(shrunk_size, self.pixel) + between + product(sizes.target, self.pixel);
        decoding.max(resampling).max(product(sizes.target, FINISHING_BYTES)) + OTHER_BYTES
    }
}

/// Returns whether a decoded picture is shrunk before it is resampled: large ones with 8 bits per channel.
fn is_shrunk(bytes: u64, pixel: u64) -> bool {
    bytes > SHRUNK_MIN && pixel <= 4
}

fn open<'a>(file: &'a File, content_type: &str) -> Result<Opened<'a>, Unreadable> {
    let length = file.metadata()?.len();
    match content_type {
        "image/png" | DRAWN => {
            let reader = rows::open_png(|| start(file))?;
            let info = reader.info();
            let pixel = rows::png_channels(&reader) as u64;
            let size = (info.width, info.height);
            let row = info.raw_row_length() as u64;
            let interlaced = if info.interlaced { u64::from(size.0) * u64::from(size.1) * pixel } else { 0 };
            Ok(Opened {
                size,
                orientation: if content_type == DRAWN {
                    Orientation::NoTransforms
                } else {
                    rows::png_orientation(&reader)
                },
                animated: info.animation_control.is_some(),
                pixel,
                decoding: interlaced + 6 * row + u64::from(size.0) * pixel,
                by_rows: true,
                source: Source::Png(Box::new(reader)),
            })
        }
        "image/gif" => {
            let reader = rows::open_gif(start(file)?, true)?;
            let size = (u32::from(reader.width()), u32::from(reader.height()));
            let (first, animated) = rows::gif_frames(reader)?;
            let orientation = Orientation::NoTransforms;
            Ok(Opened { size, orientation, animated, pixel: 4, decoding: first, by_rows: true, source: Source::Gif })
        }
        "image/jpeg" => {
            if length > JPEG_MAX {
                return Err(Unreadable::TooLarge);
            }
            let header =
                jpeg_header::read(&mut start(file)?).map_err(ImageError::IoError)?.ok_or(Unreadable::Damaged)?;
            let orientation =
                header.orientation.and_then(|orientation| Orientation::from_exif(orientation.try_into().ok()?));
            Ok(Opened {
                size: header.size,
                orientation: orientation.unwrap_or(Orientation::NoTransforms),
                animated: false,
                pixel: header.channels,
                // The decoder keeps the file, and for a moment the content of its header twice.
                decoding: length + 2 * header.length + header.coefficients,
                by_rows: false,
                source: Source::Jpeg,
            })
        }
        "image/webp" => {
            let mut first = [0; 16];
            let mut reader = start(file)?;
            reader.read_exact(&mut first).map_err(ImageError::IoError)?;
            let decoder = WebPDecoder::new(start(file)?)?;
            let animated = decoder.has_animation();
            let alpha = decoder.color_type().has_alpha();
            let pixels = pixels(&decoder);
            // Planes of YCbCr and the compressed bytes; a plane of alpha; pixels with alpha; the same of a frame, and
            // the canvas.
            let planes = match (&first[12..], animated, alpha) {
                (b"VP8 ", ..) => 2,
                (_, true, _) => 15,
                (_, false, true) => 7,
                (_, false, false) => 6,
            };
            decoded(decoder, animated, pixels * planes + 2 * length.min(u64::from(u32::MAX)))
        }
        "image/bmp" => decoded(BmpDecoder::new(start(file)?)?, false, 0),
        "image/tiff" => {
            let decoder = TiffDecoder::new(start(file)?)?;
            // The decoder's own copy, which has four channels for inks, and one strip.
            let decoding = (decoder.total_bytes().saturating_mul(4) / 3).saturating_add(length.min(MEMORY_MAX));
            decoded(decoder, false, decoding)
        }
        _ => Err(Unreadable::UnknownType),
    }
}

fn pixels(decoder: &impl ImageDecoder) -> u64 {
    let (width, height) = decoder.dimensions();
    u64::from(width) * u64::from(height)
}

fn decoded<'a>(mut decoder: impl ImageDecoder + 'a, animated: bool, decoding: u64) -> Result<Opened<'a>, Unreadable> {
    let size = decoder.dimensions();
    let pixel = u64::from(decoder.color_type().bytes_per_pixel());
    // Only after the size is known to be acceptable, because finding it uses memory.
    check(size, 0)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let source = Source::Decoder(Box::new(decoder));
    Ok(Opened { size, orientation, animated, pixel, decoding, by_rows: false, source })
}

/// Decodes a picture whose header was checked, and creates its previews.
pub fn read(file: &File, content_type: &str, with_view: bool) -> Result<Picture, Unreadable> {
    let opened = open(file, content_type)?;
    check(opened.size, opened.memory())?;
    let sizes = Sizes::fit(opened.size, if with_view { VIEW } else { FEED });
    let (orientation, memory) = (opened.orientation, opened.memory());
    let named = match &opened.source {
        Source::Png(reader) => reader.info().coding_independent_code_points.and_then(wide_profile),
        _ => None,
    };
    let (shrunk, profile) = match opened.source {
        Source::Png(reader) => {
            let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
            (rows::read_png(*reader, sizes)?, profile)
        }
        Source::Gif => {
            let reader = rows::open_gif(start(file)?, false)?;
            let profile = reader.icc_profile().map(<[u8]>::to_vec);
            (rows::read_gif(reader, sizes)?, profile)
        }
        Source::Jpeg => decode(Box::new(JpegDecoder::new(start(file)?)?), sizes, memory)?,
        Source::Decoder(decoder) => decode(decoder, sizes, memory)?,
    };
    // Work per pixel is done on the small one: rotation and colors.
    let mut large = resample(shrunk, sizes.target)?;
    large.apply_orientation(orientation);
    let mut large = large.into_rgba8();
    let profile = profile.filter(|profile| profile.len() <= ICC_MAX);
    // Codes come before a profile (PNG, third edition, §4.3).
    if let Some(profile) = named.or_else(|| ColorProfile::new_from_slice(&profile?).ok()) {
        to_srgb(&mut large, &profile);
    }
    finish(large, with_view)
}

/// Returns the profile of colors that are wider than sRGB: BT.2020 and P3 (ITU-T H.273). HDR is shown as it is.
fn wide_profile(codes: CodingIndependentCodePoints) -> Option<ColorProfile> {
    const WIDE: [u8; 3] = [9, 11, 12];
    const SDR: [u8; 8] = [1, 2, 4, 5, 6, 13, 14, 15];
    if !WIDE.contains(&codes.color_primaries) || !SDR.contains(&codes.transfer_function) {
        return None;
    }
    Some(ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(codes.color_primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    }))
}

/// Creates the previews of a picture in its final colors.
pub(super) fn finish(large: RgbaImage, with_view: bool) -> Result<Picture, Unreadable> {
    let view = if with_view { Some(webp(&large, VIEW_QUALITY)?) } else { None };
    let small = fit(DynamicImage::ImageRgba8(large), FEED)?.into_rgba8();
    let feed = webp(&small, FEED_QUALITY)?;
    let tiny = fit(DynamicImage::ImageRgba8(small), HASH)?.into_rgba8();
    let thumbhash = thumbhash::rgba_to_thumb_hash(tiny.width() as usize, tiny.height() as usize, tiny.as_raw());
    Ok(Picture { thumbhash, feed, view })
}

/// Decodes the whole picture, and shrinks it. Returns its ICC profile too.
fn decode(
    mut decoder: Box<dyn ImageDecoder + '_>,
    sizes: Sizes,
    memory: u64,
) -> Result<(DynamicImage, Option<Vec<u8>>), Unreadable> {
    let limit = |bytes: u64| {
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(bytes);
        limits
    };
    decoder.set_limits(limit(TIFF_PROFILE_MEMORY))?;
    let profile = decoder.icc_profile().ok().flatten();
    decoder.set_limits(limit(memory))?;
    let whole = DynamicImage::from_decoder(decoder)?;
    let channels = usize::from(whole.color().channel_count());
    let is_8_bit = whole.color().bytes_per_pixel() == whole.color().channel_count();
    let pixel = u64::from(whole.color().bytes_per_pixel());
    if !is_8_bit || sizes.factor == 1 || !is_shrunk(whole.as_bytes().len() as u64, pixel) {
        return Ok((whole, profile));
    }
    let mut shrink = Shrink::new(sizes, channels);
    whole.as_bytes().chunks_exact(sizes.width as usize * channels).for_each(|row| shrink.row(row));
    Ok((shrink.finish().ok_or(Unreadable::Damaged)?, profile))
}

/// Scales a picture to fit into a box. Never enlarges.
fn fit(picture: DynamicImage, within: (u32, u32)) -> Result<DynamicImage, Unreadable> {
    let sizes = Sizes::fit((picture.width(), picture.height()), within);
    resample(picture, sizes.target)
}

/// Resamples in the picture's own colors.
fn resample(mut picture: DynamicImage, (width, height): (u32, u32)) -> Result<DynamicImage, Unreadable> {
    if (picture.width(), picture.height()) == (width, height) {
        return Ok(picture);
    }
    let failed = |_| Unreadable::UnknownType;
    let mut smaller = DynamicImage::new(width, height, picture.color());
    let has_alpha = picture.color().has_alpha();
    // In place, because the resizer would make a copy.
    if has_alpha {
        MulDiv::new().multiply_alpha_inplace(&mut picture).map_err(|_| Unreadable::UnknownType)?;
    }
    let options = ResizeOptions::new().use_alpha(false);
    Resizer::new().resize(&picture, &mut smaller, &options).map_err(failed)?;
    drop(picture);
    if has_alpha {
        MulDiv::new().divide_alpha_inplace(&mut smaller).map_err(|_| Unreadable::UnknownType)?;
    }
    Ok(smaller)
}

/// Converts from the colors of a profile to sRGB, in which pictures without a profile are shown. A profile that is not
/// RGB changes nothing.
fn to_srgb(picture: &mut RgbaImage, profile: &ColorProfile) {
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
