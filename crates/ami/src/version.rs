//! Versions: the banner's and Asterisk's own.
//!
//! The banner names the version of the protocol, which says little about what the switch does; nothing here or
//! elsewhere branches on it. What matters is `AsteriskVersion` of `CoreSettings`, and often only whether a header
//! is there.

use std::fmt;

/// Version of Asterisk, ordered. Built from `AsteriskVersion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Branch: 16, 18, 20, 22, …
    pub major: u32,
    /// Release within the branch.
    pub minor: u32,
    /// Patch of the release.
    pub patch: u32,
}

impl Version {
    /// A version by its numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `22.10.0`, `16.28.0~dfsg-0+deb11u4`, `certified/20.7-cert3`, `Asterisk 18.9.0`. Builds from a
    /// development branch carry no number and give `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.split([' ', '/']).find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let mut numbers = word.splitn(3, '.').map(leading_number);
        let major = numbers.next()??;
        let minor = numbers.next().flatten().unwrap_or(0);
        let patch = numbers.next().flatten().unwrap_or(0);
        Some(Self { major, minor, patch })
    }

    /// Tells whether `Filter` knows `MatchCriteria` in this release. Trying it tells nothing: older releases answer
    /// `Success` to a filter they do not understand.
    pub const fn has_fast_filters(self) -> bool {
        match self.major {
            18 => self.minor >= 26,
            20 => self.minor >= 11,
            21 => self.minor >= 6,
            22 => self.minor >= 1,
            other => other > 22,
        }
    }

    /// Tells whether the right `originate` amounts to shell access (CVE-2024-42365, fixed in 18.24.2, 20.9.2
    /// and 21.4.2; older branches never got the fix).
    pub const fn originate_reaches_shell(self) -> bool {
        let (minor, patch) = (self.minor, self.patch);
        match self.major {
            18 => minor < 24 || (minor == 24 && patch < 2),
            20 => minor < 9 || (minor == 9 && patch < 2),
            21 => minor < 4 || (minor == 4 && patch < 2),
            other => other < 22,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// The protocol version in a banner (`Asterisk Call Manager/11.0.0`), for show only.
pub fn banner_version(banner: &str) -> Option<&str> {
    banner.rsplit_once('/').map(|(_, version)| version.trim()).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_sorts_of_builds_are_read() {
        for (text, version) in [
            ("22.10.0", Some(Version::new(22, 10, 0))),
            ("16.28.0~dfsg-0+deb11u4", Some(Version::new(16, 28, 0))),
            ("certified/20.7-cert3", Some(Version::new(20, 7, 0))),
            ("certified-20.7-cert3", None),
            ("Asterisk 18.24.1", Some(Version::new(18, 24, 1))),
            ("GIT-master-abc", None),
            ("", None),
        ] {
            assert_eq!(Version::parse(text), version, "{text}");
        }
        assert!(Version::new(20, 9, 2) > Version::new(20, 9, 1));
    }

    #[test]
    fn fast_filters_came_to_each_branch_at_its_own_release() {
        let has = |major, minor| Version::new(major, minor, 0).has_fast_filters();
        assert_eq!(
            [
                has(16, 30),
                has(18, 25),
                has(18, 26),
                has(20, 10),
                has(20, 11),
                has(22, 0),
                has(22, 1),
                has(23, 0)
            ],
            [false, false, true, false, true, false, true, true]
        );
    }

    #[test]
    fn unpatched_releases_are_told() {
        let open = |major, minor, patch| Version::new(major, minor, patch).originate_reaches_shell();
        assert!(open(16, 28, 0) && open(18, 24, 1) && open(20, 9, 1) && open(21, 4, 1));
        assert!(
            !open(18, 24, 2) && !open(20, 9, 2) && !open(21, 4, 2) && !open(22, 0, 0) && !open(20, 10, 0)
        );
    }

    #[test]
    fn the_banner_names_the_protocol_only() {
        assert_eq!(banner_version("Asterisk Call Manager/11.0.0"), Some("11.0.0"));
        assert_eq!(banner_version("Asterisk Call Manager"), None);
    }
}
