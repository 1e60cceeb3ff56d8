//! The system packages, one row each, with the name every system gives them.

use crate::problem::Result;
use crate::process::{Call, Output, find_program};
use std::path::Path;

/// When a package is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Build,
    /// Walking pages and testing, on a machine without a display.
    Headless,
    /// Making and checking packages for Linux.
    Packaging,
}

/// How to see that something is there, on any system.
#[derive(Clone, Copy)]
pub enum Probe {
    /// One of these programs is in `PATH`.
    Program(&'static [&'static str]),
    /// `pkg-config` knows this library.
    Library(&'static str),
    /// Fontconfig answers with this family when asked for it.
    Font(&'static str),
}

/// One thing this workspace needs from the system. `None` where a system needs no such package.
#[derive(Clone, Copy)]
pub struct Need {
    pub scope: Scope,
    pub why: &'static str,
    pub probe: Probe,
    pub debian: &'static str,
    pub fedora: &'static str,
    pub arch: &'static str,
    pub macos: Option<&'static str>,
    pub windows: Option<&'static str>,
}

pub const NEEDS: &[Need] = &[
    Need {
        scope: Scope::Build,
        why: "compiles and links",
        probe: Probe::Program(if cfg!(windows) { &["cl", "link", "rustc"] } else { &["cc"] }),
        debian: "build-essential",
        fedora: "gcc",
        arch: "base-devel",
        macos: Some("xcode-select --install"),
        windows: Some("winget install Microsoft.VisualStudio.2022.BuildTools (C++ workload)"),
    },
    Need {
        scope: Scope::Build,
        why: "finds libraries",
        probe: Probe::Program(&["pkg-config", "pkgconf"]),
        debian: "pkg-config",
        fedora: "pkgconf-pkg-config",
        arch: "pkgconf",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Build,
        why: "the window's web view",
        probe: Probe::Library("webkit2gtk-4.1"),
        debian: "libwebkit2gtk-4.1-dev",
        fedora: "webkit2gtk4.1-devel",
        arch: "webkit2gtk-4.1",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Headless,
        why: "a display in memory",
        probe: Probe::Program(&["Xvfb"]),
        debian: "xvfb",
        fedora: "xorg-x11-server-Xvfb",
        arch: "xorg-server-xvfb",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Headless,
        why: "steers the real window",
        probe: Probe::Program(&["WebKitWebDriver"]),
        debian: "webkit2gtk-driver",
        // dnf finds the package by the file.
        fedora: "/usr/bin/WebKitWebDriver",
        arch: "webkitgtk-6.0",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Headless,
        why: "tests the pages in a browser",
        probe: Probe::Program(&["chromium", "chromium-browser", "google-chrome"]),
        debian: "chromium",
        fedora: "chromium",
        arch: "chromium",
        macos: Some("brew install --cask chromium"),
        windows: Some("winget install Hibbiki.Chromium"),
    },
    Need {
        scope: Scope::Headless,
        why: "the font of the pictures",
        probe: Probe::Font("DejaVu Sans"),
        debian: "fonts-dejavu-core",
        fedora: "dejavu-sans-fonts",
        arch: "ttf-dejavu",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Headless,
        why: "steers the browser",
        probe: Probe::Program(&["chromedriver"]),
        debian: "chromium-driver",
        fedora: "chromedriver",
        arch: "chromium",
        macos: Some("brew install --cask chromedriver"),
        windows: None,
    },
    Need {
        scope: Scope::Headless,
        why: "a bus on which the window's notifications are seen",
        probe: Probe::Program(&["dbus-daemon"]),
        debian: "dbus-daemon",
        fedora: "dbus-daemon",
        arch: "dbus",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Headless,
        why: "reads the simulated cluster, as its users know it",
        probe: Probe::Program(&["kubectl"]),
        debian: "kubernetes-client",
        fedora: "kubernetes-client",
        arch: "kubectl",
        macos: Some("brew install kubectl"),
        windows: Some("winget install Kubernetes.kubectl"),
    },
    Need {
        scope: Scope::Packaging,
        why: "makes an .rpm",
        probe: Probe::Program(&["rpmbuild"]),
        debian: "rpm",
        fedora: "rpm-build",
        arch: "rpm-tools",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Packaging,
        why: "unpacks an .rpm",
        probe: Probe::Program(&["rpm2cpio"]),
        debian: "rpm2cpio",
        fedora: "rpm",
        arch: "rpm-tools",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Packaging,
        why: "unpacks an .rpm",
        probe: Probe::Program(&["cpio"]),
        debian: "cpio",
        fedora: "cpio",
        arch: "cpio",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Packaging,
        why: "installs a .deb into a folder",
        probe: Probe::Program(&["fakeroot"]),
        debian: "fakeroot",
        fedora: "fakeroot",
        arch: "fakeroot",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Packaging,
        why: "checks the desktop entry",
        probe: Probe::Program(&["desktop-file-validate"]),
        debian: "desktop-file-utils",
        fedora: "desktop-file-utils",
        arch: "desktop-file-utils",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Packaging,
        why: "checks the description for software centres",
        probe: Probe::Program(&["appstreamcli"]),
        debian: "appstream",
        fedora: "appstream",
        arch: "appstream",
        macos: None,
        windows: None,
    },
    Need {
        scope: Scope::Packaging,
        why: "sets man pages",
        probe: Probe::Program(&["man"]),
        debian: "man-db",
        fedora: "man-db",
        arch: "man-db",
        macos: None,
        windows: None,
    },
];

impl Need {
    /// Whether it can be seen here, however it was installed.
    pub fn found(&self, folder: &Path) -> Result<bool> {
        match self.probe {
            Probe::Program(names) => Ok(find_program(names).is_some()),
            Probe::Library(name) => {
                if find_program(&["pkg-config"]).is_none() {
                    return Ok(false);
                }
                let asked = Call::new("pkg-config", folder).arguments(["--exists", name]);
                Ok(asked.finish(Output::Silent)?.success)
            }
            Probe::Font(family) => {
                if find_program(&["fc-match"]).is_none() {
                    return Ok(false);
                }
                let asked = Call::new("fc-match", folder).arguments(["--format=%{family}", family]);
                Ok(asked.finish(Output::Silent)?.stdout.contains(family))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_does_not_exist_is_not_found() {
        let need = Need { probe: Probe::Library("no-such-library"), ..NEEDS[0] };
        assert!(
            !need.found(Path::new("/")).expect("an answer"),
            "pkg-config knows no such library"
        );
    }
}
