//! `demo` and `soak`: programs of the package `tests`, started with their peers.
//!
//! This process becomes the program, so Ctrl-C and the terminal belong to it.

use std::process::Command;

use crate::test::needs::{self, Absence};
use crate::{Verdict, artifacts, peers, process, test, tree};

/// Shows the daemon on a real Asterisk with seeded callers.
pub(crate) fn demo(arguments: &[&str]) -> Verdict {
    become_program("demo", &["asterisk22", "sipp"], arguments)
}

/// Runs a long test by name; without one the program lists those it has.
pub(crate) fn soak(arguments: &[&str]) -> Verdict {
    become_program("soak", &peers::all_names(), arguments)
}

fn become_program(name: &str, needs: &[&'static str], arguments: &[&str]) -> Verdict {
    let top = tree::top();
    let fetching = needs::fetch(needs);
    let Some(built) = artifacts::build(&top)? else {
        return Ok(false);
    };
    if let Some((peer, absence)) = fetching.join()?.absent.first_key_value() {
        let (Absence::Unreachable(reason) | Absence::Failed(reason)) = absence;
        return Err(format!("{name} needs {peer}, which is not here: {reason}").into());
    }
    let Some(program) = built.program(name) else {
        return Err(format!("the package `tests` has no program named {name}").into());
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&top);
    test::surroundings(&mut command, &built);
    Err(process::become_program(&mut command).into())
}
