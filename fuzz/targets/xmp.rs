#![no_main]

use attache_fuzz::files::location::Budget;
use attache_fuzz::files::location::fuzzing::without_xmp_location;

libfuzzer_sys::fuzz_target!(|packet: &[u8]| {
    let budget = || Budget::for_length(packet.len() as u64);
    let Some(cleaned) = without_xmp_location(packet, &mut budget()).unwrap() else { return };
    assert_eq!(cleaned.len(), packet.len());
    assert_eq!(without_xmp_location(&cleaned, &mut budget()).unwrap(), None);
});
