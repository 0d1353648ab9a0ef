//! The suite `package`: the Debian package and the static archive are built, unpacked into a folder, and the daemon of
//! each serves the sign-in page.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::desk::DeskError;
use crate::package::{self, Packages, Profile};
use crate::peers::FetchError;
use crate::process::Running;
use crate::table::{Note, Row};

pub(crate) const NAME: &str = "package";

/// How long an answer over HTTP may take.
const ANSWER: Duration = Duration::from_secs(20);

const PASSWORD: &str = "packed-and-unpacked-2026";

type Proof = Result<(), Box<dyn std::error::Error>>;

/// Builds, unpacks, runs. Without pages there is nothing to pack.
pub(crate) fn run(top: &Path, desk: &Result<(), DeskError>) -> Row {
    let row = Row { suite: NAME.to_owned(), ..Row::default() };
    match desk {
        Ok(()) => {}
        Err(DeskError::Failed(_)) => {
            return Row { failed: 1, note: Note::Failed("the desk does not build".to_owned()), ..row };
        }
        Err(absent) => return Row { skipped: 1, note: Note::Skipped(absent.to_string()), ..row },
    }
    let begun = Instant::now();
    let home = std::env::temp_dir().join(format!("tieline-package-{}", std::process::id()));
    let unpacked = match package::make(top, Profile::Trial).and_then(|made| unpack(&made, &home)) {
        Ok(unpacked) => unpacked,
        Err(why) => {
            return match why.downcast_ref() {
                Some(FetchError::Unreachable(why)) => {
                    Row { skipped: 1, note: Note::Unreachable(why.clone()), ..row }
                }
                _ => Row { failed: 1, note: Note::Failed(why.to_string()), ..row },
            };
        }
    };
    let Unpacked { deb, archive } = &unpacked;
    let cases: [(&str, Proof); 5] = [
        ("the unit is one that systemd takes", verify_unit(deb)),
        ("init and serve of the Debian package work", serve(deb, &home.join("deb"))),
        ("init and serve of the archive work", serve(archive, &home.join("archive"))),
        ("the programs need nothing of the machine's but its kernel", is_static(archive)),
        ("nothing of this machine is in the programs", names_no_machine(top, deb)),
    ];
    let mut row = row;
    for (name, proof) in cases {
        match proof {
            Ok(()) => row.passed += 1,
            Err(why) => {
                row.failed += 1;
                eprintln!("package: {name}: {why}");
                row.note = Note::Failed(name.to_owned());
            }
        }
    }
    // A folder left over in the temporary one hurts nobody.
    let _ = fs::remove_dir_all(&home);
    let Row { passed, failed, .. } = row;
    eprintln!("package ... {passed} passed, {failed} failed in {:.1} s", begun.elapsed().as_secs_f32());
    row
}

/// Where the files of each package lie, as from the root of a machine.
struct Unpacked {
    deb: PathBuf,
    archive: PathBuf,
}

fn unpack(made: &Packages, home: &Path) -> Result<Unpacked, Box<dyn std::error::Error>> {
    let (deb, archive) = (home.join("deb/root"), home.join("archive"));
    fs::create_dir_all(&deb)?;
    fs::create_dir_all(&archive)?;
    package::said(Command::new("dpkg").arg("-x").arg(&made.deb).arg(&deb))?;
    package::said(Command::new("tar").arg("-xzf").arg(&made.archive).arg("-C").arg(&archive))?;
    let folders = fs::read_dir(&archive)?.map(|entry| entry.map(|one| one.path()));
    match folders.collect::<Result<Vec<_>, _>>()?.as_slice() {
        [one] => Ok(Unpacked { deb, archive: one.clone() }),
        several => Err(format!("an archive holds one folder, this one {several:?}").into()),
    }
}

/// A static program asks for no loader: it has no `PT_INTERP`, which names one by a path that ends so.
fn is_static(root: &Path) -> Proof {
    for program in fs::read_dir(root.join("usr/bin"))? {
        let program = program?.path();
        let bytes = fs::read(&program)?;
        if [b"/ld-linux".as_slice(), b"/ld-musl"].iter().any(|loader| {
            bytes.get(..4096).is_some_and(|head| head.windows(loader.len()).any(|part| part == *loader))
        }) {
            return Err(format!("{} asks for a loader", program.display()).into());
        }
    }
    Ok(())
}

/// `systemd-analyze` where it is; the program's place is another here, which is the one complaint it may have.
fn verify_unit(root: &Path) -> Proof {
    let unit = root.join("lib/systemd/system/ctid.service");
    let text = fs::read_to_string(&unit)?;
    for line in ["ProtectSystem=strict", "NoNewPrivileges=yes", "User=tieline"] {
        if !text.lines().any(|one| one == line) {
            return Err(format!("{line} is missing").into());
        }
    }
    let Ok(output) = Command::new("systemd-analyze").arg("verify").arg(&unit).stdin(Stdio::null()).output()
    else {
        return Ok(());
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let complaints: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("ctid.service") && !line.contains("not executable"))
        .collect();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ").into()) }
}

/// From `ctid init` to the sign-in page.
fn serve(root: &Path, home: &Path) -> Proof {
    let (program, folder) = (root.join("usr/bin/ctid"), home.join("site"));
    let mut init = Command::new(&program)
        .args(["init", "--asterisk", "127.0.0.1", "--password-stdin", "--dir"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut input) = init.stdin.take() {
        input.write_all(PASSWORD.as_bytes())?;
    }
    if !init.wait()?.success() {
        return Err("ctid init failed".into());
    }
    let file = folder.join("ctid.toml");
    let config = fs::read_to_string(&file)?.replace("127.0.0.1:8088", "127.0.0.1:0");
    fs::write(&file, config)?;
    let mut command = Command::new(&program);
    command.args(["serve", "--config"]).arg(&file).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut daemon = Running::start(&mut command)?;
    let mut output = BufReader::new(daemon.output().ok_or("no output")?);
    // Its log goes on behind the ready line: the pipe stays open until the end.
    let answer = ready_address(&mut output).and_then(|address| {
        let index = get(&address, "/")?;
        let script = index.split("src=\"").nth(1).and_then(|rest| rest.split('"').next());
        let script = get(&address, script.ok_or("the index names no script")?)?;
        for (what, text) in [("/", &index), ("its script", &script)] {
            if !text.starts_with("HTTP/1.1 200 ") {
                return Err(format!("{what}: {}", text.lines().next().unwrap_or_default()).into());
            }
        }
        if !index.contains("id=\"root\"") || !script.contains("immutable") {
            return Err(format!("not the desk: {index}").into());
        }
        Ok(())
    });
    daemon.end()?;
    answer
}

/// The address on the ready line.
fn ready_address(output: &mut impl BufRead) -> Result<String, Box<dyn std::error::Error>> {
    let mut said = String::new();
    for line in output.lines() {
        let line = line?;
        if let Some(address) = line.strip_prefix("listening on http://") {
            return Ok(address.trim().to_owned());
        }
        said.push_str(&line);
    }
    Err(format!("ctid ended before it was ready: {said}").into())
}

/// A GET as a browser makes it: head and body of the answer, as text.
fn get(address: &str, path: &str) -> Result<String, Box<dyn std::error::Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html,*/*\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Folders of the machine that built it are nobody's business.
fn names_no_machine(top: &Path, root: &Path) -> Proof {
    let home = std::env::var("HOME").unwrap_or_default();
    let words = [format!("{}/crates", top.display()), format!("{home}/.cargo/registry")];
    for program in fs::read_dir(root.join("usr/bin"))? {
        let program = program?.path();
        let bytes = fs::read(&program)?;
        let found =
            words.iter().find(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()));
        if let Some(word) = found {
            return Err(format!("{} names {word}", program.display()).into());
        }
    }
    Ok(())
}
