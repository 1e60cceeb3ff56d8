//! What the targets share: the bytes become a file, and the file is read through the one door, as a
//! person's would be.

use pilotage_discovery::{Discovered, Format, Request, read};
use std::cell::RefCell;
use std::path::PathBuf;

thread_local! {
    static FILE: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// A file of this process, in a folder of its own so that nothing lies beside it.
fn file() -> PathBuf {
    FILE.with_borrow_mut(|file| {
        file.get_or_insert_with(|| {
            let folder = std::env::temp_dir().join(format!("pilotage-fuzz-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder for the input");
            folder.join("input.yml")
        })
        .clone()
    })
}

/// Reads bytes as a file of this format, and holds the result to what every reader promises.
pub fn check(bytes: &[u8], format: Format) {
    let file = file();
    std::fs::write(&file, bytes).expect("the input is written");
    let request = Request { files: vec![file], format: Some(format), ..Request::default() };
    match read(&request) {
        Ok(found) => check_found(&found),
        Err(error) => assert!(error.to_string().ends_with('.'), "an error is a sentence: {error}"),
    }
}

fn check_found(found: &Discovered) {
    let mut names: Vec<String> = Vec::new();
    for service in &found.services {
        assert!(service.place.line > 0, "lines count from 1");
        assert!(!service.name.trim().is_empty(), "a service has a name");
        assert!(!service.name.chars().any(char::is_control), "names hold no controls");
        names.push(service.name.clone());
    }
    for row in &found.rejected {
        assert!(!row.subject.chars().any(char::is_control), "what is shown holds no controls");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "names are unique");
    for edge in &found.dependencies {
        assert!(edge.from != edge.to, "nothing depends on itself");
        assert!(!edge.evidence.is_empty(), "a dependency has evidence");
        assert!(names.binary_search(&edge.from).is_ok(), "the caller was taken");
        assert!(names.binary_search(&edge.to).is_ok(), "the callee was taken");
    }
}
