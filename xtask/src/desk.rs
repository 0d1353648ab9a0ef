//! The desk in `agent-ui`: its packages and its build, each made anew only when what it comes from has changed.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::test::needs::Absence;
use crate::{process, test};

/// The folder of the desk, from the top.
pub(crate) const FOLDER: &str = "agent-ui";

/// The oldest Node the tools of the desk run on.
const NODE: (u32, u32) = (20, 19);

/// `npm ci` and a build end within this, or are ended.
const BOUND: Duration = Duration::from_mins(10);

/// What decides which packages are installed.
const LOCKED: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// What is in the folder and does not go into the pages.
const NOT_BUILT: [&str; 4] = ["node_modules", "dist", "e2e", "generated"];

/// What is outside the folder and goes into the pages: the set-up page shows these texts.
const SHOWN: [&str; 2] =
    ["../crates/ctid/share/extensions_tieline.conf", "../crates/ctid/share/manager_tieline.conf"];

/// Stamps live where a person who removes packages or pages removes them too.
const INSTALLED: &str = "node_modules/.tieline-installed";
const BUILT: &str = "dist/.tieline-built";

/// Words by which npm says that it could not reach its packages.
const UNREACHABLE: [&str; 5] = ["ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED", "ECONNRESET"];

/// Why the desk does not stand ready.
#[derive(Debug, Clone)]
pub(crate) enum DeskError {
    /// Node is missing, or the packages cannot be reached: nothing is proved either way.
    Absent(Absence),
    /// It does not install or does not build.
    Failed(String),
}

impl std::fmt::Display for DeskError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent(Absence::Unreachable(why)) => write!(out, "UNREACHABLE: {why}"),
            Self::Absent(Absence::Failed(why)) | Self::Failed(why) => write!(out, "{why}"),
        }
    }
}

impl std::error::Error for DeskError {}

impl From<io::Error> for DeskError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A build that goes on beside other work.
pub(crate) struct Building(JoinHandle<Result<(), DeskError>>);

impl Building {
    /// Waits for its end.
    pub(crate) fn join(self) -> Result<(), DeskError> {
        let died = |_panic| Err(DeskError::Failed("the thread that builds the desk died".to_owned()));
        self.0.join().unwrap_or_else(died)
    }
}

/// Starts [`build`] beside other work.
pub(crate) fn start(top: &Path) -> Building {
    let top = top.to_path_buf();
    Building(thread::spawn(move || build(&top)))
}

/// Makes packages and pages stand ready. When nothing has changed, this reads the sources and no more.
pub(crate) fn build(top: &Path) -> Result<(), DeskError> {
    let folder = top.join(FOLDER);
    let _one_at_a_time = lock()?;
    install(&folder)?;
    let mut sources = sources(&folder)?;
    sources.extend(SHOWN.map(|file| folder.join(file)));
    let stamp = stamp_of(&sources)?;
    if is_stamped(&folder.join(BUILT), &stamp) {
        return Ok(());
    }
    eprintln!("desk: npm run build");
    npm(&folder, &["run", "build"])?;
    Ok(fs::write(folder.join(BUILT), stamp)?)
}

/// A program of one of the desk's packages, such as `vitest/vitest.mjs`, run in its folder.
pub(crate) fn tool(top: &Path, program: &str) -> Command {
    let folder = top.join(FOLDER);
    let mut command = Command::new("node");
    command.arg(folder.join("node_modules").join(program)).current_dir(folder);
    command
}

/// Runs a script of the desk's `package.json`.
pub(crate) fn script(top: &Path, name: &str) -> Result<(), DeskError> {
    npm(&top.join(FOLDER), &["run", "--silent", name])
}

fn install(folder: &Path) -> Result<(), DeskError> {
    require_node()?;
    let locked: Vec<PathBuf> = LOCKED.iter().map(|name| folder.join(name)).collect();
    let stamp = stamp_of(&locked)?;
    if is_stamped(&folder.join(INSTALLED), &stamp) {
        return Ok(());
    }
    eprintln!("desk: npm ci");
    npm(folder, &["ci"])?;
    Ok(fs::write(folder.join(INSTALLED), stamp)?)
}

fn require_node() -> Result<(), DeskError> {
    let (major, minor) = NODE;
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let why = match said {
        Ok(said) if node_version(&said).is_some_and(|version| version >= NODE) => return Ok(()),
        Ok(said) => format!("the desk needs Node {major}.{minor} or newer; here is {said:?}"),
        Err(_) => format!("the desk needs Node {major}.{minor} or newer, which is not installed"),
    };
    Err(DeskError::Absent(Absence::Failed(why)))
}

/// Major and minor of `v20.19.1`.
fn node_version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Runs npm to its end; the error shows the last it said.
fn npm(folder: &Path, arguments: &[&str]) -> Result<(), DeskError> {
    let log = folder.join("node_modules/.tieline-npm.log");
    fs::create_dir_all(folder.join("node_modules"))?;
    // `npm ci` removes the folder the log would lie in; an open file stays readable.
    let mut out = File::options().create(true).truncate(true).read(true).write(true).open(&log)?;
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder).stdout(out.try_clone()?).stderr(out.try_clone()?);
    let ended = process::run(&mut command, BOUND)?;
    if ended.succeeded() {
        return Ok(());
    }
    io::Seek::rewind(&mut out)?;
    let mut said = String::new();
    io::Read::read_to_string(&mut out, &mut said)?;
    let what = format!("npm {} failed in {FOLDER}:\n{said}", arguments.join(" "));
    if arguments == ["ci"] && UNREACHABLE.iter().any(|word| said.contains(word)) {
        return Err(DeskError::Absent(Absence::Unreachable(what)));
    }
    Err(DeskError::Failed(what))
}

/// Two commands at the same time build one after the other.
fn lock() -> io::Result<File> {
    let guard = File::create(test::own_folder()?.join("desk.lock"))?;
    guard.lock()?;
    Ok(guard)
}

/// All files that go into the pages.
fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            // The REST types are generated, and committed: pages come from them.
            let is_left_out = NOT_BUILT.iter().any(|left_out| name == *left_out) && !folder.ends_with("api");
            if is_left_out {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Stands for names and contents of these files.
fn stamp_of(files: &[PathBuf]) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn is_stamped(file: &Path, stamp: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|known| known == stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(node_version("v20.19.1"), Some((20, 19)));
        assert_eq!(node_version("20.19.1"), None);
        assert_eq!(node_version(""), None);
    }

    #[test]
    fn a_stamp_changes_with_content_and_name() {
        let folder = std::env::temp_dir().join(format!("tieline-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        for (name, text) in [("a.ts", "1"), ("b.ts", "1"), ("node_modules/c.ts", "1")] {
            fs::write(folder.join(name), text).unwrap();
        }
        let names = |files: &[PathBuf]| -> Vec<String> {
            files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        let files = sources(&folder).unwrap();
        assert_eq!(names(&files), ["a.ts", "b.ts"]);
        let before = stamp_of(&files).unwrap();
        assert_eq!(before, stamp_of(&files).unwrap());
        assert_ne!(before, stamp_of(&files[..1]).unwrap());
        fs::write(folder.join("a.ts"), "2").unwrap();
        assert_ne!(before, stamp_of(&files).unwrap());
        fs::remove_dir_all(&folder).unwrap();
    }
}
