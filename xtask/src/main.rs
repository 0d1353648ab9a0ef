//! The only build glue: `cargo xtask check | test | demo | package | bless | soak`.
//!
//! No dependencies, so it builds in seconds on a fresh machine. Every other
//! program it starts runs in a process group of its own and is gone when the
//! command ends (see [`process`]).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a build tool talks to the person at the terminal"
)]

mod artifacts;
mod bless;
mod check;
mod desk;
mod package;
mod peers;
mod process;
mod programs;
mod table;
mod test;
mod tree;

use std::process::ExitCode;

use package::Profile;

/// What every command gives back: did it prove what it was asked to prove?
type Verdict = Result<bool, Box<dyn std::error::Error>>;

const USAGE: &str = "\
cargo xtask check          format, lints, tidiness, arrows, bans, requirement rows, the desk
cargo xtask test [SUITE…]  every suite with its real peers, or those named; ends with one table
cargo xtask demo           the desk with calls that come by themselves, on the simulated switch
cargo xtask demo asterisk  the daemon on a real Asterisk, calls shown in the terminal
cargo xtask package        a Debian package and a static archive, in target/package
cargo xtask package trial  the same from a quick build, to try the packing
cargo xtask bless [SUITE]  accept the present output as the committed snapshots
cargo xtask bless peers    accept the versions of the peers as they stand now
cargo xtask bless types    make the REST types of the desk anew
cargo xtask bless switches write which story is proven on which switch (docs/switches.md)
cargo xtask soak [NAME]    long runs outside CI; without a name, which there are
cargo xtask soak world [MIN] seeded worlds over the core alone, ten minutes or as long as said";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let verdict = match words.as_slice() {
        ["check"] => check::run(),
        ["test", suites @ ..] => test::run(suites),
        ["demo", rest @ ..] => programs::demo(rest),
        ["package"] => package::run(Profile::Release),
        ["package", "trial"] => package::run(Profile::Trial),
        ["bless"] => bless::run(None),
        ["bless", "peers"] => bless::lock_peers(),
        ["bless", "types"] => bless::types(),
        ["bless", "switches"] => check::bless_switches(),
        ["bless", suite] => bless::run(Some(suite)),
        ["soak", rest @ ..] => programs::soak(rest),
        _ => Err(USAGE.into()),
    };
    match verdict {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
