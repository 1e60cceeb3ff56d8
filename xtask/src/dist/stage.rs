//! The tree of a package on disk, as it will be installed: modes, dates, compressed pages.

use super::contents::{Entry, Package, Source};
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::create_folder;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Writes the files of `package` below `folder`, which is cleared first.
pub fn write(package: &Package, folder: &Path) -> Result<()> {
    clear(folder)?;
    add(package, folder)
}

/// Writes them beside what is there.
pub fn add(package: &Package, folder: &Path) -> Result<()> {
    package.entries.iter().try_for_each(|entry| write_entry(entry, folder))
}

/// Removes what an earlier run left, and makes the folder.
pub fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format_args!("clear {}", folder.display()))?;
    }
    create_folder(folder)
}

/// Dates every file and folder below, and gives folders their mode, whatever the umask is.
/// Comes last: each file that is written dates its folder anew.
pub fn settle(folder: &Path, moment: u64) -> Result<()> {
    for entry in fs::read_dir(folder).doing(format_args!("read {}", folder.display()))? {
        let path = entry.doing("read a folder")?.path();
        if path.is_dir() {
            settle(&path, moment)?;
        } else {
            date(&path, moment)?;
        }
    }
    set_mode(folder, 0o755)?;
    date(folder, moment)
}

fn write_entry(entry: &Entry, folder: &Path) -> Result<()> {
    let compressed = entry.path.strip_suffix(".gz");
    let target = folder.join(compressed.unwrap_or(&entry.path));
    if let Some(above) = target.parent() {
        create_folder(above)?;
    }
    match &entry.source {
        Source::File(source) => {
            let copied = fs::copy(source, &target);
            copied.doing(format_args!("copy {}", source.display()))?;
        }
        Source::Text(text) => {
            fs::write(&target, text).doing(format_args!("write {}", target.display()))?;
        }
    }
    if compressed.is_some() {
        // Without name and date of the file: the same text gives the same bytes.
        Call::new("gzip", folder).arguments(["-9nf"]).arguments([&target]).run(Output::Silent)?;
    }
    set_mode(&folder.join(&entry.path), entry.mode)
}

fn date(path: &Path, moment: u64) -> Result<()> {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(moment);
    let dated = File::open(path).and_then(|file| file.set_modified(moment));
    dated.doing(format_args!("date {}", path.display()))
}

#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let set = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    set.doing(format_args!("set the mode of {}", path.display()))
}

#[cfg(not(unix))]
pub fn set_mode(_: &Path, _: u32) -> Result<()> {
    Err(Problem::new("packages for Linux are made on Linux"))
}

/// Fails where a program that packing needs is missing.
pub fn require(program: &str, why: &str) -> Result<()> {
    match crate::process::find_program(&[program]) {
        Some(_) => Ok(()),
        None => Err(Problem::new(format!("`{program}` is missing: {why}"))),
    }
}
