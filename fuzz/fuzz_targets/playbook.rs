#![no_main]

use libfuzzer_sys::fuzz_target;
use pilotage_domain::playbook::Playbook;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Playbook::parse(text) {
        Ok(playbook) => {
            let mut ids: Vec<&str> = playbook.checks.iter().map(|check| check.id.as_str()).collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "ids of checks are unique");
        }
        Err(error) => assert!(!error.to_string().is_empty(), "an error says something"),
    }
});
