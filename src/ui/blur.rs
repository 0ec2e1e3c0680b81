//! The blurred preview of a tile until its picture is loaded.

/// Converts a thumbhash to a CSS URL: a bitmap of a few pixels, which the browser smooths as it enlarges it. `None` for
/// transparent pictures, because it would stay visible behind them. In the browser only.
#[cfg(feature = "web")]
pub fn blurred(thumbhash: &str) -> Option<String> {
    /// One of this many pixels is kept; a thumbhash has no finer detail.
    const STEP: usize = 2;

    let window = web_sys::window()?;
    let hash: Vec<u8> = window.atob(thumbhash).ok()?.chars().filter_map(|byte| u8::try_from(byte).ok()).collect();
    if hash.get(2)? & 0x80 != 0 {
        return None;
    }
    let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&hash).ok()?;
    let bitmap = bitmap(width, &pixels, STEP, height);
    let binary: String = bitmap.into_iter().map(char::from).collect();
    Some(format!("data:image/bmp;base64,{}", window.btoa(&binary).ok()?))
}

#[cfg(not(feature = "web"))]
pub fn blurred(_: &str) -> Option<String> {
    None
}

/// Encodes a Windows bitmap with 24 bits a pixel: the only picture format that needs no encoder.
#[cfg(any(feature = "web", test))]
fn bitmap(width: usize, rgba: &[u8], step: usize, height: usize) -> Vec<u8> {
    const HEADER: usize = 54;
    let (columns, rows) = (width.div_ceil(step), height.div_ceil(step));
    let padding = columns * 3 % 4;
    let padding = (4 - padding) % 4;
    let size = HEADER + rows * (columns * 3 + padding);
    let number = |value: usize| u32::try_from(value).unwrap_or(0).to_le_bytes();
    let mut bytes = Vec::with_capacity(size);
    bytes.extend(b"BM");
    bytes.extend(number(size));
    bytes.extend(number(0));
    bytes.extend(number(HEADER));
    bytes.extend(number(40));
    bytes.extend(number(columns));
    bytes.extend(number(rows));
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    // Rows from the bottom up, blue first.
    for row in (0..rows).rev() {
        for column in 0..columns {
            let at = (row * step * width + column * step) * 4;
            bytes.extend([rgba[at + 2], rgba[at + 1], rgba[at]]);
        }
        bytes.extend(std::iter::repeat_n(0, padding));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::bitmap;

    #[cfg(feature = "server")]
    #[test]
    fn the_bitmap_is_one() {
        let rgba: Vec<u8> = (0..5_u8 * 3).flat_map(|n| [n, 100 + n, 200, 255]).collect();
        let read = image::load_from_memory(&bitmap(5, &rgba, 2, 3)).unwrap().into_rgb8();
        assert_eq!(read.dimensions(), (3, 2));
        assert_eq!(read.get_pixel(0, 0).0, [0, 100, 200]);
        assert_eq!(read.get_pixel(2, 0).0, [4, 104, 200]);
        assert_eq!(read.get_pixel(1, 1).0, [12, 112, 200]);
    }
}
