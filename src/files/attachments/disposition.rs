//! The Content-Disposition header (RFC 6266) with a name in any script (RFC 8187).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::file_name::FileName;

/// `attr-char` of RFC 8187: characters that need no encoding in `filename*`.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Returns `attachment; filename="…"; filename*=UTF-8''…`, or `inline`. The plain name is for old clients: ASCII, with
/// `_` for other characters, and for `%`, which some of them would decode.
pub fn content_disposition(download: bool, name: &FileName) -> String {
    let kind = if download { "attachment" } else { "inline" };
    let fallback: String =
        name.as_str().chars().map(|c| if (' '..='~').contains(&c) && !"\"\\%".contains(c) { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name.as_str(), ATTR_CHAR);
    format!("{kind}; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stand_in_both() {
        assert_eq!(
            content_disposition(true, &FileName::new("Jane_1_photo.jpg")),
            "attachment; filename=\"Jane_1_photo.jpg\"; filename*=UTF-8''Jane_1_photo.jpg"
        );
    }

    #[test]
    fn other_scripts_have_a_fallback_and_stay_ascii() {
        let header = content_disposition(false, &FileName::new("фото 100%'.jpg"));
        assert_eq!(
            header,
            "inline; filename=\"____ 100_'.jpg\"; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE%20100%25%27.jpg"
        );
        assert!(header.is_ascii());
    }
}
