//! Row by row decoding of PNG and GIF.

use std::fs::File;
use std::io::BufReader;

use gif::{ColorOutput, MemoryLimit};
use image::DynamicImage;
use image::metadata::Orientation;

use super::shrink::{Shrink, Sizes};
use super::{ICC_MAX, PIXELS_MAX, Unreadable};

/// Maximum size of a GIF extension, in bytes.
const EXTENSION_MAX: u64 = 16 * 1024 * 1024;
/// Maximum length of a PNG row, in bytes: its decoder allocates a few of them before the first one is read.
const ROW_MAX: usize = 4 * 1024 * 1024;
/// Bytes that the PNG decoder uses in addition to rows and a profile.
const PNG_OTHER_MAX: usize = 8 * 1024 * 1024;

impl From<png::DecodingError> for Unreadable {
    fn from(error: png::DecodingError) -> Self {
        match error {
            png::DecodingError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => error.into(),
            png::DecodingError::LimitsExceeded => Self::TooLarge,
            _ => Self::Damaged,
        }
    }
}

impl From<gif::DecodingError> for Unreadable {
    fn from(error: gif::DecodingError) -> Self {
        match error {
            gif::DecodingError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => error.into(),
            _ => Self::Damaged,
        }
    }
}

pub type PngReader<'a> = png::Reader<BufReader<&'a File>>;

/// Opens a PNG. `restart` returns its bytes from the start.
pub fn open_png<'a>(
    mut restart: impl FnMut() -> std::io::Result<BufReader<&'a File>>,
) -> Result<PngReader<'a>, Unreadable> {
    let mut open = |ignore_profile: bool| {
        let limits = png::Limits { bytes: ICC_MAX + PNG_OTHER_MAX };
        let mut decoder = png::Decoder::new_with_limits(restart().map_err(png::DecodingError::IoError)?, limits);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(ignore_profile);
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let row = decoder.read_header_info()?.raw_row_length();
        if row > ROW_MAX {
            return Err(png::DecodingError::LimitsExceeded);
        }
        // Rows are kept in part by the decoder and in part by its buffers.
        decoder.set_limits(png::Limits { bytes: 4 * row + ICC_MAX + PNG_OTHER_MAX });
        decoder.read_info()
    };
    match open(false) {
        // A profile that inflates to more than any real one.
        Err(png::DecodingError::LimitsExceeded) => Ok(open(true)?),
        opened => Ok(opened?),
    }
}

pub fn png_orientation(reader: &PngReader) -> Orientation {
    let exif = reader.info().exif_metadata.as_ref();
    exif.and_then(|exif| Orientation::from_exif_chunk(exif)).unwrap_or(Orientation::NoTransforms)
}

pub fn png_channels(reader: &PngReader) -> usize {
    reader.output_color_type().0.samples()
}

/// Decodes the picture and shrinks it.
pub fn read_png(mut reader: PngReader, sizes: Sizes) -> Result<DynamicImage, Unreadable> {
    let mut shrink = Shrink::new(sizes, png_channels(&reader));
    let row = reader.output_line_size(sizes.width).ok_or(Unreadable::TooLarge)?;
    if reader.info().interlaced {
        let length = reader.output_buffer_size().ok_or(Unreadable::TooLarge)?;
        let mut whole = vec![0; length];
        reader.next_frame(&mut whole)?;
        whole.chunks_exact(row).for_each(|row| shrink.row(row));
    } else {
        let mut rows = 0;
        while let Some(row) = reader.next_row()? {
            shrink.row(row.data());
            rows += 1;
            if rows == sizes.height {
                break;
            }
        }
    }
    shrink.finish().ok_or(Unreadable::Damaged)
}

pub type GifReader<'a> = gif::Decoder<BufReader<&'a File>>;

pub fn open_gif(reader: BufReader<&File>, skip_pixels: bool) -> Result<GifReader<'_>, Unreadable> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.skip_frame_decoding(skip_pixels);
    options.set_memory_limit(MemoryLimit::Bytes(EXTENSION_MAX.try_into().expect("more than 0")));
    Ok(options.read_info(reader)?)
}

/// Returns the pixels of the first frame, and whether there is a second one.
pub fn gif_frames(mut reader: GifReader) -> Result<(u64, bool), Unreadable> {
    let first = reader.next_frame_info()?.map(|frame| u64::from(frame.width) * u64::from(frame.height));
    let is_animated = reader.next_frame_info().is_ok_and(|frame| frame.is_some());
    Ok((first.ok_or(Unreadable::Damaged)?, is_animated))
}

/// Decodes the first frame and shrinks it.
pub fn read_gif(mut reader: GifReader, sizes: Sizes) -> Result<DynamicImage, Unreadable> {
    let frame = reader.next_frame_info()?.ok_or(Unreadable::Damaged)?;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let transparent = frame.transparent;
    if (width * height) as u64 > PIXELS_MAX {
        return Err(Unreadable::TooManyPixels(sizes.width, sizes.height));
    }
    let mut indices = vec![0; width * height];
    reader.read_into_buffer(&mut indices)?;
    let mut colors = [[0; 4]; 256];
    for (index, color) in reader.palette()?.as_chunks::<3>().0.iter().enumerate().take(256) {
        let is_opaque = transparent.map(usize::from) != Some(index);
        colors[index] = if is_opaque { [color[0], color[1], color[2], 255] } else { [0; 4] };
    }
    let mut shrink = Shrink::new(sizes, 4);
    let mut row = vec![0; sizes.width as usize * 4];
    for y in 0..sizes.height as usize {
        row.fill(0);
        if let Some(y) = y.checked_sub(top).filter(|y| *y < height) {
            let target = row.as_chunks_mut::<4>().0.iter_mut().skip(left);
            let source = &indices[y * width..(y + 1) * width];
            target.zip(source).for_each(|(pixel, index)| *pixel = colors[usize::from(*index)]);
        }
        shrink.row(&row);
    }
    shrink.finish().ok_or(Unreadable::Damaged)
}
