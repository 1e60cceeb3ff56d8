//! The sample at the day for which `docs/sample-story.md` works its numbers out by hand, and the
//! tables there.

use pilotage_api::app::Watch;
use pilotage_api::host::NoDialogs;
use pilotage_api::{App, Clock, OpenOptions};
use std::path::Path;
use std::sync::Arc;

/// The tables, as the repository shows them.
const TABLE: &str = include_str!("../../../../docs/sample-story.md");
/// Tuesday, 24 November 2026, noon in Berlin: working day 19 was the Monday before.
const NOW: i64 = 1_795_518_000_000;

/// The cell beside a figure's name.
pub fn cell(figure: &str) -> &'static str {
    let row = TABLE.lines().find(|line| line.starts_with(&format!("| {figure} |")));
    let row = row.unwrap_or_else(|| panic!("the table names {figure}"));
    row.split('|').nth(2).unwrap().trim()
}

pub fn check(figure: &str, found: &str) {
    assert_eq!(found, cell(figure), "{figure}");
}

/// The sample as it is on that day, in `folder`.
pub async fn sample(folder: &Path) -> App {
    let workspace = folder.join("s.pilotage");
    pilotage_sample::create(&workspace, NOW).await.unwrap();
    let options = OpenOptions {
        workspace,
        data_folder: folder.to_owned(),
        clock: Clock::Fixed(NOW),
        watch: Watch::No,
    };
    App::open(options, Arc::new(NoDialogs)).await.unwrap()
}
