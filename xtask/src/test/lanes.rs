//! Suites run in two lanes side by side, each lane one suite after the other.
//!
//! - *peers*: real switches and databases. These suites wait for phones that ring and clocks that run, and hardly
//!   compute; behind them the packages are built, which computes only and yields to everybody.
//! - *own*: everything else, the browser last.
//!
//! On two cores this is worth eight minutes; a third lane would make the browser tell lies about time.

use std::io;
use std::thread;

use super::plan::Suite;
use super::postgres::Postgres;
use super::{Floor, packaged, run_doc_tests, run_suite, skipped, ui};
use crate::table::Row;

/// Runs all that is wanted; the rows are those of the own lane, then those of the peers.
pub(super) fn run(
    floor: &Floor<'_>,
    suites: &[Suite],
    is_wanted: &(impl Fn(&str) -> bool + Sync),
) -> io::Result<Vec<Row>> {
    thread::scope(|scope| {
        let peers = scope.spawn(|| {
            let mut rows = Vec::new();
            for suite in suites.iter().filter(|suite| suite.need.is_some()) {
                rows.push(with_peer(floor, suite)?);
            }
            if is_wanted(packaged::NAME) {
                rows.push(packaged::run(floor.top, floor.desk));
            }
            Ok::<_, io::Error>(rows)
        });
        let mut rows = Vec::new();
        for suite in suites.iter().filter(|suite| suite.need.is_none()) {
            rows.push(run_suite(suite, floor.built, &[])?);
        }
        for suite in ui::SUITES.iter().filter(|suite| is_wanted(suite.name)) {
            rows.push(ui::run(suite, floor.top, floor.built, floor.desk, floor.peers, &[])?);
        }
        if is_wanted("doc") {
            rows.push(run_doc_tests(floor.top)?);
        }
        rows.extend(peers.join().map_err(|_panic| io::Error::other("the lane of the peers died"))??);
        Ok(rows)
    })
}

fn with_peer(floor: &Floor<'_>, suite: &Suite) -> io::Result<Row> {
    if let Some(note) = floor.peers.lack_of(suite.need) {
        return Ok(skipped(suite, note));
    }
    if suite.need.is_some_and(|need| need.word == "postgres") {
        let server = Postgres::start()?;
        return run_suite(suite, floor.built, &[("TIELINE_TEST_PG_URL", &server.url)]);
    }
    run_suite(suite, floor.built, &[])
}
