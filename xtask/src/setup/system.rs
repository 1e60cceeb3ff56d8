//! Which system this is, and what to type on it.

use super::packages::Need;
use crate::process::find_program;
use std::fs;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum System {
    /// Debian, Ubuntu and what descends from them: `apt-get` and `dpkg-query` exist.
    Debian,
    Fedora,
    Arch,
    OtherLinux,
    Macos,
    Windows,
}

impl System {
    /// The system this runs on.
    pub fn here() -> Self {
        if cfg!(windows) {
            return Self::Windows;
        }
        if cfg!(target_os = "macos") {
            return Self::Macos;
        }
        if find_program(&["apt-get"]).is_some() && find_program(&["dpkg-query"]).is_some() {
            return Self::Debian;
        }
        Self::from_release(&fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    /// What this system calls it, or `None` where it needs no such package.
    pub fn package_of(self, need: &Need) -> Option<&'static str> {
        match self {
            // Elsewhere on Linux, Debian's names are the best known.
            Self::Debian | Self::OtherLinux => Some(need.debian),
            Self::Fedora => Some(need.fedora),
            Self::Arch => Some(need.arch),
            Self::Macos => need.macos,
            Self::Windows => need.windows,
        }
    }

    /// What to install, in the words of this system.
    pub fn instructions(self, missing: &[&Need]) -> String {
        let named = missing.iter().filter_map(|need| Some((self.package_of(need)?, need.why)));
        let list: Vec<String> =
            named.clone().map(|(name, why)| format!("  {name} ({why})")).collect();
        let packages: Vec<&str> = named.map(|(name, _)| name).collect();
        let (command, separator) = match self {
            Self::Debian => ("sudo apt-get install ", " "),
            Self::Fedora => ("sudo dnf install ", " "),
            Self::Arch => ("sudo pacman -S --needed ", " "),
            Self::OtherLinux => ("install, under the names of your system: ", ", "),
            Self::Macos | Self::Windows => ("", "\n  "),
        };
        format!(
            "something is missing on this system:\n{}\nInstall it, then start again:\n  {command}{}",
            list.join("\n"),
            packages.join(separator)
        )
    }

    fn from_release(text: &str) -> Self {
        let words: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
            .flat_map(|value| value.trim_matches('"').split_whitespace())
            .collect();
        match () {
            () if words.contains(&"fedora") => Self::Fedora,
            () if words.contains(&"arch") => Self::Arch,
            () => Self::OtherLinux,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packages::NEEDS;
    use super::*;

    #[test]
    fn systems_are_told_apart() {
        let check = |text, expect| assert_eq!(System::from_release(text), expect, "{text}");
        check("NAME=Fedora\nID=fedora\n", System::Fedora);
        check("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", System::Fedora);
        check("ID=endeavouros\nID_LIKE=arch\n", System::Arch);
        check("ID=alpine\n", System::OtherLinux);
        check("", System::OtherLinux);
    }

    #[test]
    fn instructions_name_every_missing_package() {
        let needs: Vec<&Need> = NEEDS.iter().collect();
        let check = |system: System, expect: &str| {
            let text = system.instructions(&needs);
            assert!(text.contains(expect), "{system:?}: {text}");
        };
        check(
            System::Debian,
            "sudo apt-get install build-essential pkg-config libwebkit2gtk-4.1-dev",
        );
        check(System::Fedora, "sudo dnf install gcc pkgconf-pkg-config webkit2gtk4.1-devel");
        check(System::Arch, "sudo pacman -S --needed base-devel pkgconf webkit2gtk-4.1");
        check(System::Macos, "xcode-select --install");
        check(System::Windows, "winget install");
        check(System::OtherLinux, "xvfb");
    }
}
