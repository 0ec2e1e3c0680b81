//! MPEG audio without a container, and MPEG streams.

/// Number of consecutive frames required, if the bytes are long enough.
const FRAMES: usize = 3;
/// Kilobits a second of MPEG 1 layers I to III, and of MPEG 2 layer I, and II and III (ISO/IEC 11172-3, 13818-3).
const RATES: [[usize; 15]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const FREQUENCIES: [usize; 3] = [44_100, 48_000, 32_000];

/// Returns the length of the MP3 frame that begins here, in bytes.
fn mp3_frame(bytes: &[u8]) -> Option<usize> {
    let [0xff, second, third, ..] = *bytes else { return None };
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (rate, frequency, padding) =
        (usize::from(third >> 4), usize::from(third >> 2 & 3), usize::from(third >> 1 & 1));
    if second < 0xe0 || version == 1 || layer == 0 || rate == 0 || rate == 15 || frequency == 3 {
        return None;
    }
    let is_first = version == 3;
    let table = match (is_first, layer) {
        (true, 3) => 0,
        (true, 2) => 1,
        (true, _) => 2,
        (false, 3) => 3,
        (false, _) => 4,
    };
    let rate = RATES[table][rate] * 1000;
    let frequency = FREQUENCIES[frequency]
        >> match version {
            3 => 0,
            2 => 1,
            _ => 2,
        };
    Some(match layer {
        3 => (12 * rate / frequency + padding) * 4,
        1 if !is_first => 72 * rate / frequency + padding,
        _ => 144 * rate / frequency + padding,
    })
}

/// Returns the length of the AAC frame in ADTS (ISO/IEC 14496-3) that begins here, in bytes.
fn adts_frame(bytes: &[u8]) -> Option<usize> {
    let [0xff, second, third, fourth, fifth, sixth, ..] = *bytes else { return None };
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth) >> 5;
    (second & 0xf6 == 0xf0 && third >> 2 & 15 < 13 && length >= 7).then_some(length)
}

/// Returns whether frames follow each other from the start, as far as bytes are present.
fn is_chain(mut rest: &[u8], frame: fn(&[u8]) -> Option<usize>) -> bool {
    for number in 0..FRAMES {
        let Some(length) = frame(rest) else {
            // Cut off in the middle of a header, after a complete frame.
            return number > 0 && rest.len() < 6;
        };
        let Some(after) = rest.get(length..) else { return number > 0 };
        rest = after;
    }
    true
}

/// Returns the bytes after an `ID3v2` tag, and whether there is one.
fn after_tag(start: &[u8]) -> (&[u8], bool) {
    match start {
        [b'I', b'D', b'3', 2..=4, _, _, a, b, c, d, rest @ ..] if [a, b, c, d].iter().all(|byte| **byte < 0x80) => {
            let length = [a, b, c, d].iter().fold(0, |length, byte| length << 7 | usize::from(**byte));
            (rest.get(length..).unwrap_or_default(), true)
        }
        _ => (start, false),
    }
}

pub fn is_aac(start: &[u8]) -> bool {
    is_chain(after_tag(start).0, adts_frame)
}

pub fn is_flac(start: &[u8]) -> bool {
    after_tag(start).0.starts_with(b"fLaC")
}

/// A tag alone is enough: the audio may begin after the bytes that are present.
pub fn is_mp3(start: &[u8]) -> bool {
    let (rest, is_tagged) = after_tag(start);
    is_tagged || is_chain(rest, mp3_frame)
}

/// Packets of 188 bytes (ISO/IEC 13818-1), or of 192 with a time before each.
pub fn is_transport_stream(start: &[u8]) -> bool {
    let is_at = |first: usize, length: usize| (0..4).all(|number| start.get(first + number * length) == Some(&0x47));
    is_at(0, 188) || is_at(4, 192)
}
