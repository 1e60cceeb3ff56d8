//! Paths without the file system: joined and shortened as text, so that links are never followed.

use std::path::{Component, Path, PathBuf};

/// The path from the root of the file system, without `.` and `..`.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    // Fails only for an empty path or an unknown working directory; the path itself will do then.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

/// The folder a file lies in.
pub(crate) fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// A place's file: relative to the root, or the bare name if outside.
pub(crate) fn shown_file(path: &Path, root: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(inside) if inside.components().next().is_some() => slashed(inside),
        _ => path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
    }
}

/// A folder relative to the root, with `..` where it lies beside it; both absolute.
pub(crate) fn relative(path: &Path, root: &Path) -> String {
    let mut up = PathBuf::new();
    let mut base = root;
    loop {
        if let Ok(rest) = path.strip_prefix(base) {
            let joined = slashed(&up.join(rest));
            return if joined.is_empty() { ".".to_owned() } else { joined };
        }
        match base.parent() {
            Some(parent) => base = parent,
            None => return slashed(path),
        }
        up.push("..");
    }
}

/// Whether a reference names something on another machine.
pub(crate) fn is_remote(reference: &str) -> bool {
    reference.contains("://") || reference.starts_with("git@") || reference.starts_with("oci:")
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> =
        path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}
