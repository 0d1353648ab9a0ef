//! What a static build needs beside this machine's compiler: Rust's own libraries for musl, and the headers of musl.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::peers::{self, FetchError};

/// Linker and C runtime come with Rust's target; the C code in our libraries is compiled by the machine's `gcc` against
/// other headers.
#[derive(Debug)]
pub(super) struct Toolchain {
    /// As `x86_64-unknown-linux-musl`.
    pub(super) target: String,
    /// Name and value of the variable that names the C compiler.
    pub(super) compiler: (String, PathBuf),
}

/// Makes it stand ready for the target of this machine's kind, or says what cannot be had.
///
/// # Errors
/// [`FetchError::Unreachable`] where the source of Rust's or Debian's parts does not answer.
pub(super) fn prepare() -> Result<Toolchain, Box<dyn std::error::Error>> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    if !has_target(&target)? {
        let added = Command::new("rustup").args(["target", "add", &target]).stdin(Stdio::null()).output()?;
        if !added.status.success() {
            let why = String::from_utf8_lossy(&added.stderr).into_owned();
            let why = format!("Rust's libraries for {target} cannot be had (`rustup target add`): {why}");
            return Err(FetchError::Unreachable(why).into());
        }
    }
    peers::fetch(&["musl"])?;
    let root = peers::peers_dir().join("musl");
    let compiler = root.join("cc");
    write_compiler(&root, &compiler)?;
    let variable = format!("CC_{}", target.replace('-', "_"));
    Ok(Toolchain { target, compiler: (variable, compiler) })
}

fn has_target(target: &str) -> io::Result<bool> {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output()?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(output.status.success() && Path::new(&folder).is_dir())
}

/// `gcc` with the headers of musl in place of the machine's.
fn write_compiler(root: &Path, compiler: &Path) -> io::Result<()> {
    let headers = root.join("usr/include").join(format!("{}-linux-musl", std::env::consts::ARCH));
    let script = format!(
        "#!/bin/sh\nexec gcc -nostdinc -isystem '{}' -isystem \"$(gcc -print-file-name=include)\" \
         -U_FORTIFY_SOURCE \"$@\"\n",
        headers.display()
    );
    fs::write(compiler, script)?;
    fs::set_permissions(compiler, fs::Permissions::from_mode(0o755))
}
