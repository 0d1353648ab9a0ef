//! `tests/peers.lock`: the versions the suites last passed with, one line `peer package version sha256` each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The last good versions by (peer, package).
#[derive(Debug, Default)]
pub(crate) struct Locked {
    versions: BTreeMap<(String, String), String>,
}

impl Locked {
    /// Reads the file; a missing one is empty. Lines starting with `#` are remarks.
    pub(crate) fn read(path: &Path) -> Self {
        Self::parse(&fs::read_to_string(path).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let rows = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let mut words = line.split_whitespace();
            let key = (words.next()?.to_owned(), words.next()?.to_owned());
            Some((key, words.next()?.to_owned()))
        });
        Self { versions: rows.collect() }
    }

    /// The last good version if `package version` of this peer is another one.
    pub(crate) fn differs(&self, peer: &str, resolved: &str) -> Option<&str> {
        let (package, version) = resolved.split_once(' ')?;
        let known = self.versions.get(&(peer.to_owned(), package.to_owned()))?;
        (known != version).then_some(known.as_str())
    }
}

/// Keeps the digests of what was just fetched beside the peers, for `lock_lines`.
pub(super) fn note_digests(dir: &Path, peer: &str, digests: &[String]) {
    let lines: Vec<String> = digests.iter().map(|digest| format!("{peer} {digest}")).collect();
    // The lock file is made from these notes by hand or by `bless`; a peer works without them.
    let _ = fs::write(dir.join(format!("{peer}.digests")), lines.join("\n") + "\n");
}

/// Lines for `tests/peers.lock` as the peers stand now: what `cargo xtask bless` writes.
pub(crate) fn lock_lines(dir: &Path) -> Vec<String> {
    let files = super::all_names().into_iter().map(|peer| dir.join(format!("{peer}.digests")));
    let texts = files.filter_map(|file| fs::read_to_string(file).ok());
    texts.flat_map(|text| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_version_is_told_apart_from_a_known_one() {
        let locked = Locked::parse("# remark\nsipp sip-tester 1:3.6.1-1 00ff\n");
        assert_eq!(locked.differs("sipp", "sip-tester 1:3.6.1-1"), None);
        assert_eq!(locked.differs("sipp", "sip-tester 1:3.7.0-1"), Some("1:3.6.1-1"));
        assert_eq!(locked.differs("other", "sip-tester 1:3.7.0-1"), None);
    }
}
