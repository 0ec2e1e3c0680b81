//! Evidence: what in a file's first bytes shows its type.

/// One kind of evidence. Two letters are not enough, because text can begin with any letters, so letters are used only
/// if the bytes are not text.
#[derive(Debug, Clone, Copy)]
pub enum Evidence {
    /// These bytes at these offsets, at least one of which no text contains.
    Bytes(&'static [(usize, &'static [u8])]),
    /// These letters at these offsets, if the bytes are not text.
    Letters(&'static [(usize, &'static [u8])]),
    /// A structure that a function finds, if the bytes are not text.
    Structure(fn(&[u8]) -> bool),
    /// A pattern that a function finds in a text. A file announced as text stays text.
    Text(fn(&[u8]) -> bool),
}

#[cfg(any(feature = "server", fuzzing))]
impl Evidence {
    pub fn holds(self, start: &[u8], is_text: bool) -> bool {
        match self {
            Self::Bytes(parts) => has(start, parts),
            Self::Letters(parts) => !is_text && has(start, parts),
            Self::Structure(find) => !is_text && find(start),
            Self::Text(find) => is_text && find(start),
        }
    }
}

#[cfg(any(feature = "server", fuzzing))]
fn has(start: &[u8], parts: &[(usize, &[u8])]) -> bool {
    parts.iter().all(|(at, bytes)| start.get(*at..).is_some_and(|rest| rest.starts_with(bytes)))
}

/// Reads a big-endian number at an offset.
pub fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

pub fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

pub fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// Returns whether `wanted` occurs in `bytes`.
pub fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
