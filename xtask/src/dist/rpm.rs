//! Packages for Fedora and its kin, by `rpmbuild`, which reads from a program which libraries it
//! needs and names them in a way that holds on every such system.

use super::contents::{COMMAND_LINE, DESKTOP, Package, files, folded, name};
use super::release::Release;
use super::stage;
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::{Workspace, create_folder};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Packs the staged tree, which holds the files of all `packages`, into `out`; says where they are.
pub fn pack(
    workspace: &Workspace,
    release: &Release,
    packages: &[Package],
    tree: &Path,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    stage::settle(tree, release.moment)?;
    let work = tree.with_extension("work");
    stage::clear(&work)?;
    let specification = work.join("pilotage.spec");
    fs::write(&specification, spec(release, packages, tree)).doing("write pilotage.spec")?;
    let built = work.join("built");
    create_folder(&built)?;
    let define = |name: &str, value: &Path| format!("{name} {}", value.display());
    Call::new("rpmbuild", workspace.root())
        .arguments(["-bb", "--quiet", "--define"])
        .arguments([define("_topdir", &work)])
        .arguments(["--define".to_owned(), define("_rpmdir", &built)])
        .arguments(["--buildroot".as_ref(), work.join("root").as_os_str()])
        .arguments([&specification])
        .environment("SOURCE_DATE_EPOCH", release.moment.to_string())
        .run(Output::Silent)?;
    // It makes a folder for each architecture; there is one.
    let mut made = Vec::new();
    for folder in files(&built)? {
        made.extend(files(&folder)?);
    }
    let mut packed = Vec::new();
    for package in packages {
        let start = format!("{}-{}-", package.name, release.package_version());
        let file = made.iter().find(|file| name(file).starts_with(&start));
        let file = file.ok_or_else(|| Problem::new(format!("rpmbuild wrote no {start}*.rpm")))?;
        let target = out.join(name(file));
        fs::copy(file, &target).doing(format_args!("copy {}", file.display()))?;
        packed.push(target);
    }
    fs::remove_dir_all(&work).doing(format_args!("clear {}", work.display()))?;
    Ok(packed)
}

/// Says whether this system can.
pub fn require() -> Result<()> {
    let why = "it makes an .rpm (Debian: package rpm; Fedora: rpm-build)";
    ["rpmbuild", "gzip"].iter().try_for_each(|name| stage::require(name, why))
}

fn spec(release: &Release, packages: &[Package], tree: &Path) -> String {
    // Everything is built and stripped already; and nothing of this machine goes in.
    let mut text = format!(
        "%global debug_package %{{nil}}\n%global __os_install_post %{{nil}}\n\
         %global _build_id_links none\n%global _buildhost localhost\n\
         %global use_source_date_epoch_as_buildtime 1\n\
         %global clamp_mtime_to_source_date_epoch 1\n%global _binary_payload w6.xzdio\n\
         Version: {}\nRelease: 1\nLicense: MIT OR Apache-2.0\nPackager: {}\n",
        release.package_version(),
        release.maintainer,
    );
    for package in packages {
        let option = if package.is_desktop() { format!(" -n {DESKTOP}") } else { String::new() };
        if package.is_desktop() {
            let _ = writeln!(text, "%package{option}");
        } else {
            let _ = writeln!(text, "Name: {}", package.name);
        }
        let _ = writeln!(text, "Summary: {}", capital(package.summary));
        if package.is_desktop() {
            let _ = writeln!(text, "Requires: {COMMAND_LINE} = %{{version}}-%{{release}}");
            let _ = writeln!(text, "Recommends: xdg-utils");
        } else {
            let _ = writeln!(text, "Suggests: {DESKTOP}");
        }
        let _ = writeln!(text, "%description{option}\n{}\n", folded(package.description, ""));
    }
    let _ = writeln!(text, "%install\ncp -a '{}/.' '%{{buildroot}}/'\n", tree.display());
    for package in packages {
        let option = if package.is_desktop() { format!(" -n {DESKTOP}") } else { String::new() };
        let _ = writeln!(text, "%files{option}");
        for folder in ["doc", "licenses"] {
            let _ =
                writeln!(text, "%dir %attr(0755, root, root) /usr/share/{folder}/{}", package.name);
        }
        for entry in &package.entries {
            let kind = if entry.path.starts_with("usr/share/licenses/") {
                "%license "
            } else if entry.path.starts_with("usr/share/doc/") {
                "%doc "
            } else {
                ""
            };
            let _ = writeln!(text, "%attr({:04o}, root, root) {kind}/{}", entry.mode, entry.path);
        }
    }
    text
}

/// Such systems begin a summary with a capital, Debian does not.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}
