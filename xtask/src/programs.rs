//! `demo` and `soak`: programs of the package `tests`, started with their peers.
//!
//! This process becomes the program, so Ctrl-C and the terminal belong to it.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::desk::{self, DeskError};
use crate::test::needs::{self, Absence};
use crate::{Verdict, artifacts, peers, process, test, tree};

/// Shows the daemon with callers that come by themselves and the desk in the browser: on the simulated switch, which
/// needs no peer, or with the word `asterisk` on a real one.
pub(crate) fn demo(arguments: &[&str]) -> Verdict {
    let desk = desk::start(&tree::top());
    let needs: &[&'static str] = if arguments.contains(&"asterisk") { &["asterisk22", "sipp"] } else { &[] };
    become_program("demo", needs, arguments, || match desk.join() {
        // The API works without pages, and says at `/` how to make them.
        Err(absent @ DeskError::Absent(_)) => {
            eprintln!("the demonstration has no pages: {absent}");
            Ok(())
        }
        built => Ok(built?),
    })
}

/// Minutes of `soak world` where none are given.
const WORLD_MINUTES: u64 = 10;

/// Runs a long test by name; without one the program lists those it has.
pub(crate) fn soak(arguments: &[&str]) -> Verdict {
    if let ["world", rest @ ..] = arguments {
        return soak_world(rest);
    }
    if arguments.is_empty() {
        println!(
            "{:<12} seeded worlds over the core alone, for so many minutes; needs no peers",
            "world [MIN]"
        );
    }
    become_program("soak", &peers::all_names(), arguments, || Ok(()))
}

/// Lives seeded worlds over the core (`crates/cti-core/tests/world`) for some minutes, from a seed that no run has had
/// before. It builds and needs nothing but the core.
fn soak_world(arguments: &[&str]) -> Verdict {
    let minutes = match arguments {
        [] => WORLD_MINUTES,
        [minutes, ..] => minutes.parse().map_err(|_no_number| format!("`{minutes}` are no minutes"))?,
    };
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut command = artifacts::cargo();
    command
        .args(["test", "-p", "cti-core", "--test", "world", "--"])
        .args(["--exact", "as_long_as_it_is_told", "--nocapture"])
        .current_dir(tree::top())
        .env("WORLD_SECONDS", minutes.saturating_mul(60).to_string())
        .env("WORLD_SEED", since.saturating_mul(1_000).to_string());
    Err(process::become_program(&mut command).into())
}

/// Builds, waits for what it `needs` and for what else must be `ready`, and becomes the program.
fn become_program(
    name: &str,
    needs: &[&'static str],
    arguments: &[&str],
    ready: impl FnOnce() -> Result<(), Box<dyn std::error::Error>>,
) -> Verdict {
    let top = tree::top();
    let fetching = needs::fetch(needs);
    let Some(built) = artifacts::build(&top)? else {
        return Ok(false);
    };
    if let Some((peer, absence)) = fetching.join()?.absent.first_key_value() {
        let (Absence::Unreachable(reason) | Absence::Failed(reason)) = absence;
        return Err(format!("{name} needs {peer}, which is not here: {reason}").into());
    }
    ready()?;
    let Some(program) = built.program(name) else {
        return Err(format!("the package `tests` has no program named {name}").into());
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&top);
    test::surroundings(&mut command, &built);
    Err(process::become_program(&mut command).into())
}
