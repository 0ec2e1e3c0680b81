//! EBML (RFC 8794), the format of Matroska and `WebM`: elements with an id, a length and data.

/// Maximum size of an element's header: 4 bytes of id, 8 of length.
pub const HEAD_MAX: u64 = 12;

/// The header of an element.
pub struct Head {
    pub id: u32,
    /// Size of the header in bytes; the data follows.
    pub size: usize,
    /// Bytes of the data. `None` if unknown, as recorders write it while recording.
    pub length: Option<u64>,
}

/// Returns the header at the start of `bytes`, if it is complete.
pub fn head(bytes: &[u8]) -> Option<Head> {
    let id_width = width(*bytes.first()?).filter(|width| *width <= 4)?;
    let id = bytes.get(..id_width)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let length_width = width(*bytes.get(id_width)?)?;
    let size = id_width + length_width;
    let marked = bytes.get(id_width..size)?.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
    let mask = (1_u64 << (7 * length_width)) - 1;
    let length = marked & mask;
    Some(Head { id, size, length: (length != mask).then_some(length) })
}

/// Returns the number of bytes of a number whose first byte is this. `None` for a byte that begins no number.
fn width(first: u8) -> Option<usize> {
    (first != 0).then(|| first.leading_zeros() as usize + 1)
}

/// Returns the elements in sequence, with the part of their data that is present. An element of unknown length extends
/// to the end.
pub fn elements(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let Head { id, size, length } = head(rest)?;
        let data = &rest[size..];
        let length = length.map_or(data.len(), |length| usize::try_from(length).unwrap_or(usize::MAX));
        let (data, after) = data.split_at(length.min(data.len()));
        rest = after;
        Some((id, data))
    })
}
