//! What holds for the desk without a browser: types, lints, the REST types, the size of the first load, catalogues.

use std::fs;
use std::io;
use std::path::Path;

use crate::desk::{self, DeskError, FOLDER};
use crate::test;
use crate::tree::{Finding, SourceFile, Tree};

/// First load, gzip: the promise of the budget table.
const FIRST_LOAD_BYTES: u64 = 220_000;
/// What the build says a view loads first.
const FIRST_LOAD: &str = ".first-load";
/// All pages and languages, not compressed (AGT-38).
const WHOLE_BYTES: u64 = 2_000_000;

/// The description of the API, and the types made from it.
const DESCRIPTION: &str = "docs/api/openapi.json";
const TYPES: &str = "src/api/generated/rest.ts";

const CATALOGUES: &str = "agent-ui/src/i18n/messages/";
/// The language the others follow, and those that must be whole: all that a desk speaks.
const BASE: &str = "en";
const WHOLE: [&str; 5] = ["cs", "sk", "pl", "it", "de"];

/// Everything that needs Node. `Err` says why nothing could be checked.
pub(super) fn check_built(top: &Path) -> Result<Vec<Finding>, DeskError> {
    desk::build(top)?;
    let mut findings = Vec::new();
    if let Err(error) = desk::script(top, "check") {
        findings.push(Finding::new(FOLDER, 1, error.to_string(), "mend what it names"));
    }
    let fresh = test::own_folder()?.join("rest.ts");
    write_types(top, &fresh)?;
    let committed = format!("{FOLDER}/{TYPES}");
    if fs::read(&fresh)? != fs::read(top.join(&committed)).unwrap_or_default() {
        let what = format!("differs from what {DESCRIPTION} gives");
        findings.push(Finding::new(&committed, 1, what, "run `cargo xtask bless types` and commit it"));
    }
    findings.extend(too_heavy(&top.join(FOLDER).join("dist"))?);
    Ok(findings)
}

/// `cargo xtask bless types`: the REST types of the desk, made anew from the description of the API.
pub(crate) fn bless_types(top: &Path) -> Result<(), DeskError> {
    desk::build(top)?;
    write_types(top, &top.join(FOLDER).join(TYPES))
}

fn write_types(top: &Path, file: &Path) -> Result<(), DeskError> {
    let mut command = desk::tool(top, "openapi-typescript/bin/cli.js");
    let output = command.arg(top.join(DESCRIPTION)).arg("--output").arg(file).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(DeskError::Failed(format!("openapi-typescript: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Weighs what a browser loads before a view stands: the page to sign in, and the desk of somebody signed in, with the
/// words of one language. The build lists it (`agent-ui/build/firstLoad.ts`); fonts show in their turn and do not count.
fn too_heavy(dist: &Path) -> io::Result<Vec<Finding>> {
    let list = fs::read_to_string(dist.join(FIRST_LOAD))?;
    let mut findings = Vec::new();
    for view in ["sign-in", "desk"] {
        let mut bytes = 0;
        for name in files_of(&list, view) {
            let plain = dist.join(name);
            let zipped = dist.join(format!("{name}.gz"));
            // What is too small to be compressed is sent as it is.
            bytes += fs::metadata(&zipped).or_else(|_| fs::metadata(&plain))?.len();
        }
        println!("first load, {view}: {:.1} kB gzip of {} kB", kilo(bytes), FIRST_LOAD_BYTES / 1_000);
        if bytes == 0 || bytes > FIRST_LOAD_BYTES {
            let what = format!("the first load of `{view}` weighs {:.1} kB gzip", kilo(bytes));
            let mend = format!(
                "keep it below {:.0}: load what nobody needs at once later (`comesLater`), or drop a library",
                kilo(FIRST_LOAD_BYTES)
            );
            findings.push(Finding::new(FOLDER, 1, what, mend));
        }
    }
    findings.extend(too_big(dist)?);
    Ok(findings)
}

/// The built files that a view loads first.
fn files_of<'a>(list: &'a str, view: &'a str) -> impl Iterator<Item = &'a str> {
    list.lines().filter_map(move |line| line.strip_prefix(view)?.strip_prefix(' '))
}

/// The whole desk, all pages and languages and the fonts, as it is before compression.
fn too_big(dist: &Path) -> io::Result<Option<Finding>> {
    let mut bytes = 0;
    for entry in fs::read_dir(dist.join("assets"))? {
        let entry = entry?;
        let is_variant = entry.path().extension().is_some_and(|end| end == "gz" || end == "br");
        bytes += if is_variant { 0 } else { entry.metadata()?.len() };
    }
    println!("the whole desk: {:.1} kB of {} kB", kilo(bytes), WHOLE_BYTES / 1_000);
    Ok((bytes > WHOLE_BYTES).then(|| {
        let what = format!("all pages, languages and fonts together are {:.1} kB", kilo(bytes));
        Finding::new(FOLDER, 1, what, format!("keep them below {:.0}: drop a library", kilo(WHOLE_BYTES)))
    }))
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a figure for people, far below 2^52")]
fn kilo(bytes: u64) -> f64 {
    bytes as f64 / 1_000.0
}

/// Every sentence exists in the base language and in those that must be whole; no other language has one more.
pub(super) fn check_catalogues(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let bases = tree.files.iter().filter_map(|file| {
        let name = file.path.strip_prefix(CATALOGUES)?.strip_suffix(".json")?;
        let area = name.strip_suffix(BASE)?.strip_suffix('.')?;
        Some((area, file))
    });
    for (area, base) in bases {
        let keys = keys(&base.text);
        let start = format!("{CATALOGUES}{area}.");
        let others = tree.files.iter().filter(|file| file.path.starts_with(&start) && file.path != base.path);
        for other in others {
            let language = other.path.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".json"));
            findings.extend(compare(base, &keys, other, language.is_some_and(|name| WHOLE.contains(&name))));
        }
        for language in WHOLE {
            let path = format!("{start}{language}.json");
            if tree.file(&path).is_none() {
                findings.push(Finding::new(&path, 1, "missing", format!("translate {}", base.path)));
            }
        }
    }
    findings
}

fn compare(base: &SourceFile, keys: &[(String, usize)], other: &SourceFile, is_whole: bool) -> Vec<Finding> {
    let theirs = self::keys(&other.text);
    let has = |list: &[(String, usize)], key: &str| list.iter().any(|(known, _)| known == key);
    let missing = keys.iter().filter(|(key, _)| is_whole && !has(&theirs, key)).map(|(key, line)| {
        let mend = format!("translate line {line} of {}", base.path);
        Finding::new(&other.path, 1, format!("lacks `{key}`"), mend)
    });
    let surplus = theirs.iter().filter(|(key, _)| !has(keys, key)).map(|(key, line)| {
        let mend = format!("take it out, or add it to {}", base.path);
        Finding::new(&other.path, *line, format!("`{key}` is not in the base language"), mend)
    });
    missing.chain(surplus).collect()
}

/// The keys of the outermost object, with their lines, but for the schema's.
fn keys(json: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let (mut depth, mut line) = (0_u32, 1);
    let mut text = String::new();
    let (mut in_text, mut is_escaped) = (false, false);
    for letter in json.chars() {
        line += usize::from(letter == '\n');
        if in_text {
            in_text = is_escaped || letter != '"';
            if in_text {
                text.push(letter);
            }
            is_escaped = letter == '\\' && !is_escaped;
            continue;
        }
        match letter {
            '"' => {
                text.clear();
                in_text = true;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 1 && text != "$schema" => found.push((text.clone(), line)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_outer_object_are_found_whatever_stands_in_them() {
        let json = "{\n  \"$schema\": \"https://x\",\n  \"a\": \"say \\\"b\\\": {c}\",\n  \"d\": [{ \"match\": { \"e\": \"f\" } }]\n}\n";
        assert_eq!(keys(json), [("a".to_owned(), 3), ("d".to_owned(), 4)]);
    }

    #[test]
    fn a_sentence_that_is_not_translated_is_named_in_a_language_that_must_be_whole() {
        let at = |language: &str| format!("{CATALOGUES}desk.{language}.json");
        let both = "{ \"a\": \"A\", \"b\": \"B\" }";
        let (cs, de) = (at("cs"), at("de"));
        let more = ["en", "sk", "pl", "it"].map(at);
        let mut files: Vec<(&str, &str)> = more.iter().map(|path| (path.as_str(), both)).collect();
        files.push((cs.as_str(), "{ \"a\": \"A\" }"));
        files.push((de.as_str(), "{ \"a\": \"A\", \"b\": \"B\", \"c\": \"C\" }"));
        let whats: Vec<String> = check_catalogues(&Tree::of(&files))
            .into_iter()
            .map(|one| format!("{} {}", one.path, one.what))
            .collect();
        assert_eq!(whats, [format!("{cs} lacks `b`"), format!("{de} `c` is not in the base language")]);
    }

    #[test]
    fn a_language_that_must_be_whole_must_be_there() {
        let en = format!("{CATALOGUES}admin.en.json");
        let found = check_catalogues(&Tree::of(&[(en.as_str(), "{}")]));
        let paths: Vec<&str> =
            found.iter().map(|one| one.path.rsplit('/').next().unwrap_or_default()).collect();
        assert_eq!(paths, WHOLE.map(|language| format!("admin.{language}.json")));
    }

    // covers: AGT-38
    #[test]
    fn a_view_that_loads_too_much_first_is_found_and_one_that_does_not_is_not() -> io::Result<()> {
        let dist = std::env::temp_dir().join(format!("tieline-first-load-{}", std::process::id()));
        fs::create_dir_all(dist.join("assets"))?;
        fs::write(dist.join(FIRST_LOAD), "sign-in assets/a.js\ndesk assets/a.js\ndesk assets/b.js\n")?;
        fs::write(dist.join("assets/a.js"), vec![b'a'; 900_000])?;
        fs::write(dist.join("assets/a.js.gz"), vec![b'a'; 120_000])?;
        fs::write(dist.join("assets/b.js"), vec![b'b'; 100_001])?;
        let found = too_heavy(&dist);
        fs::remove_dir_all(&dist)?;
        let whats: Vec<String> = found?.into_iter().map(|one| one.what).collect();
        assert_eq!(whats, ["the first load of `desk` weighs 220.0 kB gzip"]);
        Ok(())
    }
}
