#![no_main]

use attache_fuzz::files::attachments::disposition::content_disposition;
use attache_fuzz::files::attachments::file_name::FileName;
use attache_fuzz::platform::content_disposition::{field_name, file_name, form_file_name};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    file_name(bytes);
    form_file_name(bytes);
    field_name(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let name = FileName::new(text);
    let header = content_disposition(true, &name);
    assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    assert_eq!(file_name(header.as_bytes()).as_deref().unwrap_or_default(), name.as_str(), "{header}");
});
