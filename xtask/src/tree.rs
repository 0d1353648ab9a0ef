//! The files of the project as the checks see them: everything git tracks or
//! would track, read once.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One text file of the project.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Path from the top, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The text files of the project, and the names of the others (pictures).
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) pictures: Vec<String>,
}

impl Tree {
    /// Reads what git lists below `top`; of binary files only the names.
    pub(crate) fn read(top: &Path) -> io::Result<Self> {
        let listing = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(top)
            .output()?;
        if !listing.status.success() {
            return Err(io::Error::other("git ls-files failed; is this a clone?"));
        }
        let names = String::from_utf8_lossy(&listing.stdout).into_owned();
        let (mut files, mut pictures) = (Vec::new(), Vec::new());
        for path in names.split('\0').filter(|path| !path.is_empty()) {
            match std::fs::read_to_string(top.join(path)) {
                Ok(text) => files.push(SourceFile { path: path.to_owned(), text }),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => pictures.push(path.to_owned()),
                // A file that is deleted but not yet committed is listed too.
                Err(_) => {}
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Ok(Self { files, pictures })
    }

    /// The file at exactly this path.
    pub(crate) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Our own code: Rust and TypeScript, neither generated nor recorded.
    pub(crate) fn code(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| {
            let kind = Path::new(&file.path).extension().and_then(|kind| kind.to_str());
            matches!(kind, Some("rs" | "ts" | "tsx"))
                && !file.path.contains("generated/")
                && !file.path.contains("fixtures/")
        })
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of these files, for the tests of the checks.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        Self { files, pictures: Vec::new() }
    }
}

/// Something a check found: where, what, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), mend: mend.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}\n    mend: {}", self.path, self.line, self.what, self.mend)
    }
}

/// The folder that holds the workspace.
pub(crate) fn top() -> PathBuf {
    // `cargo xtask` sets it; run by hand, the program works on the present folder.
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .and_then(|folder| folder.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| PathBuf::from("."))
}
