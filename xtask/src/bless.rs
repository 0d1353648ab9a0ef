//! `cargo xtask bless`: accepts the present output as the committed one.
//!
//! Covers `insta` snapshots and the files that tests write when `TIELINE_BLESS` is set, such as
//! `docs/api/openapi.json`. Read the difference before you commit it.

use crate::table::Table;
use crate::{Verdict, artifacts, test, tree};

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
