//! `cargo xtask check`: what can be proved without running a test.

mod arrows;
mod bans;
pub(crate) mod desk;
mod proof;
mod requirements;
mod switches;
mod tidy;

use std::io;
use std::path::Path;
use std::thread;

use crate::desk::DeskError;
use crate::test::needs::Absence;
use crate::tree::{self, Finding, Tree};
use crate::{Verdict, artifacts, test};

/// Runs every check; true when all hold.
pub(crate) fn run() -> Verdict {
    let top = tree::top();
    let tree = Tree::read(&top)?;
    let proofs = proof::find(&tree);
    let words = tidy::machine_words(&top);
    let mut good = report("tidy", &tidy::check(&tree, &words));
    good &= report("arrows", &arrows::check(&tree));
    good &= report("bans", &bans::check(&tree));
    good &= report("rows", &requirements::check(&tree, &proofs));
    good &= report("switches", &switches::check(&tree, &proofs));
    good &= report("messages", &desk::check_catalogues(&tree));
    good &= check_programs(&top)?;
    for hint in requirements::hints(&tree, &proofs) {
        println!("hint: {hint}");
    }
    println!("{}", if good { "check: all good" } else { "check: FAILED" });
    Ok(good)
}

/// What takes minutes: the desk with the tools of Node, which use one core, beside ours with those of Rust.
fn check_programs(top: &Path) -> Verdict {
    // The pages go into a crate, and must not change while it is compiled. What fails here is told by `check_desk`.
    drop(crate::desk::build(top));
    thread::scope(|scope| {
        let desk = scope.spawn(|| check_desk(top));
        let mut good = run_cargo(top, "format", &["fmt", "--all", "--check"])?;
        let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
        good &= run_cargo(top, "clippy", &clippy)?;
        good &= check_licences(top)?;
        good &= desk.join().map_err(|_panic| io::Error::other("the check of the desk died"))?;
        Ok(good)
    })
}

/// Writes what stands on a page because tests say so.
pub(crate) fn bless_switches() -> Verdict {
    let top = tree::top();
    let tree = Tree::read(&top)?;
    switches::bless(&top, &tree, &proof::find(&tree))?;
    Ok(true)
}

fn report(name: &str, findings: &[Finding]) -> bool {
    for finding in findings {
        println!("{finding}");
    }
    say(name, findings.is_empty())
}

fn say(name: &str, good: bool) -> bool {
    println!("{name:8} {}", if good { "ok" } else { "FAILED" });
    good
}

fn run_cargo(top: &Path, name: &str, arguments: &[&str]) -> io::Result<bool> {
    let status = artifacts::cargo().args(arguments).current_dir(top).status()?;
    Ok(say(name, status.success()))
}

/// The desk needs Node. Without it nothing is proved, and CI does not take that for an answer.
fn check_desk(top: &Path) -> bool {
    match desk::check_built(top) {
        Ok(findings) => report("desk", &findings),
        Err(DeskError::Absent(Absence::Unreachable(why))) => {
            println!("desk     UNREACHABLE, not checked: {why}");
            true
        }
        Err(DeskError::Absent(Absence::Failed(why))) => {
            println!("desk     not checked: {why}");
            !test::in_ci()
        }
        Err(DeskError::Failed(why)) => {
            println!("{why}");
            say("desk", false)
        }
    }
}

/// Licences and advisories need `cargo deny`; our bans are checked without it, always.
fn check_licences(top: &Path) -> io::Result<bool> {
    let version = artifacts::cargo().args(["deny", "--version"]).current_dir(top).output()?;
    if version.status.success() {
        return run_cargo(top, "deny", &["deny", "--all-features", "check", "--hide-inclusion-graph"]);
    }
    println!("deny     not installed here: licences and advisories are not checked");
    Ok(true)
}
