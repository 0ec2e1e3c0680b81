//! Reads from a JPEG's header how much memory decoding takes (ITU-T T.81 Annex B).

use std::io::{self, BufRead, Seek};

use crate::files::location;

/// Maximum length of a header, in bytes, because decoders keep its profiles and its metadata.
const HEADER_MAX: u64 = 32 * 1024 * 1024;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct JpegHeader {
    /// Width and height.
    pub size: (u32, u32),
    /// From the EXIF block, from 1 to 8.
    pub orientation: Option<u16>,
    /// Bytes before the first scan.
    pub length: u64,
    /// Bytes of all coefficients, if the decoder has to keep them until the last scan.
    pub coefficients: u64,
    /// Channels of a decoded pixel.
    pub channels: u64,
}

struct Frame {
    is_progressive: bool,
    /// Horizontal and vertical sampling factors of each component.
    samplings: Vec<(u64, u64)>,
    size: (u32, u32),
}

/// Returns `None` if there is no frame, or the header is too long.
pub fn read(reader: &mut (impl BufRead + Seek)) -> io::Result<Option<JpegHeader>> {
    let mut at = 2;
    reader.seek_relative(2)?;
    let (mut frame, mut orientation) = (None, None);
    loop {
        let mut head = [0; 2];
        reader.read_exact(&mut head)?;
        at += 2;
        match head {
            // Fill bytes; and garbage that old programs leave between segments, which decoders skip too.
            [_, 0xff] => {
                reader.seek_relative(-1)?;
                at -= 1;
                continue;
            }
            [0xff, 0xd9] => return Ok(None),
            [0xff, 0x00 | 0x01 | 0xd0..=0xd8] => continue,
            [0xff, _] => {}
            _ => continue,
        }
        let mut length = [0; 2];
        reader.read_exact(&mut length)?;
        let length = u64::from(u16::from_be_bytes(length)).max(2);
        let mut payload = vec![0; usize::try_from(length - 2).unwrap_or_default()];
        reader.read_exact(&mut payload)?;
        at += length;
        if at > HEADER_MAX {
            return Ok(None);
        }
        match head[1] {
            // Frames, of which decoders read the first three kinds.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => frame = Frame::parse(head[1], &payload),
            0xda => {
                let in_scan = payload.first().copied().unwrap_or_default();
                return Ok(frame.map(|frame| JpegHeader { orientation, ..frame.header(at, in_scan) }));
            }
            0xe1 => {
                // If there are several blocks, the decoder uses the last.
                let block = payload.strip_prefix(b"Exif\0\0");
                orientation = block.map_or(orientation, location::orientation);
            }
            _ => {}
        }
    }
}

impl Frame {
    fn parse(marker: u8, payload: &[u8]) -> Option<Self> {
        let [_, h0, h1, w0, w1, count, components @ ..] = payload else { return None };
        let components = components.chunks_exact(3).take(usize::from(*count));
        let samplings: Vec<(u64, u64)> = components
            .map(|component| (u64::from(component[1] >> 4).max(1), u64::from(component[1] & 15).max(1)))
            .collect();
        let size = (u32::from(u16::from_be_bytes([*w0, *w1])), u32::from(u16::from_be_bytes([*h0, *h1])));
        (!samplings.is_empty()).then_some(Self { is_progressive: marker == 0xc2, samplings, size })
    }

    fn header(&self, length: u64, components_in_scan: u8) -> JpegHeader {
        let most = |side: fn(&(u64, u64)) -> u64| self.samplings.iter().map(side).max().unwrap_or(1);
        let (width, height) = (u64::from(self.size.0), u64::from(self.size.1));
        let units = width.div_ceil(8 * most(|s| s.0)) * height.div_ceil(8 * most(|s| s.1));
        let blocks: u64 = self.samplings.iter().map(|(horizontal, vertical)| units * horizontal * vertical).sum();
        // The decoder may pad a scan of one component to whole units.
        let is_kept = self.is_progressive || usize::from(components_in_scan) < self.samplings.len();
        JpegHeader {
            size: self.size,
            orientation: None,
            length,
            coefficients: if is_kept { blocks * 64 * 2 } else { 0 },
            channels: if self.samplings.len() == 1 { 1 } else { 3 },
        }
    }
}
