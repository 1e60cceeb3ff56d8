//! Where a workspace file may lie. It *is* the database, and the database needs a local disk: its
//! log does not work over a network, and programs that copy single files to a cloud tear it apart.
//!
//! Linux says of every folder which file system it lies on. Elsewhere only what a path shows is
//! known: folders of cloud services, and on Windows network paths. A mapped drive letter is not
//! recognised there, nor a network volume on macOS.

use crate::error::StoreError;
use std::path::{Component, Path, PathBuf};

/// What is said of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A local disk, as far as anybody can tell.
    Fine,
    /// It may work; the sentence says what is not known.
    Doubtful(String),
    /// It will lose data; the sentence says why.
    Refused(String),
}

/// File systems that are another machine's disk.
const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "9p",
    "afs",
    "coda",
    "ceph",
    "glusterfs",
    "lustre",
    "gfs2",
    "ocfs2",
    "orangefs",
    "beegfs",
    "gpfs",
    "virtiofs",
    "vboxsf",
    "prl_fs",
    "vmhgfs",
    "davfs",
    "davfs2",
];
/// Programs behind a FUSE mount whose files lie elsewhere.
const REMOTE_FUSE: &[&str] = &[
    "sshfs",
    "rclone",
    "davfs",
    "davfs2",
    "s3fs",
    "goofys",
    "gcsfuse",
    "blobfuse",
    "blobfuse2",
    "juicefs",
    "glusterfs",
    "ceph-fuse",
    "curlftpfs",
    "gvfsd-fuse",
    "smbnetfs",
    "kio-fuse",
    "google-drive-ocamlfuse",
    "onedriver",
    "dropbox",
    "mountpoint-s3",
    "vmhgfs-fuse",
    "seaweedfs",
];
/// Programs behind a FUSE mount whose files lie on a disk of this machine.
const LOCAL_FUSE: &[&str] = &[
    "ntfs-3g",
    "ntfs",
    "exfat",
    "encfs",
    "gocryptfs",
    "cryfs",
    "securefs",
    "mergerfs",
    "bindfs",
    "fuse-overlayfs",
    "lxcfs",
    "apfs",
    "veracrypt",
    "portal",
];

/// Judges a path, whether or not a file is there yet.
pub fn judge(path: &Path) -> Verdict {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    judge_with(path, &table)
}

/// Judges a path by a table of mounts, as `/proc/self/mountinfo` spells it. An empty table says
/// nothing about file systems.
pub fn judge_with(path: &Path, mounts: &str) -> Verdict {
    let resolved = resolved(path);
    for spelled in [path, resolved.as_path()] {
        if let Some(service) = cloud(spelled) {
            return Verdict::Refused(format!(
                "it lies in a folder of {service}, which copies files one by one while they change"
            ));
        }
        if is_network_path(spelled) {
            return Verdict::Refused("it lies on a network drive".to_owned());
        }
    }
    match file_system(&resolved, mounts) {
        Some(name) => judge_file_system(&name),
        None => Verdict::Fine,
    }
}

/// Refuses what [`judge`] refuses, and answers what it only doubts.
pub(crate) fn accept(path: &Path) -> Result<Option<String>, StoreError> {
    match judge(path) {
        Verdict::Fine => Ok(None),
        Verdict::Doubtful(why) => Ok(Some(why)),
        Verdict::Refused(why) => Err(StoreError::Place(why)),
    }
}

fn judge_file_system(name: &str) -> Verdict {
    let refuse = |what: &str| {
        Verdict::Refused(format!(
            "it lies on a network drive ({what}), where the database's log does not work"
        ))
    };
    if NETWORK.contains(&name) {
        return refuse(name);
    }
    let Some(program) = name.strip_prefix("fuse.").or((name == "fuse").then_some("")) else {
        return Verdict::Fine;
    };
    if REMOTE_FUSE.contains(&program) {
        return refuse(program);
    }
    if LOCAL_FUSE.contains(&program) {
        return Verdict::Fine;
    }
    let shown = if program.is_empty() { "fuse" } else { program };
    Verdict::Doubtful(format!(
        "The programme's file lies on a file system ({shown}) that Pilotage does not know. If it is \
         another machine's disk, changes can be lost: move the file to a local disk."
    ))
}

/// The type of the file system under `path`: of the mounts above it the nearest, and of those on
/// one point the last.
fn file_system(path: &Path, mounts: &str) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        // id parent device root POINT options [more] - TYPE source options
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(kind)) = (before.split(' ').nth(4), after.split(' ').next()) else {
            continue;
        };
        let point = PathBuf::from(unescaped(point));
        let depth = point.components().count();
        if path.starts_with(&point) && best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind.to_owned())
}

/// The kernel writes spaces, tabs, line ends and backslashes as three octal digits.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        if let Some(code) = code {
            bytes.push(code);
            rest = &after[3..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The path without links, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for above in absolute.ancestors() {
        if let Ok(real) = std::fs::canonicalize(above) {
            let rest = absolute.strip_prefix(above).unwrap_or_else(|_| Path::new(""));
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    absolute
}

/// The cloud service one of whose folders is on the path.
fn cloud(path: &Path) -> Option<&'static str> {
    path.components().find_map(|component| {
        let Component::Normal(name) = component else { return None };
        let name = name.to_str()?.to_lowercase();
        // "OneDrive - Company" and "Dropbox (Company)" are the same services; on macOS one folder
        // holds "OneDrive-Company" and "GoogleDrive-person@company".
        let is = |word: &str| {
            name.strip_prefix(word).is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with(" -")
                    || rest.starts_with(" (")
                    || rest.starts_with('-')
            })
        };
        match () {
            () if is("onedrive") => Some("OneDrive"),
            () if is("dropbox") => Some("Dropbox"),
            () if ["icloud drive", "iclouddrive", "com~apple~clouddocs", "mobile documents"]
                .contains(&name.as_str()) =>
            {
                Some("iCloud")
            }
            () if is("google drive") || is("googledrive") || name == "my drive" => {
                Some("Google Drive")
            }
            () => None,
        }
    })
}

/// `\\server\share`, however it is spelled. `\\?\C:\` is a local disk.
fn is_network_path(path: &Path) -> bool {
    let Some(text) = path.to_str().map(|text| text.replace('/', "\\")) else { return false };
    let local =
        text.strip_prefix("\\\\?\\").is_some_and(|rest| !rest.to_lowercase().starts_with("unc\\"));
    cfg!(windows) && text.starts_with("\\\\") && !local
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A laptop with one disk, and one mount of each kind worth a thought.
    const MOUNTS: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 27 0:30 / /home rw,relatime - btrfs /dev/vdb rw
40 31 0:40 / /home/ada/nfs rw - nfs4 files:/export rw
41 31 0:41 / /home/ada/old-nfs rw - nfs files:/old rw
42 31 0:42 / /home/ada/team\\040share rw - cifs //files/team rw
43 31 0:43 / /home/ada/smb3 rw - smb3 //files/b rw
44 31 0:44 / /mnt/host rw - 9p host rw
45 31 0:45 / /mnt/shared rw - virtiofs shared rw
46 31 0:46 / /home/ada/server rw - fuse.sshfs ada@server: rw
47 31 0:47 / /home/ada/bucket rw - fuse.rclone remote: rw
48 31 0:48 / /home/ada/dav rw - fuse.davfs https://dav.example rw
49 31 0:49 / /run/user/1000/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw
50 31 0:50 / /mnt/s3 rw - fuse.s3fs bucket rw
51 31 0:51 / /mnt/ceph rw - ceph mon:/ rw
52 31 0:52 / /mnt/box rw - vboxsf box rw
60 31 0:60 / /media/stick rw - fuseblk /dev/sdb1 rw
61 31 0:61 / /home/ada/vault rw - fuse.gocryptfs vault rw
62 31 0:62 / /home/ada/odd rw - fuse.oddfs odd rw
63 31 0:63 / /home/ada/plain rw - fuse plain rw
70 40 254:0 / /home/ada/nfs/local rw - ext4 /dev/vdc rw
71 27 0:71 / /mnt/twice rw - ext4 /dev/vdd rw
72 27 0:72 / /mnt/twice rw - nfs4 files:/twice rw
";

    const REFUSED: [&str; 24] = [
        "/home/ada/nfs/p.pilotage",
        "/home/ada/nfs/deep/er/p.pilotage",
        "/home/ada/old-nfs/p.pilotage",
        "/home/ada/team share/p.pilotage",
        "/home/ada/smb3/p.pilotage",
        "/mnt/host/p.pilotage",
        "/mnt/shared/p.pilotage",
        "/home/ada/server/p.pilotage",
        "/home/ada/bucket/p.pilotage",
        "/home/ada/dav/p.pilotage",
        "/run/user/1000/gvfs/smb-share/p.pilotage",
        "/mnt/s3/p.pilotage",
        "/mnt/ceph/p.pilotage",
        "/mnt/box/p.pilotage",
        "/mnt/twice/p.pilotage",
        "/home/ada/OneDrive/p.pilotage",
        "/home/ada/OneDrive - Acme/work/p.pilotage",
        "/home/ada/Dropbox/p.pilotage",
        "/home/ada/Dropbox (Acme)/p.pilotage",
        "/Users/ada/Library/Mobile Documents/com~apple~CloudDocs/p.pilotage",
        "/Users/ada/Library/CloudStorage/OneDrive-Acme/p.pilotage",
        "/Users/ada/Library/CloudStorage/GoogleDrive-ada@acme.example/p.pilotage",
        "/home/ada/Google Drive/p.pilotage",
        "/home/ada/onedrive/p.pilotage",
    ];

    #[test]
    fn network_and_cloud_folders_are_refused() {
        for path in REFUSED {
            let verdict = judge_with(Path::new(path), MOUNTS);
            assert!(matches!(verdict, Verdict::Refused(_)), "{path}: {verdict:?}");
        }
    }

    #[test]
    fn local_disks_are_taken_and_unknown_file_systems_doubted() {
        for path in [
            "/home/ada/p.pilotage",
            "/srv/p.pilotage",
            "/home/ada/nfs/local/p.pilotage",
            "/home/ada/nfs-notes/p.pilotage",
            "/media/stick/p.pilotage",
            "/home/ada/vault/p.pilotage",
            "/home/ada/dropboxes/p.pilotage",
            "/home/ada/my-onedrive-notes/p.pilotage",
        ] {
            assert_eq!(judge_with(Path::new(path), MOUNTS), Verdict::Fine, "{path}");
        }
        for path in ["/home/ada/odd/p.pilotage", "/home/ada/plain/p.pilotage"] {
            let verdict = judge_with(Path::new(path), MOUNTS);
            assert!(matches!(verdict, Verdict::Doubtful(_)), "{path}: {verdict:?}");
        }
        assert_eq!(judge_with(Path::new("/anywhere"), ""), Verdict::Fine, "nothing is known");
    }

    /// What looking at the form of a path alone would find.
    #[test]
    fn the_form_of_a_path_does_not_tell_a_network_drive() {
        let by_form = |path: &&&str| path.starts_with("\\\\") || path.starts_with("//");
        let found = REFUSED.iter().filter(by_form).count();
        assert_eq!(found, 0, "negative control: all {} pass unnoticed", REFUSED.len());
    }

    #[test]
    fn this_machine_s_own_folders_are_judged_too() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(accept(&folder.path().join("not/yet/there")).unwrap(), None);
        let cloud = folder.path().join("Dropbox");
        std::fs::create_dir(&cloud).unwrap();
        assert!(matches!(accept(&cloud.join("p")), Err(StoreError::Place(_))));
        #[cfg(unix)]
        {
            let link = folder.path().join("innocent");
            std::os::unix::fs::symlink(&cloud, &link).unwrap();
            let verdict = accept(&link.join("p"));
            assert!(
                matches!(verdict, Err(StoreError::Place(_))),
                "a link leads there: {verdict:?}"
            );
        }
    }
}
