//! `cargo xtask bless`: accepts the present output as the committed one.
//!
//! Covers `insta` snapshots and the files that tests write when `TIELINE_BLESS` is set, such as
//! `docs/api/openapi.json`. Read the difference before you commit it.

use crate::table::Table;
use crate::{Verdict, artifacts, peers, test, tree};

const LOCK: &str = "tests/peers.lock";
const LOCK_HEAD: &str = "\
# The peers as they were last good: peer, package, version, sha256.
# Written by `cargo xtask bless peers`; a mirror that has moved on is told, not refused.
";

/// Writes the versions of the peers as they stand now, fetching those that are missing.
pub(crate) fn lock_peers() -> Verdict {
    peers::fetch(&peers::all_names())?;
    let lines = peers::lock_lines(&peers::peers_dir());
    std::fs::write(tree::top().join(LOCK), format!("{LOCK_HEAD}{}\n", lines.join("\n")))?;
    println!("{LOCK}: {} packages", lines.len());
    Ok(true)
}

/// Runs the suites that need no peer, or the one named, with blessing on.
pub(crate) fn run(only: Option<&str>) -> Verdict {
    let top = tree::top();
    let Some(built) = artifacts::build(&top)? else {
        return Ok(false);
    };
    let mut table = Table::default();
    for suite in test::plan::suites(&built)? {
        let is_wanted = only.map_or_else(|| suite.need.is_none(), |name| suite.name == name);
        if is_wanted {
            let settings = [("INSTA_UPDATE", "always"), ("TIELINE_BLESS", "1")];
            table.rows.push(test::run_suite(&suite, &built, &settings)?);
        }
    }
    println!("\n{table}");
    Ok(table.is_green(false))
}
