//! The copyright file: our licence, and every library in the programs with its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::said;
use crate::artifacts;

/// Licence files begin so.
const NAMES: [&str; 4] = ["LICENSE", "LICENCE", "COPYING", "NOTICE"];

/// Packages of the desk whose bytes are in the pages, with the file that holds their licence, below `node_modules`.
const PAGES: [&str; 8] = [
    "react",
    "react-dom",
    "react-aria-components",
    "react-aria",
    "@tanstack/react-query",
    "@tanstack/react-router",
    "lucide-react",
    "@fontsource-variable/inter",
];

pub(super) fn copyright(top: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut text = format!(
        "Tieline is licensed under the Apache License, version 2.0, which follows. The libraries it contains, and \
         their licences, stand behind it.\n\n{}\n",
        fs::read_to_string(top.join("LICENSE"))?
    );
    // Many libraries share a text to the letter: each text once, with all it belongs to.
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, folder) in crates(top)?.into_iter().chain(packages(top)) {
        for licence in licences(&folder) {
            texts.entry(licence).or_default().push(name.clone());
        }
    }
    for (licence, names) in texts {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{}\n{}\n\n{}\n", "-".repeat(78), names.join(", "), licence.trim());
    }
    Ok(text)
}

/// Name with version and licence of every crate in the programs, and the folder of its source.
fn crates(top: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn std::error::Error>> {
    let mut command = artifacts::cargo();
    command
        .args(["tree", "-p", "ctid", "-e", "normal", "--prefix", "none", "-f", "{p}|{l}"])
        .current_dir(top);
    let listing = said(&mut command)?;
    let sources = sources();
    let mut found: Vec<(String, PathBuf)> = listing
        .lines()
        // Our own stand with their path.
        .filter(|line| !line.contains("(/"))
        .filter_map(|line| {
            let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
            let package = package.trim_end_matches(" (proc-macro)");
            let (name, version) = package.split_once(" v")?;
            let folder = format!("{name}-{version}");
            let source = sources.iter().map(|sources| sources.join(&folder)).find(|folder| folder.is_dir());
            Some((format!("{name} {version} ({licence})"), source?))
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Where cargo keeps the sources it has fetched, one folder per registry.
fn sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let entries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn packages(top: &Path) -> Vec<(String, PathBuf)> {
    let modules = top.join("agent-ui/node_modules");
    PAGES.iter().map(|name| ((*name).to_owned(), modules.join(name))).collect()
}

fn licences(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().to_uppercase();
            NAMES.iter().any(|start| name.starts_with(start))
        })
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
}
