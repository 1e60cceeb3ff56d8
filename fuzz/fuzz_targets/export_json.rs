#![no_main]

use libfuzzer_sys::fuzz_target;
use pilotage_discovery::archive::Archive;
use pilotage_domain::operation::Batch;

fuzz_target!(|bytes: &[u8]| {
    // Lines of the log alone, too: the document around them is hard to hit.
    if let Ok(batch) = Batch::parse(bytes) {
        assert_eq!(batch.to_line().map(String::into_bytes).as_deref(), Ok(bytes), "one spelling");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(archive) = Archive::parse(text) {
        for log in archive.devices.values() {
            for (seq, line) in &log.lines {
                let batch = Batch::parse(line).expect("what was taken parses");
                assert_eq!(batch.seq, *seq, "its number is its own");
            }
        }
    }
});
