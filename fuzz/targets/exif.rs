#![no_main]

use attache_fuzz::files::location::fuzzing::without_exif_location;
use attache_fuzz::files::location::{Budget, orientation};

libfuzzer_sys::fuzz_target!(|block: &[u8]| {
    let budget = || Budget::for_length(block.len() as u64);
    let Ok(Some(cleaned)) = without_exif_location(block, &mut budget()) else { return };
    assert_eq!(cleaned.len(), block.len());
    assert_eq!(without_exif_location(&cleaned, &mut budget()).unwrap(), None);
    orientation(block);
});
