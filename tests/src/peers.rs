//! Runs the programs that `xtask/src/peers.rs` unpacked below `target/peers`.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::net::{IpAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::trouble::Context;
use crate::{Result, Trouble};

/// The repository's root folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// One unpacked peer.
#[derive(Debug, Clone)]
pub struct Peer {
    root: PathBuf,
    loader: PathBuf,
    libraries: Vec<PathBuf>,
}

impl Peer {
    /// Finds a peer by the name it was fetched under (`asterisk22`, `baresip`, …).
    pub fn find(name: &str) -> Result<Self> {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
        let root = target.join("peers").join(name);
        if !root.join(".stamp").exists() {
            return Err(Trouble::new(format!("peer {name} is not there; `cargo xtask test` fetches it")));
        }
        let libraries: Vec<PathBuf> =
            ["usr/lib", "lib"].iter().filter_map(|at| multiarch(&root.join(at))).collect();
        let loader = libraries.iter().find_map(|folder| loader_in(folder));
        let loader = loader.ok_or_else(|| Trouble::new(format!("peer {name} has no dynamic loader")))?;
        // Asterisk of Debian 11 keeps a library of its own where only its compiled-in path would find it.
        let libraries = libraries.into_iter().chain([root.join("usr/lib")]).collect();
        Ok(Self { root, loader, libraries })
    }

    /// A path below the peer's folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// First of several paths that exists.
    pub fn first_path(&self, relative: &[&str]) -> Result<PathBuf> {
        let found = relative.iter().map(|path| self.path(path)).find(|path| path.exists());
        found.ok_or_else(|| Trouble::new(format!("{} has none of {relative:?}", self.root.display())))
    }

    /// Program and first arguments that run `program` (relative to the peer's root) by the peer's own loader.
    pub fn command_line(&self, program: &str) -> Vec<OsString> {
        let folders = self.libraries.iter().map(|folder| folder.display().to_string());
        vec![
            self.loader.clone().into(),
            "--library-path".into(),
            folders.collect::<Vec<_>>().join(":").into(),
            self.path(program).into(),
        ]
    }
}

/// `usr/lib/x86_64-linux-gnu` or its like of another machine.
fn multiarch(lib: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(lib).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with("-linux-gnu"))
}

fn loader_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let mut loaders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-")))
        .filter(|path| path.is_file())
        .collect();
    loaders.sort();
    loaders.into_iter().next()
}

/// Starts the peer's program and kills it when its first argument's pipe closes: when we drop it, or when we die.
const GUARD: &str =
    r#""$@" & child=$!; read -r how; kill "-${how:-KILL}" "$child" 2>/dev/null; wait "$child""#;

/// A running program that ends with its owner, whatever happens to the owner.
#[derive(Debug)]
pub struct Guarded {
    shell: Child,
}

impl Guarded {
    /// Starts `command_line`, its output going to `log`.
    pub fn start<S: AsRef<OsStr>>(
        command_line: &[S],
        environment: &[(&str, &OsStr)],
        log: &Path,
    ) -> Result<Self> {
        let out = File::create(log).context("cannot write a peer's log")?;
        let shell = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .args(command_line)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("cannot start a peer")?;
        Ok(Self { shell })
    }

    /// Asks the program to end in its own way (SIGTERM) and waits for it.
    pub fn terminate(mut self) {
        if let Some(mut pipe) = self.shell.stdin.take() {
            // A program that is gone already needs no asking.
            let _ = pipe.write_all(b"TERM\n");
        }
        let _ = self.shell.wait();
    }

    /// Waits until the program ends by itself. Blocks.
    pub fn wait(&mut self) -> Result<()> {
        // The guard reads its pipe before it waits for the child, so tell it not to kill.
        if let Some(mut pipe) = self.shell.stdin.take() {
            let _ = pipe.write_all(b"0\n");
        }
        self.shell.wait()?;
        Ok(())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// First port of the laboratory. Its ports are below those that Linux gives to outgoing connections (32768) and that
/// Asterisk and the phones use for sound (20000 and up), so nobody takes one between our look and its use.
const PORTS_FROM: u16 = 10_000;

/// How many ports the laboratory has.
const PORTS: u16 = 9_000;

/// Takes a port for as long as this process lives. Suites run beside each other, and between our look at a port and its
/// use another process could find it free as well: a name of the kernel's that only one can have says whose it is.
fn is_ours(ip: IpAddr, port: u16) -> bool {
    static TAKEN: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    let name = format!("tieline-laboratory {ip} {port}");
    let bound =
        unix::net::SocketAddr::from_abstract_name(name).and_then(|name| UnixListener::bind_addr(&name));
    let Ok(bound) = bound else { return false };
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(bound);
    true
}

/// A port of `ip` that is free for UDP and TCP, as is its successor; not given to anybody else of the laboratory.
pub fn free_port(ip: IpAddr) -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..PORTS {
        // Processes that run at the same time start at different places.
        let turn = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(97));
        let offset = u16::try_from(turn.wrapping_mul(2) % u32::from(PORTS)).unwrap_or_default();
        let port = PORTS_FROM + offset;
        let free = |port: u16| UdpSocket::bind((ip, port)).is_ok() && TcpListener::bind((ip, port)).is_ok();
        if free(port) && free(port + 1) && is_ours(ip, port) {
            return Ok(port);
        }
    }
    Err(Trouble::new(format!("no port from {PORTS_FROM} on is free on {ip}")))
}
