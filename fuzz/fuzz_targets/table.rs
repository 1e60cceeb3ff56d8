#![no_main]

use libfuzzer_sys::fuzz_target;
use pilotage_discovery::Format;

fuzz_target!(|bytes: &[u8]| pilotage_fuzz::check(bytes, Format::Table));
