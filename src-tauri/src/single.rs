//! One window for each programme: a second start brings the first one's window forward and ends.
//! It is a courtesy: the lock of the operating system that the open file holds is what decides.

use crate::start::Arguments;
use std::path::{Path, PathBuf};
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager as _, Wry};

/// Most words that another process may hand over.
const WORDS: usize = 16;

/// The plugin for a window on `what`. On Linux each programme has a name of its own on the bus.
/// Elsewhere there is one name for the app, so only the person's own programme takes it: a second
/// programme could not be opened otherwise.
pub fn plugin(what: &Path, is_own: bool) -> Option<TauriPlugin<Wry>> {
    if !cfg!(target_os = "linux") && !is_own {
        return None;
    }
    let shown = what.to_owned();
    let plugin = tauri_plugin_single_instance::Builder::new()
        .callback(move |handle, words, current| {
            if asks_for(&words, &current, &shown) {
                bring_forward(handle);
            }
        })
        .dbus_id(format!("app.pilotage.desktop.w{:016x}", fingerprint(what)));
    Some(plugin.build())
}

/// Whether the words of another process, which anybody may have sent, are those of a start on the
/// programme that is shown. Nothing else is taken from them.
fn asks_for(words: &[String], current: &str, shown: &PathBuf) -> bool {
    if words.len() > WORDS || words.iter().any(|word| word.len() > 4096) {
        return false;
    }
    let words = words.iter().skip(1).map(Into::into);
    let what = Arguments::read(words).ok().and_then(|asked| asked.what(Path::new(current)).ok());
    what.as_ref() == Some(shown)
}

fn bring_forward(handle: &AppHandle) {
    let Some(window) = handle.get_webview_window("main") else { return };
    for step in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "the window did not come forward");
        }
    }
}

/// FNV-1a, the same in every build.
fn fingerprint(what: &Path) -> u64 {
    what.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_start_on_the_same_programme_is_heard() {
        let shown = PathBuf::from("/absent/a.pilotage");
        let check = |line: &str, current: &str, expect: bool| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(asks_for(&words, current, &shown), expect, "{line} in {current}");
        };
        check("pilotage-desktop --data-folder /d --workspace /absent/a.pilotage", "/", true);
        check("pilotage-desktop --data-folder /d --workspace a.pilotage", "/absent", true);
        check("pilotage-desktop --data-folder /d --workspace b.pilotage", "/absent", false);
        check("pilotage-desktop --data-folder /d --sample", "/absent", false);
        check("pilotage-desktop --evil /absent/a.pilotage", "/", false);
        check("", "/absent", false);
        let long = format!("pilotage-desktop --workspace {}", "x".repeat(5000));
        check(&long, "/absent", false);
    }
}
