//! `cargo xtask package`: what an operator installs, in `target/package`.
//!
//! - `tieline_VERSION_ARCH.deb`: programs with the pages in them, the include file, the systemd unit, documents
//! - `tieline-VERSION-ARCH-linux-musl.tar.gz`: the same for machines without Debian packages
//!
//! Both hold the same static programs: a package that asks for the C library of the machine that built it could not be
//! installed on the older machines that switches live beside.
//!
//! `dpkg-deb` and `tar` pack; both are there wherever the peers can be unpacked.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Verdict, artifacts, desk, peers, tree};

mod musl;
mod notices;

/// Programs of the package. The simulator is for trying and training.
const PROGRAMS: [&str; 2] = ["ctid", "switch-sim"];

/// Shipped files: from the top of the tree, to the root of the machine.
const FILES: [(&str, &str); 11] = [
    ("crates/ctid/share/extensions_tieline.conf", "usr/share/tieline/extensions_tieline.conf"),
    ("crates/ctid/share/manager_tieline.conf", "usr/share/tieline/manager_tieline.conf"),
    ("crates/ctid/share/package/ctid.service", "lib/systemd/system/ctid.service"),
    ("crates/ctid/share/package/sysusers.conf", "usr/lib/sysusers.d/tieline.conf"),
    ("README.md", "usr/share/doc/tieline/README.md"),
    ("CHANGELOG.md", "usr/share/doc/tieline/CHANGELOG.md"),
    ("docs/operations/asterisk.md", "usr/share/doc/tieline/asterisk.md"),
    ("docs/operations/avaya.md", "usr/share/doc/tieline/avaya.md"),
    ("docs/operations/mitel.md", "usr/share/doc/tieline/mitel.md"),
    ("docs/operations/running.md", "usr/share/doc/tieline/running.md"),
    ("docs/api/openapi.json", "usr/share/doc/tieline/openapi.json"),
];

/// Scripts that run at installation.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// For use.
    Release,
    /// For the suite that proves the packing, and for trying it: built in minutes.
    Trial,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Trial => "trial",
        }
    }
}

/// The packages.
#[derive(Debug)]
pub(crate) struct Packages {
    /// For Debian and its kin.
    pub(crate) deb: PathBuf,
    /// For all others.
    pub(crate) archive: PathBuf,
}

/// Builds both packages and says where they are.
pub(crate) fn run(profile: Profile) -> Verdict {
    let top = tree::top();
    desk::build(&top)?;
    let packages = make(&top, profile)?;
    println!("{}\n{}", packages.deb.display(), packages.archive.display());
    Ok(true)
}

/// Builds the programs and packs them twice.
pub(crate) fn make(top: &Path, profile: Profile) -> Result<Packages, Box<dyn std::error::Error>> {
    let musl = musl::prepare()?;
    let built = build(top, profile, &musl)?;
    Ok(Packages { deb: make_deb(top, &built)?, archive: make_archive(top, &built, &musl.target)? })
}

fn make_deb(top: &Path, built: &[PathBuf]) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let version = version(top)?;
    let root = folder()?.join("deb");
    lay_out(top, &root, built)?;
    // `ctid init --dir /etc/tieline` writes configuration and store side by side; they lie with the state.
    fs::create_dir_all(root.join("etc"))?;
    symlink("/var/lib/tieline", root.join("etc/tieline"))?;
    let control = root.join("DEBIAN");
    fs::create_dir_all(&control)?;
    for script in SCRIPTS {
        put(&top.join("crates/ctid/share/package").join(script), &control.join(script), 0o755)?;
    }
    let architecture = said(Command::new("dpkg").arg("--print-architecture"))?;
    let control_text = format!(
        "Package: tieline\nVersion: {version}\nArchitecture: {architecture}\nSection: comm\nPriority: optional\n\
         Maintainer: The Tieline maintainers <maintainers@tieline.example>\n\
         Depends: passwd\nRecommends: systemd, fonts-dejavu-core\nSuggests: postgresql\n\
         Installed-Size: {}\nDescription: CTI middleware for the telephone switch you have\n \
         Follows the calls of an Asterisk, a Mitel or another CSTA switch, writes them down and brings\n \
         them to the desk in the browser, to REST, WebSocket and reports. It carries no media.\n",
        kilobytes(&root)?
    );
    fs::write(control.join("control"), control_text)?;
    let deb = folder()?.join(format!("tieline_{version}_{architecture}.deb"));
    said(Command::new("dpkg-deb").args(["--root-owner-group", "-Zxz", "--build"]).arg(&root).arg(&deb))?;
    Ok(deb)
}

/// An archive is unpacked anywhere: nothing of it points outside.
fn make_archive(top: &Path, built: &[PathBuf], target: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let name = format!("tieline-{}-{target}", version(top)?);
    let root = folder()?.join("archive").join(&name);
    lay_out(top, &root, built)?;
    let archive = folder()?.join(format!("{name}.tar.gz"));
    said(
        Command::new("tar")
            .args(["--owner=0", "--group=0", "--sort=name", "-czf"])
            .arg(&archive)
            .arg("-C")
            .arg(folder()?.join("archive"))
            .arg(&name),
    )?;
    Ok(archive)
}

/// Builds the programs with the pages in them; gives their paths.
fn build(
    top: &Path,
    profile: Profile,
    musl: &musl::Toolchain,
) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let target = folder()?.join("build");
    let mut command = artifacts::cargo_behind_others();
    command
        .args(["build", "--profile", profile.name(), "--bins", "--target", &musl.target])
        // The suite has its own line on the terminal, beside others.
        .args((profile == Profile::Trial).then_some("--quiet"))
        .args(PROGRAMS.iter().filter(|name| exists(top, name)).flat_map(|name| ["--package", name]))
        .current_dir(top)
        // A folder of its own: other flags than those of builds by hand would build everything twice, in turns.
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", without_machine(top))
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env(&musl.compiler.0, &musl.compiler.1);
    if !command.stdin(Stdio::null()).status()?.success() {
        return Err("the programs do not build".into());
    }
    let out = target.join(&musl.target).join(profile.name());
    Ok(PROGRAMS.iter().filter(|name| exists(top, name)).map(|name| out.join(name)).collect())
}

fn exists(top: &Path, package: &str) -> bool {
    top.join("crates").join(package).join("Cargo.toml").is_file()
}

/// Flags that keep folders of this machine out of what is shipped.
fn without_machine(top: &Path) -> String {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
        .unwrap_or_default();
    format!("--remap-path-prefix={}=/cargo --remap-path-prefix={}=/tieline", home.display(), top.display())
}

/// Lays everything out as it will lie on the machine.
fn lay_out(top: &Path, root: &Path, programs: &[PathBuf]) -> Result<(), Box<dyn std::error::Error>> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    for program in programs {
        let name = program.file_name().ok_or("a program without a name")?;
        put(program, &root.join("usr/bin").join(name), 0o755)?;
    }
    for (from, to) in FILES {
        put(&top.join(from), &root.join(to), 0o644)?;
    }
    let copyright = notices::copyright(top)?;
    fs::write(root.join("usr/share/doc/tieline/copyright"), copyright)?;
    Ok(())
}

fn put(from: &Path, to: &Path, mode: u32) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let what = |error: io::Error| io::Error::other(format!("{}: {error}", from.display()));
    fs::copy(from, to).map_err(what)?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
}

/// `target/package`.
fn folder() -> io::Result<PathBuf> {
    let folder = peers::peers_dir().with_file_name("package");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The version of the workspace.
fn version(top: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let manifest = fs::read_to_string(top.join("Cargo.toml"))?;
    let (_, package) =
        manifest.split_once("[workspace.package]").ok_or("Cargo.toml has no [workspace.package]")?;
    let line = package.lines().find_map(|line| line.strip_prefix("version = \""));
    Ok(line.and_then(|rest| rest.split('"').next()).ok_or("the workspace has no version")?.to_owned())
}

/// Runs a program to its end; gives what it printed, or says why it failed.
pub(crate) fn said(command: &mut Command) -> Result<String, Box<dyn std::error::Error>> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{}: {why}", command.get_program().display()).into())
}

/// What the files below take, as Debian counts it.
fn kilobytes(root: &Path) -> io::Result<u64> {
    let mut sum = 0;
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                sum += entry.metadata()?.len().div_ceil(1024);
            }
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(version(top).unwrap(), env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn every_shipped_file_is_in_the_tree() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for (file, _) in FILES {
            assert!(top.join(file).is_file(), "{file}");
        }
    }
}
