//! Builds the workspace once, programs and tests alike, and finds the results.
//!
//! One build for everything: choosing packages would choose other features of
//! shared libraries, and compile them a second time.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that cargo has built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Artifact {
    /// Package by its folder name, such as `cti-core` or `tests`.
    pub(crate) package: String,
    /// Folder of its manifest; tests run there, as under `cargo test`.
    pub(crate) folder: PathBuf,
    /// Name of the target, such as `it` or `ctid`.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    /// A test program, not the program itself.
    pub(crate) is_test: bool,
}

/// Everything the workspace builds.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) artifacts: Vec<Artifact>,
}

impl Built {
    /// The ordinary program of this name.
    pub(crate) fn program(&self, name: &str) -> Option<&Path> {
        let found = self.artifacts.iter().find(|one| !one.is_test && one.name == name)?;
        Some(&found.program)
    }
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    as_by_hand(Command::new(cargo_program()))
}

/// The same, behind everything else on the machine: suites run meanwhile, and phones do not wait.
pub(crate) fn cargo_behind_others() -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(cargo_program());
    as_by_hand(command)
}

fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn as_by_hand(mut command: Command) -> Command {
    // Cargo told us who we are; told on, build scripts would run anew after every build by hand.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds programs and tests; compiler messages go to the terminal. `None`: it did not compile.
pub(crate) fn build(top: &Path) -> io::Result<Option<Built>> {
    let mut child = cargo()
        .args(["build", "--workspace", "--bins", "--tests"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(top)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut artifacts = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            artifacts.extend(artifact(&line?));
        }
    }
    Ok(child.wait()?.success().then_some(Built { artifacts }))
}

/// Reads one of cargo's messages; `None` for all that are not about a program.
fn artifact(message: &str) -> Option<Artifact> {
    if !message.contains(r#""reason":"compiler-artifact""#) {
        return None;
    }
    let program = PathBuf::from(text_after(message, r#""executable":""#)?);
    let folder = PathBuf::from(text_after(message, r#""manifest_path":""#)?).parent()?.to_path_buf();
    let package = folder.file_name()?.to_str()?.to_owned();
    let target = message.split_once(r#""target":{"#)?.1;
    let name = text_after(target, r#""name":""#)?.to_owned();
    let profile = message.split_once(r#""profile":{"#)?.1;
    let is_test = profile.split_once('}')?.0.contains(r#""test":true"#);
    Some(Artifact { package, folder, name, program, is_test })
}

/// The text between `mark` and the next quote. Paths with quotes or backslashes are not ours.
fn text_after<'a>(message: &'a str, mark: &str) -> Option<&'a str> {
    Some(message.split_once(mark)?.1.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_program_is_read_from_cargos_message() {
        let message = r#"{"reason":"compiler-artifact","package_id":"path+file:///x/crates/ami#0.1.0","manifest_path":"/x/crates/ami/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"ami","src_path":"/x/crates/ami/src/lib.rs","edition":"2024","doc":true,"doctest":true,"test":true},"profile":{"opt_level":"0","debuginfo":1,"test":true},"features":["client"],"filenames":["/x/target/debug/deps/ami-1"],"executable":"/x/target/debug/deps/ami-1","fresh":true}"#;
        let expected = Artifact {
            package: "ami".to_owned(),
            folder: PathBuf::from("/x/crates/ami"),
            name: "ami".to_owned(),
            program: PathBuf::from("/x/target/debug/deps/ami-1"),
            is_test: true,
        };
        assert_eq!(artifact(message), Some(expected));
    }

    #[test]
    fn a_library_is_no_program() {
        let message = r#"{"reason":"compiler-artifact","manifest_path":"/x/Cargo.toml","target":{"name":"a"},"profile":{"test":false},"executable":null}"#;
        assert_eq!(artifact(message), None);
    }
}
