#![no_main]

use attache_fuzz::attachments::disposition::content_disposition;
use attache_fuzz::attachments::file_name::FileName;
use attache_fuzz::platform::content_disposition::{extended_file_name, file_name};

libfuzzer_sys::fuzz_target!(|text: &str| {
    file_name(text);
    extended_file_name(text);
    let name = FileName::new(text);
    let header = content_disposition(true, &name);
    assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    assert_eq!(extended_file_name(&header).as_deref().unwrap_or_default(), name.as_str(), "{header}");
});
