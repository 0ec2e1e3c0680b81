//! Words that indicate a location. Every function reads each byte a small, fixed number of times.

/// Substrings of property names for a location. The last is a drone maker's spelling.
pub const NAMES: [&[u8]; 4] = [b"gps", b"latitude", b"longitude", b"longtitude"];
/// Maximum distance in bytes between the start of a word and the end of what [`tell_a_location`] reads.
pub const REACH: usize = 48;

/// Returns whether a text may be about a location.
pub fn name_a_location(text: &[u8]) -> bool {
    occurrences(text).next().is_some()
}

/// Returns whether bytes of an unknown format indicate a location. The short word alone is not evidence, because it
/// also occurs by chance: a number with a fraction must follow it.
pub fn tell_a_location(bytes: &[u8]) -> bool {
    occurrences(bytes).any(|(at, name)| {
        let after = &bytes[at + name.len()..bytes.len().min(at + REACH)];
        name.len() > 3 || after.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b'.' && w[2].is_ascii_digit())
    }) || find_any(bytes, &[b"geo:"]).is_some_and(|(at, _)| {
        let value = bytes.get(at + 4..).unwrap_or_default();
        value.first().is_some_and(|first| first.is_ascii_digit() || *first == b'-')
    })
}

/// Returns the occurrences of [`NAMES`], in any case.
pub fn occurrences(text: &[u8]) -> impl Iterator<Item = (usize, &'static [u8])> {
    let starts = |(_, byte): &(usize, &u8)| matches!(byte, b'g' | b'G' | b'l' | b'L');
    text.iter().enumerate().filter(starts).filter_map(|(at, _)| {
        let begins = |name: &&&[u8]| text[at..].get(..name.len()).is_some_and(|part| part.eq_ignore_ascii_case(name));
        NAMES.iter().find(begins).map(|name| (at, *name))
    })
}

/// Returns the first occurrence of one of a few patterns, and its index among them.
pub fn find_any(bytes: &[u8], patterns: &[&[u8]]) -> Option<(usize, usize)> {
    let mut is_first = [false; 256];
    for pattern in patterns {
        is_first[usize::from(pattern[0])] = true;
    }
    let starts = bytes.iter().enumerate().filter(|(_, byte)| is_first[usize::from(**byte)]);
    starts.into_iter().find_map(|(at, _)| {
        let index = patterns.iter().position(|pattern| bytes[at..].starts_with(pattern))?;
        Some((at, index))
    })
}
