//! Versions as tools print them.

/// Major, minor, patch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version(u32, u32, u32);

impl Version {
    /// Reads `v20.19.1`; what follows the patch number (`-nightly`) is left out.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let mut parts = text.splitn(3, '.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        let patch = parts.next()?;
        let end = patch.find(|c: char| !c.is_ascii_digit()).unwrap_or(patch.len());
        Some(Self(major, minor, patch[..end].parse().ok()?))
    }

    /// The range of Vite 8, which builds the pages.
    pub fn runs_the_ui_build(self) -> bool {
        match self.0 {
            20 => self >= Self(20, 19, 0),
            22 => self >= Self(22, 12, 0),
            major => major > 22,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let check = |text, expect| assert_eq!(Version::parse(text), expect, "{text}");
        check("v20.20.2\n", Some(Version(20, 20, 2)));
        check("24.0.0-nightly2025", Some(Version(24, 0, 0)));
        check("v20", None);
        check("", None);
        check("v20.x.1", None);
    }

    #[test]
    fn an_old_node_is_refused() {
        let check = |text, expect| {
            let version = Version::parse(text).expect(text);
            assert_eq!(version.runs_the_ui_build(), expect, "{text}");
        };
        check("v18.20.0", false);
        check("v20.9.0", false);
        check("v20.18.3", false);
        check("v20.19.0", true);
        check("v21.7.0", false);
        check("v22.11.0", false);
        check("v22.12.0", true);
        check("v24.1.0", true);
    }
}
