//! Small rules that no linter knows: length of files, unfinished marks, words of one machine,
//! links that lead nowhere.

use std::path::Path;

use crate::tree::{Finding, SourceFile, Tree};

/// A file is one idea; its tests at the end do not count.
const MAX_LINES: usize = 600;

/// Marks of unfinished work, put together here so that this file does not find itself.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("un", "implemented!("),
    concat!("#[", "ignore"),
    concat!("it", ".skip("),
    concat!("it", ".only("),
    concat!("test", ".skip("),
    concat!("test", ".only("),
    concat!("describe", ".skip("),
    concat!("describe", ".only("),
];

pub(crate) fn check(tree: &Tree, machine_words: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.code() {
        findings.extend(too_long(file));
        findings.extend(unfinished(file));
        if file.path.ends_with("/mod.rs") {
            let mend = "name the file after its folder and put it beside it";
            findings.push(Finding::new(&file.path, 1, "modules are `foo.rs` + `foo/`", mend));
        }
    }
    for file in tree.files.iter().filter(|file| file.path != "Cargo.lock") {
        findings.extend(machine_paths(file, machine_words));
        if Path::new(&file.path).extension().is_some_and(|kind| kind == "md") {
            findings.extend(dead_links(tree, file));
        }
    }
    findings
}

fn too_long(file: &SourceFile) -> Option<Finding> {
    let lines: Vec<&str> = file.text.lines().collect();
    let tests_start = lines.windows(2).position(|pair| {
        matches!(pair, [mark, module] if mark.trim() == "#[cfg(test)]" && module.starts_with("mod tests"))
    });
    let length = tests_start.unwrap_or(lines.len());
    (length > MAX_LINES).then(|| {
        let what = format!("{length} lines before its tests, more than {MAX_LINES}");
        Finding::new(&file.path, MAX_LINES + 1, what, "split it: one idea per file")
    })
}

fn unfinished(file: &SourceFile) -> impl Iterator<Item = Finding> {
    file.text.lines().zip(1..).filter_map(|(text, line)| {
        let mark = UNFINISHED.iter().find(|mark| has_word(text, mark))?;
        let mend = "finish it, or take it out and say in docs/requirements.md what is missing";
        Some(Finding::new(&file.path, line, format!("`{mark}` marks unfinished work"), mend))
    })
}

/// Whether `mark` stands in `text` and does not merely end a longer word.
fn has_word(text: &str, mark: &str) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        !before.is_some_and(char::is_alphanumeric)
    })
}

/// Folders and package hosts of the machine this runs on. They are read from the machine, so they
/// stand nowhere in the project; each clone finds its own.
pub(crate) fn machine_words(top: &Path) -> Vec<String> {
    let mut words = Vec::new();
    let home = std::env::var("HOME").unwrap_or_default();
    let top = top.canonicalize().unwrap_or_else(|_missing| top.to_path_buf());
    let above = top.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    for folder in [&above, &home] {
        if folder.len() > 1 {
            words.push(format!("{}/", folder.trim_end_matches('/')));
        }
    }
    let mut settings: Vec<_> = [".cargo/config.toml", ".pip/pip.conf", ".config/pip/pip.conf", ".npmrc"]
        .iter()
        .map(|file| Path::new(&home).join(file))
        .collect();
    settings.extend(["/etc/apt/sources.list", "/etc/pip.conf"].map(Into::into));
    if let Ok(lists) = std::fs::read_dir("/etc/apt/sources.list.d") {
        settings.extend(lists.flatten().map(|entry| entry.path()));
    }
    for file in settings {
        words.extend(hosts(&std::fs::read_to_string(file).unwrap_or_default()));
    }
    words.sort();
    words.dedup();
    words
}

/// The hosts of all addresses in a settings file, but for this machine's own.
fn hosts(settings: &str) -> Vec<String> {
    let addresses = settings.match_indices("://").filter_map(|(at, mark)| settings.get(at + mark.len()..));
    let hosts = addresses.filter_map(|address| {
        let authority = address.split(['/', ' ', '"', '\n', '\r', '\'']).next()?;
        let host = authority.rsplit('@').next()?.split(':').next()?;
        let is_own = host.starts_with("127.") || !host.contains('.');
        (!is_own).then(|| host.to_owned())
    });
    hosts.collect()
}

fn machine_paths(file: &SourceFile, words: &[String]) -> impl Iterator<Item = Finding> {
    file.text.lines().zip(1..).filter_map(|(text, line)| {
        let word = words.iter().find(|word| names(text, word))?;
        let mend = "say it without this machine: a path from the top of the tree, a setting, an example";
        Some(Finding::new(&file.path, line, format!("`{word}` belongs to this machine"), mend))
    })
}

/// Whether `text` names the path or host, and not a longer one that merely contains it.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || "._-}~)".contains(letter))
    })
}

/// Links of a page to files of the tree that are not there.
fn dead_links(tree: &Tree, page: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (text, line) in page.text.lines().zip(1..) {
        let targets =
            text.match_indices("](").filter_map(|(at, mark)| text.get(at + mark.len()..)?.split(')').next());
        for target in targets {
            // A title may follow: `path "title"`.
            let target = target.split(['#', ' ']).next().unwrap_or_default();
            let is_elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !is_elsewhere && !exists(tree, &page.path, target) {
                let what = format!("the link to {target} leads nowhere");
                findings.push(Finding::new(&page.path, line, what, "mend the path or take the link out"));
            }
        }
    }
    findings
}

/// Whether `target`, written on the page at `from`, is a file or folder of the tree.
fn exists(tree: &Tree, from: &str, target: &str) -> bool {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    let path = parts.join("/");
    let folder = format!("{path}/");
    let mut paths = tree.files.iter().map(|file| &file.path).chain(&tree.pictures);
    paths.any(|one| *one == path || one.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let words = ["/build/area/".to_owned(), "packages.example.net".to_owned()];
        let tree = Tree::of(&[(path, text)]);
        check(&tree, &words).into_iter().map(|finding| (finding.line, finding.what)).collect()
    }

    #[test]
    fn a_file_is_measured_without_its_tests() {
        let body = "// line\n".repeat(600);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// t\n".repeat(300));
        assert_eq!(found("a.rs", &format!("{body}{tests}")), []);
        assert_eq!(found("a.rs", &format!("{body}//\n{tests}")).len(), 1);
        assert_eq!(found("a/generated/b.ts", &body.repeat(2)), []);
    }

    #[test]
    fn unfinished_marks_are_found_where_they_stand() {
        let text = format!("fn a() {{}}\n// {} later\nfn autodo() {{}}\n", concat!("TO", "DO"));
        let found = found("a.rs", &text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 2);
        let skipped = format!("{}'x', f)", concat!("it", ".skip("));
        assert!(!unfinished(&Tree::of(&[("a.ts", &skipped)]).files[0]).collect::<Vec<_>>().is_empty());
        assert!(!has_word(concat!("submit", ".skip(2)"), concat!("it", ".skip(")));
    }

    #[test]
    fn machine_words_are_found_as_whole_paths_only() {
        let text = "see crates/build/area/x\nsee /build/area/x\nfrom packages.example.net\nmy.packages.example.net\n";
        let lines: Vec<usize> = found("docs/a.md", text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [2, 3]);
    }

    #[test]
    fn hosts_are_read_from_settings() {
        let settings = "deb http://user:key@a.example.org:8080/debian x\nURIs: https://b.example.org/\nhttp://localhost/\n";
        assert_eq!(hosts(settings), ["a.example.org", "b.example.org"]);
    }

    #[test]
    fn links_must_lead_somewhere() {
        let page = "[a](../README.md#top) [b](gone.md)\n[c](https://example.org) [d](decisions \"all\")\n";
        let tree = Tree::of(&[("README.md", ""), ("docs/a.md", page), ("docs/decisions/1.md", "")]);
        let found = check(&tree, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "the link to gone.md leads nowhere");
    }
}
