//! Kubeconfigs that follow their files: login tools rewrite them at any time.
//!
//! By looking, not by notices of the file system: those differ from system to system, are lost on
//! network folders, and a look at a few files twice a second costs nothing.

use super::kubeconfig::Kubeconfigs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often the files are looked at. A change is taken at the second look that sees it.
const PAUSE: Duration = Duration::from_millis(500);

/// The present state of the files; following them ends with this value.
#[derive(Debug)]
pub struct Reloading {
    present: watch::Receiver<Arc<Kubeconfigs>>,
    task: JoinHandle<()>,
}

impl Drop for Reloading {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Reloading {
    /// Follows what was loaded.
    pub fn start(loaded: Kubeconfigs) -> Self {
        let (teller, present) = watch::channel(Arc::new(loaded.clone()));
        let task = tokio::spawn(follow(loaded, teller));
        Self { present, task }
    }

    /// As last read.
    pub fn present(&self) -> Arc<Kubeconfigs> {
        Arc::clone(&self.present.borrow())
    }

    /// Tells of every change: contexts, or certificates and tokens that they point at. Whoever uses a
    /// context then makes a new connection.
    pub fn changes(&self) -> watch::Receiver<Arc<Kubeconfigs>> {
        self.present.clone()
    }
}

async fn follow(mut files: Kubeconfigs, teller: watch::Sender<Arc<Kubeconfigs>>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        // A network folder may take its time, which is no time of the others.
        let looking = tokio::task::spawn_blocking(move || {
            let changed = files.poll();
            (files, changed)
        });
        let Ok((looked, changed)) = looking.await else { return };
        files = looked;
        if changed {
            teller.send_replace(Arc::new(files.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[tokio::test]
    async fn a_rewritten_file_is_taken_and_half_a_file_is_not() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("config");
        let text =
            |name: &str| format!("contexts: [{{name: {name}, context: {{cluster: a, user: a}}}}]");
        std::fs::write(&path, text("one")).unwrap();
        let reloading = Reloading::start(Kubeconfigs::load(std::slice::from_ref(&path)));
        let mut changes = reloading.changes();
        let mut next = async || {
            let told = tokio::time::timeout(Duration::from_secs(30), changes.changed()).await;
            told.expect("a change in time").unwrap();
            let present = changes.borrow_and_update().clone();
            let names: Vec<String> =
                present.contexts().into_iter().map(|context| context.key.name).collect();
            (names, present.problems().len())
        };
        std::fs::write(&path, "contexts: [").unwrap();
        assert_eq!(next().await, (vec!["one".to_owned()], 1), "the last good one, with a word");
        std::fs::write(&path, text("another")).unwrap();
        assert_eq!(next().await, (vec!["another".to_owned()], 0));
        assert_eq!(reloading.present().contexts().len(), 1, "to be asked at any time");
    }
}
