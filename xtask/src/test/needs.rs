//! Which cases need which real peers, and which of those are here.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use crate::peers::{self, FetchError};
use crate::table::Note;
use crate::tree;

/// A word in a test's path that stands for real programs, such as `asterisk22` in
/// `asterisk22::queues::ring_all`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// The module name that marks the cases.
    pub(crate) word: &'static str,
    peers: &'static [&'static str],
    /// The data of the standards, too, which may not be part of the repository.
    data: bool,
}

const NEEDS: &[Need] = &[
    Need { word: "asterisk22", peers: &["asterisk22", "sipp", "baresip"], data: false },
    Need { word: "asterisk16", peers: &["asterisk16", "sipp", "baresip"], data: false },
    Need { word: "postgres", peers: &["postgresql"], data: false },
    Need { word: "standards", peers: &[], data: true },
    // Its Python is all that is needed of it.
    Need { word: "python3", peers: &["asn1tools"], data: false },
    Need { word: "asn1tools", peers: &["asn1tools"], data: true },
];

/// What the case with this path needs: a module named after the need, or `<need>_…`.
///
/// Recorded traces are replayed with or without the peer they came from, so nothing below a
/// first module `replay` needs one.
pub(crate) fn of_case(path: &str) -> Option<&'static Need> {
    let (modules, _case) = path.rsplit_once("::")?;
    if modules.split("::").next() == Some("replay") {
        return None;
    }
    NEEDS.iter().find(|need| modules.split("::").any(|module| need.is_meant_by(module)))
}

impl Need {
    fn is_meant_by(&self, module: &str) -> bool {
        let rest = module.strip_prefix(self.word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    }
}

/// Why a peer is not here.
#[derive(Debug, Clone)]
pub(crate) enum Absence {
    /// Its package source is gone after three tries.
    Unreachable(String),
    /// Anything else.
    Failed(String),
}

impl Absence {
    /// What the table says of a suite that lacks it.
    pub(crate) fn note(&self) -> Note {
        match self {
            Self::Unreachable(reason) => Note::Unreachable(reason.clone()),
            Self::Failed(reason) => Note::Skipped(reason.clone()),
        }
    }
}

impl From<FetchError> for Absence {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unreachable(reason) => Self::Unreachable(reason),
            FetchError::Failed(reason) => Self::Failed(reason),
        }
    }
}

/// The peers that were asked for and are not here.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    pub(crate) absent: BTreeMap<&'static str, Absence>,
    /// Why the data of the standards are not here.
    data: Option<String>,
}

impl Peers {
    /// What keeps the cases with this need from running here; `None` when they can.
    pub(crate) fn lack_of(&self, need: Option<&Need>) -> Option<Note> {
        let need = need?;
        if let Some(why) = self.data.as_ref().filter(|_| need.data) {
            return Some(Note::Elsewhere(why.clone()));
        }
        need.peers.iter().find_map(|peer| self.absent.get(peer)).map(Absence::note)
    }
}

/// A fetch that goes on while the workspace is built.
#[derive(Debug)]
pub(crate) struct Fetching(JoinHandle<Peers>);

impl Fetching {
    /// Waits for the end of the fetch.
    pub(crate) fn join(self) -> io::Result<Peers> {
        self.0.join().map_err(|_panic| io::Error::other("the thread that fetches the peers died"))
    }
}

/// Starts to fetch these peers.
pub(crate) fn fetch(names: &[&'static str]) -> Fetching {
    let names = names.to_vec();
    Fetching(thread::spawn(move || {
        let data = match standards() {
            Some(_) => None,
            None => Some(format!("no {STANDARDS} beside or above the repository")),
        };
        let Err(error) = peers::fetch(&names) else {
            return Peers { absent: BTreeMap::new(), data };
        };
        eprintln!("not every peer is here: {error}");
        // All at once is quickest; one by one tells which of them is missing.
        let absent = names.into_iter().filter_map(|name| Some((name, peers::fetch(&[name]).err()?.into())));
        Peers { absent: absent.collect(), data }
    }))
}

/// Where the data of the standards are, below a folder above the repository.
const STANDARDS: &str = "shared/reference/standards";

/// The data of the standards: named by `TIELINE_STANDARDS`, or beside or above the repository. They are others' work
/// and never copied into it.
pub(crate) fn standards() -> Option<PathBuf> {
    let named = std::env::var_os("TIELINE_STANDARDS").map(PathBuf::from);
    let top = tree::top();
    let above = top.ancestors().map(|folder| folder.join(STANDARDS));
    named.into_iter().chain(above).find(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_may_not_be_in_the_repository_count_before_the_peer() {
        let peers = Peers {
            absent: BTreeMap::from([("asn1tools", Absence::Failed("full".to_owned()))]),
            data: Some("not here".to_owned()),
        };
        let lack = |path| peers.lack_of(of_case(path));
        assert!(matches!(lack("asn1tools::reads"), Some(Note::Elsewhere(_))));
        assert!(matches!(lack("standards::fits"), Some(Note::Elsewhere(_))));
        assert_eq!(lack("postgres::appends"), None);
        let here = Peers { data: None, ..peers };
        assert!(matches!(here.lack_of(of_case("asn1tools::reads")), Some(Note::Skipped(_))));
        assert_eq!(here.lack_of(of_case("standards::fits")), None);
    }

    fn word(path: &str) -> Option<&'static str> {
        of_case(path).map(|need| need.word)
    }

    #[test]
    fn a_module_names_the_need() {
        assert_eq!(word("asterisk22::queues::ring_all"), Some("asterisk22"));
        assert_eq!(word("asterisk22_freepbx::ring_all"), Some("asterisk22"));
        assert_eq!(word("journal::postgres::appends"), Some("postgres"));
    }

    #[test]
    fn case_names_and_recordings_need_nothing() {
        assert_eq!(word("config::postgres_url_is_read"), None);
        assert_eq!(word("replay::asterisk16::same_events"), None);
        assert_eq!(word("postgresql::quoting"), None);
    }

    #[test]
    fn every_needed_peer_can_be_fetched() {
        let known = peers::all_names();
        for peer in NEEDS.iter().flat_map(|need| need.peers) {
            assert!(known.contains(peer), "{peer} is not in {known:?}");
        }
    }
}
