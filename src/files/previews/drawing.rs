//! SVG rendering. It has no fonts, loads no other file, and runs no script: references are ignored.

use std::fs::File;
use std::io::Read;

use image::RgbaImage;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::picture::{self, Header, MEMORY_MAX, Picture, Unreadable};

/// Maximum size of an SVG that is rendered, in bytes.
const LENGTH_MAX: u64 = 8_000_000;
/// Longer side of the result, in pixels. A small drawing is enlarged without loss.
const SIDE: f32 = 1600.0;
/// Maximum side that a drawing may declare, in pixels.
const SIDE_MAX: f32 = 100_000.0;

/// Parses and renders an SVG.
pub fn read(file: &File) -> Result<(Header, Picture), Unreadable> {
    if file.metadata()?.len() > LENGTH_MAX {
        return Err(Unreadable::TooLarge);
    }
    let mut bytes = Vec::new();
    picture::start(file)?.read_to_end(&mut bytes)?;
    let options = Options {
        resources_dir: None,
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = Tree::from_data(&bytes, &options).map_err(|_| Unreadable::Damaged)?;
    drop(bytes);
    let (width, height) = (tree.size().width(), tree.size().height());
    if width > SIDE_MAX || height > SIDE_MAX {
        return Err(Unreadable::TooManyPixels(whole(width), whole(height)));
    }
    let scale = SIDE / width.max(height);
    let mut drawn = Pixmap::new(whole(width * scale), whole(height * scale)).ok_or(Unreadable::Damaged)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut drawn.as_mut());
    let header = Header { width: whole(width), height: whole(height), animated: false, memory: MEMORY_MAX };
    let (width, height) = (drawn.width(), drawn.height());
    let drawn = RgbaImage::from_raw(width, height, drawn.take_demultiplied()).ok_or(Unreadable::Damaged)?;
    Ok((header, picture::finish(drawn, true)?))
}

/// At least one pixel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts of floats saturate")]
fn whole(side: f32) -> u32 {
    side.round().max(1.0) as u32
}
