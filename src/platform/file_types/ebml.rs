//! EBML (RFC 8794), of which Matroska and `WebM` consist: elements, each an id, a length and data.

/// Longest head of an element: 4 bytes of its id, 8 of its length.
pub const HEAD_MAX: u64 = 12;

/// What an element begins with.
pub struct Head {
    pub id: u32,
    /// Bytes of the head: the data follows.
    pub size: usize,
    /// Bytes of the data. `None` if it is unknown, as recorders leave it while they write.
    pub length: Option<u64>,
}

/// Returns the head at the start of `bytes`, if it is whole.
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

/// Bytes of a number whose first byte is this. `None` for a byte that begins no number.
fn width(first: u8) -> Option<usize> {
    (first != 0).then(|| first.leading_zeros() as usize + 1)
}

/// The elements that lie one after the other, with their data as far as it is there. An unknown length reaches to the end.
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
