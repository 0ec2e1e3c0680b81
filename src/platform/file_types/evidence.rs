//! What in the first bytes of a file shows its type.

/// Two letters are no evidence: text can begin with any letters. So letters count only where the bytes are no text.
#[derive(Debug, Clone, Copy)]
pub enum Evidence {
    /// These bytes at these offsets, at least one of which is in no text.
    Bytes(&'static [(usize, &'static [u8])]),
    /// These letters at these offsets, in what is no text.
    Letters(&'static [(usize, &'static [u8])]),
    /// What a function finds, in what is no text.
    Structure(fn(&[u8]) -> bool),
    /// What a function finds in a text. Announced as a text, it is one all the same.
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

/// A big-endian number at an offset.
pub fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

pub fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

pub fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// Whether bytes are among others.
pub fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
