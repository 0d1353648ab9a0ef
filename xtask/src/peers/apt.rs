//! `apt-get` with folders of its own: resolves, downloads and unpacks without touching the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::FetchError;

/// Tries before the package source counts as unreachable.
const TRIES: u32 = 3;

/// One package of a closure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    /// Package name.
    pub(super) name: String,
    /// Version with its epoch.
    pub(super) version: String,
    /// File name in the archives folder, as apt writes it.
    file: String,
}

impl Package {
    /// Whether it is one of those named.
    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }
}

/// One suite's private apt state.
#[derive(Debug)]
pub(super) struct Apt {
    dir: PathBuf,
}

impl Apt {
    /// Makes the private folders and reads the suite's package list.
    pub(super) fn open(dir: &Path, suite: &str) -> Result<Self, FetchError> {
        let apt = Self { dir: dir.to_path_buf() };
        for folder in ["lists/partial", "archives/partial", "state"] {
            fs::create_dir_all(dir.join(folder)).map_err(|error| super::failed(dir, &error))?;
        }
        let source = format!("deb {} {suite} main\n", mirror()?);
        for (file, text) in [("state/status", ""), ("sources.list", source.as_str())] {
            fs::write(dir.join(file), text).map_err(|error| super::failed(dir, &error))?;
        }
        apt.retried(&["update"])?;
        Ok(apt)
    }

    /// The closure of these packages on an empty system.
    pub(super) fn resolve(&self, packages: &[&str]) -> Result<Vec<Package>, FetchError> {
        let mut arguments = vec!["install", "--print-uris", "-y"];
        arguments.extend(packages);
        let output = run(self.command("apt-get").args(arguments))?;
        if !output.status.success() {
            return Err(FetchError::Failed(format!(
                "apt-get cannot resolve {packages:?}: {}",
                errors(&output)
            )));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().filter_map(parse_uri_line).collect())
    }

    /// Downloads into the archives folder, several connections at a time; what is there already is kept.
    pub(super) fn download(&self, packages: &[Package], lanes: usize) -> Result<(), FetchError> {
        let missing: Vec<&Package> =
            packages.iter().filter(|package| !self.archive(package).exists()).collect();
        let lanes: Vec<Vec<String>> = (0..lanes)
            .map(|lane| {
                let mine = missing.iter().skip(lane).step_by(lanes);
                mine.map(|package| format!("{}={}", package.name, package.version)).collect()
            })
            .filter(|lane: &Vec<String>| !lane.is_empty())
            .collect();
        let results: Vec<Result<(), FetchError>> = std::thread::scope(|scope| {
            let workers: Vec<_> = lanes.iter().map(|lane| scope.spawn(|| self.download_lane(lane))).collect();
            let joined = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
            joined
                .map(|result| {
                    result.unwrap_or_else(|_| Err(FetchError::Failed("a download thread died".to_owned())))
                })
                .collect()
        });
        results.into_iter().collect()
    }

    fn download_lane(&self, packages: &[String]) -> Result<(), FetchError> {
        let mut arguments = vec!["download"];
        arguments.extend(packages.iter().map(String::as_str));
        self.retried(&arguments)
    }

    /// Unpacks one downloaded package into a folder.
    pub(super) fn unpack(&self, package: &Package, root: &Path) -> Result<(), FetchError> {
        let output = run(Command::new("dpkg").arg("-x").arg(self.archive(package)).arg(root))?;
        if output.status.success() {
            return Ok(());
        }
        Err(FetchError::Failed(format!("dpkg -x {}: {}", package.file, errors(&output))))
    }

    /// `package version sha256` of those packages of a closure that were asked for by name.
    pub(super) fn digests(&self, closure: &[Package], asked: &[&str]) -> Vec<String> {
        let asked = closure.iter().filter(|package| asked.contains(&package.name.as_str()));
        asked
            .map(|package| {
                let sum = run(Command::new("sha256sum").arg(self.archive(package))).map_or_else(
                    |_| String::new(),
                    |output| String::from_utf8_lossy(&output.stdout).into_owned(),
                );
                let sum = sum.split_whitespace().next().unwrap_or("unknown").to_owned();
                format!("{} {} {sum}", package.name, package.version)
            })
            .collect()
    }

    /// Removes the downloaded packages: the unpacked folders are what counts.
    pub(super) fn drop_archives(&self) {
        // Left-over archives only cost disk space.
        let _ = fs::remove_dir_all(self.dir.join("archives"));
    }

    fn archive(&self, package: &Package) -> PathBuf {
        self.dir.join("archives").join(&package.file)
    }

    /// Runs `apt-get`, three times before the source counts as unreachable.
    fn retried(&self, arguments: &[&str]) -> Result<(), FetchError> {
        let mut why = String::new();
        for _ in 0..TRIES {
            let mut command = self.command("apt-get");
            command.args(arguments).current_dir(self.dir.join("archives"));
            let output = run(&mut command)?;
            why = errors(&output);
            // `update` exits with 0 even if a list could not be had.
            if output.status.success() && !why.contains("Failed to fetch") {
                return Ok(());
            }
        }
        let verb = arguments.first().copied().unwrap_or_default();
        Err(FetchError::Unreachable(format!("apt-get {verb} failed {TRIES} times: {why}")))
    }

    fn command(&self, program: &str) -> Command {
        let at = |name: &str| self.dir.join(name).display().to_string();
        let mut command = Command::new(program);
        let options = [
            format!("Dir::State={}", at("state")),
            format!("Dir::State::status={}", at("state/status")),
            format!("Dir::State::lists={}", at("lists")),
            format!("Dir::Cache={}", at("")),
            format!("Dir::Cache::archives={}", at("archives")),
            format!("Dir::Etc::sourcelist={}", at("sources.list")),
            "Dir::Etc::sourceparts=-".to_owned(),
            // Folders below a build tree need not be readable for the download user.
            "APT::Sandbox::User=".to_owned(),
            "APT::Install-Recommends=false".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "Acquire::http::Timeout=30".to_owned(),
            // An archived suite's list no longer gets a fresh date; its signature still has to hold.
            "Acquire::Check-Valid-Until=false".to_owned(),
        ];
        for option in options {
            command.arg("-o").arg(option);
        }
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

/// The mirror of the machine's own apt configuration: the first plain Debian source it names.
fn mirror() -> Result<String, FetchError> {
    let mut command = Command::new("apt-get");
    command.args(["indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]);
    let output = run(&mut command)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    pick_mirror(&text).ok_or_else(|| {
        FetchError::Unreachable("the machine's apt configuration names no Debian mirror".to_owned())
    })
}

/// First `main` source whose address ends in `/debian`, from `indextargets` lines of address, release, component.
fn pick_mirror(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next()?.trim_end_matches('/');
        let component = words.nth(1)?;
        (component == "main" && address.ends_with("/debian")).then(|| address.to_owned())
    })
}

/// A line of `install --print-uris`: quoted address, file name, size, digest.
fn parse_uri_line(line: &str) -> Option<Package> {
    if !line.starts_with('\'') {
        return None;
    }
    let file = line.split_whitespace().nth(1)?;
    let mut parts = file.splitn(3, '_');
    let (name, version) = (parts.next()?, parts.next()?);
    Some(Package { name: name.to_owned(), version: version.replace("%3a", ":"), file: file.to_owned() })
}

fn run(command: &mut Command) -> Result<Output, FetchError> {
    command.output().map_err(|error| {
        FetchError::Failed(format!("cannot run {}: {error}", command.get_program().display()))
    })
}

/// The lines of standard error that say what went wrong.
fn errors(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = text
        .lines()
        .filter(|line| line.starts_with("E:") || line.starts_with("W:") || line.starts_with("Err"));
    lines.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_line_gives_name_and_version_with_epoch() {
        let line =
            "'http://mirror.example/pool/a_b.deb' asterisk_1%3a22.10.1+dfsg-1_amd64.deb 2534036 MD5Sum:00";
        let package = parse_uri_line(line).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("asterisk", "1:22.10.1+dfsg-1"));
        assert_eq!(parse_uri_line("Reading package lists..."), None);
    }

    #[test]
    fn the_mirror_is_the_first_plain_debian_source() {
        let text = "https://other.example/apt nodistro main\nhttp://mirror.example/debian-security/ x-security main\n\
                    http://mirror.example/debian/ x main\n";
        assert_eq!(pick_mirror(text).as_deref(), Some("http://mirror.example/debian"));
        assert_eq!(pick_mirror(""), None);
    }
}
