//! Real peers for the tests, without root and without touching the system.
//!
//! Each peer is a closure of Debian packages, resolved and downloaded by `apt-get` with list, cache and status
//! folders of its own under `target/peers/` (signatures checked with the system's keyring), unpacked with `dpkg -x`
//! into `target/peers/<name>` and run through that folder's own dynamic loader (see `tests/src/peers.rs`). The mirror
//! is the one the machine's own apt configuration names; only the suite differs.
//!
//! `fetch` does nothing for a peer whose stamp file says that it stands as this page asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;

mod apt;
mod asn1tools;
pub(crate) mod chromium;
pub(crate) mod firefox;
mod loader;
mod lock;
pub(crate) mod webkit;

pub(crate) use lock::{Locked, lock_lines};

/// What one peer is made of.
#[derive(Debug)]
struct Recipe {
    /// Name used in tests and as the folder's name.
    name: &'static str,
    /// Debian suite the packages come from.
    suite: &'static str,
    /// Packages asked for; what they depend on comes along.
    packages: &'static [&'static str],
    /// What they depend on is left out: only files are wanted, nothing is run.
    alone: bool,
}

/// Every peer we know, in the order of `all_names`.
const RECIPES: &[Recipe] = &[
    Recipe {
        name: "asterisk22",
        suite: "sid",
        packages: &["asterisk", "asterisk-modules", "asterisk-core-sounds-en-gsm"],
        alone: false,
    },
    Recipe {
        name: "asterisk16",
        suite: "bullseye",
        packages: &["asterisk", "asterisk-modules", "asterisk-core-sounds-en-gsm"],
        alone: false,
    },
    Recipe { name: "baresip", suite: "sid", packages: &["baresip-core"], alone: false },
    Recipe { name: "sipp", suite: "bookworm", packages: &["sip-tester"], alone: false },
    Recipe { name: "postgresql", suite: "bookworm", packages: &["postgresql-15"], alone: false },
    Recipe { name: "slapd", suite: "bookworm", packages: &["slapd"], alone: false },
    Recipe {
        name: "chromium",
        suite: "bookworm",
        packages: &["chromium-headless-shell", "fonts-dejavu-core"],
        alone: false,
    },
    // Another codec for the ASN.1 of CSTA.
    Recipe { name: "asn1tools", suite: "sid", packages: &["python3-asn1tools"], alone: false },
    // A validator of XML schemas.
    Recipe { name: "xmllint", suite: "bookworm", packages: &["libxml2-utils"], alone: false },
    // The browser of the day: what drives it asks for a new one.
    Recipe { name: "firefox", suite: "sid", packages: &["firefox", "fonts-dejavu-core"], alone: false },
    Recipe {
        name: "webkit",
        suite: "sid",
        packages: &[
            "wpewebkit-webdriver",
            "libwpewebkit-2.0-1",
            "libwpebackend-fdo-1.0-1",
            "fonts-dejavu-core",
        ],
        alone: false,
    },
    // Headers for the static build of `cargo xtask package`.
    Recipe { name: "musl", suite: "bookworm", packages: &["musl-dev"], alone: true },
];

/// Raised when a recipe or the way of unpacking changes, so that stale folders are made anew.
const STAMP_VERSION: u32 = 1;

/// Downloads at the same time per suite; mirrors throttle single connections.
const LANES: usize = 4;

/// One peer that stands ready.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    /// The peer's name, as in `fetch`.
    pub(crate) name: String,
    /// `package version` of each package asked for, as resolved.
    pub(crate) resolved: Vec<String>,
    /// True if it stood ready before and nothing was downloaded.
    pub(crate) cached: bool,
}

/// Why a peer could not be had.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// The package source did not answer after three tries: the suites that need it are skipped, loudly.
    Unreachable(String),
    /// Anything else: a bug in a recipe, a full disk, a package that no longer installs.
    Failed(String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "UNREACHABLE: {why}"),
            Self::Failed(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for FetchError {}

/// Names of all peers that tests may need.
pub(crate) fn all_names() -> Vec<&'static str> {
    RECIPES.iter().filter(|recipe| !recipe.alone).map(|recipe| recipe.name).collect()
}

/// Folder that holds all peers: `target/peers` of this workspace.
pub(crate) fn peers_dir() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    target.join("peers")
}

/// Makes every named peer stand ready and prints what was resolved to standard error.
///
/// Suites are worked in parallel; peers that stand already cost one file read. Two processes may call this at the
/// same time: the second waits.
pub(crate) fn fetch(names: &[&str]) -> Result<Vec<Fetched>, FetchError> {
    let mut wanted: BTreeMap<&str, Vec<&'static Recipe>> = BTreeMap::new();
    let mut done = Vec::new();
    let dir = peers_dir();
    fs::create_dir_all(&dir).map_err(|error| failed(&dir, &error))?;
    let guard = File::create(dir.join("lock")).map_err(|error| failed(&dir, &error))?;
    guard.lock().map_err(|error| failed(&dir, &error))?;
    for name in names {
        let recipe = RECIPES.iter().find(|recipe| recipe.name == *name).ok_or_else(|| {
            FetchError::Failed(format!("no peer is called {name:?}; known: {:?}", all_names()))
        })?;
        match standing(&dir, recipe) {
            Some(fetched) => done.push(fetched),
            None => wanted.entry(recipe.suite).or_default().push(recipe),
        }
    }
    let results: Vec<Result<Vec<Fetched>, FetchError>> = thread::scope(|scope| {
        let workers: Vec<_> =
            wanted.iter().map(|(suite, recipes)| scope.spawn(|| fetch_suite(&dir, suite, recipes))).collect();
        workers
            .into_iter()
            .map(|worker| {
                worker.join().unwrap_or_else(|_| Err(FetchError::Failed("a fetching thread died".to_owned())))
            })
            .collect()
    });
    for result in results {
        done.extend(result?);
    }
    report(&done);
    Ok(done)
}

/// The peer as an earlier run left it, if its stamp matches the recipe.
fn standing(dir: &Path, recipe: &Recipe) -> Option<Fetched> {
    let root = dir.join(recipe.name);
    let stamp = fs::read_to_string(root.join(".stamp")).ok()?;
    let mut lines = stamp.lines();
    if lines.next() != Some(&stamp_head(recipe)) {
        return None;
    }
    Some(Fetched {
        name: recipe.name.to_owned(),
        resolved: lines.map(ToOwned::to_owned).collect(),
        cached: true,
    })
}

fn stamp_head(recipe: &Recipe) -> String {
    format!("{STAMP_VERSION} {} {}", recipe.suite, recipe.packages.join(" "))
}

/// Resolves, downloads and unpacks the peers of one suite.
fn fetch_suite(dir: &Path, suite: &str, recipes: &[&'static Recipe]) -> Result<Vec<Fetched>, FetchError> {
    let apt = apt::Apt::open(&dir.join("apt").join(suite), suite)?;
    let mut closures = Vec::new();
    let mut all = BTreeSet::new();
    for recipe in recipes {
        let mut closure = apt.resolve(recipe.packages)?;
        closure.retain(|package| !recipe.alone || package.is_one_of(recipe.packages));
        all.extend(closure.iter().cloned());
        closures.push(closure);
    }
    let all: Vec<apt::Package> = all.into_iter().collect();
    apt.download(&all, LANES)?;
    let mut done = Vec::new();
    for (recipe, closure) in recipes.iter().zip(&closures) {
        done.push(unpack(dir, &apt, recipe, closure)?);
    }
    apt.drop_archives();
    Ok(done)
}

/// Unpacks one closure beside its place and moves it there when whole.
fn unpack(
    dir: &Path,
    apt: &apt::Apt,
    recipe: &Recipe,
    closure: &[apt::Package],
) -> Result<Fetched, FetchError> {
    let root = dir.join(recipe.name);
    let fresh = dir.join(format!("{}.new", recipe.name));
    for old in [&fresh, &root] {
        if old.exists() {
            fs::remove_dir_all(old).map_err(|error| failed(old, &error))?;
        }
    }
    fs::create_dir_all(&fresh).map_err(|error| failed(&fresh, &error))?;
    for package in closure {
        apt.unpack(package, &fresh)?;
    }
    let finished = match recipe.name {
        "chromium" => chromium::finish(&fresh),
        "firefox" => firefox::finish(&fresh),
        "webkit" => webkit::finish(&fresh),
        "asn1tools" => asn1tools::finish(&fresh),
        _ => Ok(()),
    };
    finished.map_err(|error| failed(&fresh, &error))?;
    let resolved: Vec<String> = closure
        .iter()
        .filter(|package| recipe.packages.contains(&package.name.as_str()))
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    let stamp = format!("{}\n{}\n", stamp_head(recipe), resolved.join("\n"));
    fs::write(fresh.join(".stamp"), stamp).map_err(|error| failed(&fresh, &error))?;
    fs::rename(&fresh, &root).map_err(|error| failed(&root, &error))?;
    lock::note_digests(dir, recipe.name, &apt.digests(closure, recipe.packages));
    Ok(Fetched { name: recipe.name.to_owned(), resolved, cached: false })
}

/// Says what stands, and where it differs from the last good versions in `tests/peers.lock`.
fn report(done: &[Fetched]) {
    let locked = Locked::read(&workspace().join("tests/peers.lock"));
    let mut out = io::stderr().lock();
    for peer in done {
        let how = if peer.cached { "stands" } else { "fetched" };
        // A report that cannot be printed is no reason to fail.
        let _ = writeln!(out, "peer {} {how}: {}", peer.name, peer.resolved.join(", "));
        for resolved in &peer.resolved {
            if let Some(known) = locked.differs(&peer.name, resolved) {
                let _ =
                    writeln!(out, "peer {}: the mirror moved on: {resolved}, last good {known}", peer.name);
            }
        }
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

fn failed(path: &Path, error: &io::Error) -> FetchError {
    FetchError::Failed(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_peer_is_named_in_the_error() {
        let error = fetch(&["asterisk11"]).unwrap_err();
        assert!(error.to_string().contains("asterisk11"), "{error}");
        assert!(matches!(error, FetchError::Failed(_)));
    }
}
