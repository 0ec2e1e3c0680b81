//! Shrinks a picture by an integer factor while its rows are decoded, so that large ones are never completely in
//! memory. Better resampling does the rest.

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

/// Minimum factor by which a picture stays larger than its target.
const MARGIN: f64 = 1.25;

/// Sizes of a picture: original, after shrinking and after resampling.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub width: u32,
    pub height: u32,
    pub factor: u32,
    pub target: (u32, u32),
}

impl Sizes {
    /// Returns the sizes for a picture that has to fit into a box. Pictures are never enlarged.
    pub fn fit((width, height): (u32, u32), within: (u32, u32)) -> Self {
        let scale = (f64::from(within.0) / f64::from(width)).min(f64::from(within.1) / f64::from(height)).min(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a side that is a u32")]
        let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a side")]
        let factor = ((1.0 / scale / MARGIN) as u32).max(1);
        Self { width, height, factor, target: (side(width), side(height)) }
    }

    pub fn shrunk(&self) -> (u32, u32) {
        (self.width.div_ceil(self.factor), self.height.div_ceil(self.factor))
    }
}

/// Receives the rows of a picture with 8 bits per channel, and averages squares of pixels.
pub struct Shrink {
    sizes: Sizes,
    channels: usize,
    /// One sum per channel of the current row of squares. Colors are weighted by opacity.
    sums: Vec<u64>,
    rows: u32,
    pixels: Vec<u8>,
}

impl Shrink {
    pub fn new(sizes: Sizes, channels: usize) -> Self {
        let (width, height) = sizes.shrunk();
        let row = width as usize * channels;
        let sums = if sizes.factor == 1 { Vec::new() } else { vec![0; row] };
        Self { sizes, channels, sums, rows: 0, pixels: Vec::with_capacity(row * height as usize) }
    }

    /// Adds the next row. Data beyond the picture's size is ignored.
    pub fn row(&mut self, row: &[u8]) {
        let row = &row[..row.len().min(self.sizes.width as usize * self.channels)];
        let (_, height) = self.sizes.shrunk();
        if self.pixels.len() == self.shrunk_row() * height as usize {
            return;
        }
        if self.sizes.factor == 1 {
            self.pixels.extend_from_slice(row);
            self.pixels.resize(self.pixels.len() + self.shrunk_row() - row.len(), 0);
            return;
        }
        let factor = self.sizes.factor as usize;
        let squares = row.chunks(self.channels * factor).zip(self.sums.chunks_exact_mut(self.channels));
        match self.channels {
            1 => squares.for_each(|(pixels, sums)| add::<1>(pixels, sums)),
            3 => squares.for_each(|(pixels, sums)| add::<3>(pixels, sums)),
            2 => squares.for_each(|(pixels, sums)| add_weighted::<2>(pixels, sums)),
            _ => squares.for_each(|(pixels, sums)| add_weighted::<4>(pixels, sums)),
        }
        self.rows += 1;
        if self.rows == self.sizes.factor {
            self.end_squares();
        }
    }

    fn shrunk_row(&self) -> usize {
        self.sizes.shrunk().0 as usize * self.channels
    }

    fn end_squares(&mut self) {
        let rows = u64::from(std::mem::take(&mut self.rows));
        let factor = u64::from(self.sizes.factor);
        let mut left = u64::from(self.sizes.width);
        for sums in self.sums.chunks_exact_mut(self.channels) {
            // The last square of a row may be narrower.
            let pixels = left.min(factor) * rows;
            left = left.saturating_sub(factor);
            let (colors, alpha) =
                sums.split_at(if self.channels.is_multiple_of(2) { self.channels - 1 } else { self.channels });
            let weight = alpha.first().map_or(pixels, |alpha| *alpha).max(1);
            let average = |sum: u64, of: u64| u8::try_from((sum + of / 2) / of).unwrap_or(u8::MAX);
            self.pixels.extend(colors.iter().map(|sum| average(*sum, weight)));
            self.pixels.extend(alpha.iter().map(|sum| average(*sum, pixels)));
            sums.fill(0);
        }
    }

    /// Returns the picture. Missing rows are black.
    pub fn finish(mut self) -> Option<DynamicImage> {
        if self.rows > 0 {
            self.end_squares();
        }
        let (width, height) = self.sizes.shrunk();
        let (mut pixels, length) = (self.pixels, width as usize * height as usize * self.channels);
        pixels.resize(length, 0);
        match self.channels {
            1 => GrayImage::from_raw(width, height, pixels).map(Into::into),
            2 => GrayAlphaImage::from_raw(width, height, pixels).map(Into::into),
            3 => RgbImage::from_raw(width, height, pixels).map(Into::into),
            _ => RgbaImage::from_raw(width, height, pixels).map(Into::into),
        }
    }
}

fn add<const N: usize>(pixels: &[u8], sums: &mut [u64]) {
    let mut square = [0_u64; N];
    for pixel in pixels.as_chunks::<N>().0 {
        for channel in 0..N {
            square[channel] += u64::from(pixel[channel]);
        }
    }
    square.iter().zip(sums).for_each(|(square, sum)| *sum += square);
}

/// Adds pixels. The last channel is the weight of the others.
fn add_weighted<const N: usize>(pixels: &[u8], sums: &mut [u64]) {
    let mut square = [0_u64; N];
    for pixel in pixels.as_chunks::<N>().0 {
        let alpha = u64::from(pixel[N - 1]);
        for channel in 0..N - 1 {
            square[channel] += u64::from(pixel[channel]) * alpha;
        }
        square[N - 1] += alpha;
    }
    square.iter().zip(sums).for_each(|(square, sum)| *sum += square);
}
