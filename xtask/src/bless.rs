//! `cargo xtask bless`: accepts the present output as the committed one.
//!
//! Covers `insta` snapshots, the files that tests write when `TIELINE_BLESS` is set, such as `docs/api/openapi.json` and
//! pictures of the desk, and the REST types of the desk. Read the difference before you commit it.

use crate::table::Table;
use crate::test::{needs, ui};
use crate::{Verdict, artifacts, check, desk, peers, test, tree};

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

/// Settings under which what comes out is taken as right.
const BLESSING: [(&str, &str); 2] = [("INSTA_UPDATE", "always"), ("TIELINE_BLESS", "1")];

/// Makes the REST types of the desk anew.
pub(crate) fn types() -> Verdict {
    check::desk::bless_types(&tree::top())?;
    Ok(true)
}

/// Runs a suite of the desk, with blessing on.
fn run_ui(suite: &ui::UiSuite) -> Verdict {
    let top = tree::top();
    let fetching = needs::fetch(&peers::all_names());
    let desk = desk::start(&top);
    let Some(built) = artifacts::build(&top)? else {
        return Ok(false);
    };
    let row = ui::run(suite, &top, &built, &desk.join(), &fetching.join()?, &BLESSING)?;
    let table = Table { rows: vec![row] };
    println!("\n{table}");
    Ok(table.is_green(false))
}

/// Runs the suites that need no peer, or the one named, with blessing on. The types of the desk follow the description
/// of the API.
pub(crate) fn run(only: Option<&str>) -> Verdict {
    if let Some(suite) = ui::SUITES.iter().find(|suite| only == Some(suite.name)) {
        return run_ui(suite);
    }
    let top = tree::top();
    let Some(built) = artifacts::build(&top)? else {
        return Ok(false);
    };
    let mut table = Table::default();
    for suite in test::plan::suites(&built)? {
        let is_wanted = only.map_or_else(|| suite.need.is_none(), |name| suite.name == name);
        if is_wanted {
            table.rows.push(test::run_suite(&suite, &built, &BLESSING)?);
        }
    }
    if let Err(error) = check::desk::bless_types(&top) {
        println!("the REST types of the desk are as they were: {error}");
    }
    check::bless_switches()?;
    println!("\n{table}");
    Ok(table.is_green(false))
}
