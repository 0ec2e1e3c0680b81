//! Words that indicate a location. Every function reads each byte a small, fixed number of times.

/// Substrings of property names for a location. The last is a drone maker's spelling.
pub const NAMES: [&[u8]; 4] = [b"gps", b"latitude", b"longitude", b"longtitude"];
/// Maximum distance in bytes between the start of a word and the end of what [`tell_a_location`] reads.
pub const REACH: usize = 48;

/// Maximum length of a coordinate, in bytes.
const COORDINATE_MAX: usize = 24;

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

/// Returns whether a text has coordinates as phones write them (ISO 6709): signed degrees with fractions, latitude first.
pub fn has_coordinates(text: &[u8]) -> bool {
    let signs = text.iter().enumerate().filter(|(_, byte)| matches!(byte, b'+' | b'-'));
    signs.into_iter().any(|(at, _)| {
        let number = |from: usize, digits: std::ops::RangeInclusive<usize>| -> Option<(usize, bool)> {
            let part = text.get(from..)?.get(..COORDINATE_MAX.min(text.len() - from))?;
            let is_signed = matches!(part.first(), Some(b'+' | b'-'));
            let whole = part.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
            let fraction = part.get(whole + 2..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let is_number = is_signed && digits.contains(&whole) && part[whole + 1] == b'.' && fraction >= 2;
            let length = whole + fraction + 2;
            is_number.then(|| (from + length, part[1..length].iter().any(|byte| matches!(byte, b'1'..=b'9'))))
        };
        let latitude = number(at, 2..=6);
        let longitude = latitude.and_then(|(end, _)| number(end, 3..=7));
        latitude.zip(longitude).is_some_and(|((_, one), (_, other))| one || other)
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
