//! Packages for Debian, Ubuntu and what descends from them, by Debian's own tools: `dpkg-shlibdeps`
//! reads from a program which packages it needs, `dpkg-deb` packs.

use super::contents::{COMMAND_LINE, DESKTOP, Package, folded};
use super::release::Release;
use super::stage;
use crate::problem::{Doing as _, Result};
use crate::process::{Call, Output};
use crate::workspace::{Workspace, create_folder};
use std::fs;
use std::path::{Path, PathBuf};

/// Packs the staged tree of `package` into `out`; says where it is.
pub fn pack(
    workspace: &Workspace,
    release: &Release,
    package: &Package,
    tree: &Path,
    out: &Path,
) -> Result<PathBuf> {
    let architecture = architecture(workspace)?;
    let control = Control {
        release,
        package,
        architecture: &architecture,
        depends: depends(release, package, tree)?,
        kilobytes: kilobytes(tree)?,
    };
    let sums = sums(package, tree)?;
    let folder = tree.join("DEBIAN");
    create_folder(&folder)?;
    for (name, text) in [("control", control.text()), ("md5sums", sums)] {
        let path = folder.join(name);
        fs::write(&path, text).doing(format_args!("write {}", path.display()))?;
        stage::set_mode(&path, 0o644)?;
    }
    stage::settle(tree, release.moment)?;
    let version = release.package_version();
    let file = out.join(format!("{}_{version}_{architecture}.deb", package.name));
    Call::new("dpkg-deb", workspace.root())
        .arguments(["--root-owner-group", "-Zxz", "--build"])
        .arguments([tree, &file])
        .environment("SOURCE_DATE_EPOCH", release.moment.to_string())
        .run(Output::Silent)?;
    Ok(file)
}

/// Says whether this system can.
pub fn require() -> Result<()> {
    let why = "a .deb is made on Debian or Ubuntu, whose lists say which packages a program needs \
               (package dpkg-dev)";
    ["dpkg-deb", "dpkg-shlibdeps", "gzip"].iter().try_for_each(|name| stage::require(name, why))
}

struct Control<'a> {
    release: &'a Release,
    package: &'a Package,
    architecture: &'a str,
    depends: String,
    kilobytes: u64,
}

impl Control<'_> {
    fn text(&self) -> String {
        let Package { name, summary, description, section, .. } = self.package;
        let related = if self.package.is_desktop() {
            // Opens links of the checklist in the browser.
            "Recommends: xdg-utils\n".to_owned()
        } else {
            // Not recommended: apt installs that by default, and a server wants no web view.
            format!("Suggests: {DESKTOP}\n")
        };
        format!(
            "Package: {name}\nVersion: {}\nArchitecture: {}\nMaintainer: {}\nInstalled-Size: {}\n\
             Depends: {}\n{related}Section: {section}\nPriority: optional\nDescription: {summary}\n{}\n",
            self.release.package_version(),
            self.architecture,
            self.release.maintainer,
            self.kilobytes,
            self.depends,
            folded(description, " "),
        )
    }
}

/// Read from the program itself. The window and the command line write the same file, so they are
/// of one version.
fn depends(release: &Release, package: &Package, tree: &Path) -> Result<String> {
    // The tool reads a source package's control file, of which it wants the first lines.
    let folder = tree.with_extension("depends");
    stage::clear(&folder.join("debian"))?;
    let control = format!("Source: pilotage\n\nPackage: {}\nArchitecture: any\n", package.name);
    fs::write(folder.join("debian/control"), control).doing("write a control file")?;
    let program = tree.join("usr/bin").join(package.name);
    let answer = Call::new("dpkg-shlibdeps", &folder)
        .arguments(["-O".as_ref(), "-e".as_ref(), program.as_os_str()])
        .run(Output::Silent)?;
    fs::remove_dir_all(&folder).doing("clear a folder")?;
    let found = answer.stdout.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    let mut depends: Vec<String> = found.map(str::to_owned).into_iter().collect();
    if package.is_desktop() {
        depends.insert(0, format!("{COMMAND_LINE} (= {})", release.package_version()));
    }
    Ok(depends.join(", "))
}

fn architecture(workspace: &Workspace) -> Result<String> {
    let asked = Call::new("dpkg", workspace.root()).arguments(["--print-architecture"]);
    Ok(asked.run(Output::Silent)?.stdout.trim().to_owned())
}

fn kilobytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).doing(format_args!("read {}", folder.display()))? {
        let path = entry.doing("read a folder")?.path();
        sum += if path.is_dir() {
            1 + kilobytes(&path)?
        } else {
            fs::metadata(&path).doing("measure a file")?.len().div_ceil(1024)
        };
    }
    Ok(sum)
}

fn sums(package: &Package, tree: &Path) -> Result<String> {
    let mut paths: Vec<&str> = package.entries.iter().map(|entry| entry.path.as_str()).collect();
    paths.sort_unstable();
    Ok(Call::new("md5sum", tree).arguments(paths).run(Output::Silent)?.stdout)
}
