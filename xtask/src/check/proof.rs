//! What the tests say they prove: comments `// covers: TEL-05 S08` right above or in a test.
//!
//! A story stands for itself on Asterisk; on another switch kind it is written with it, as in
//! `S08@csta-xml`.

use crate::tree::{SourceFile, Tree};

/// One id that one test claims to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) id: String,
    /// Name of the test, or of the file where no single test follows.
    pub(crate) test: String,
    pub(crate) path: String,
    pub(crate) line: usize,
}

/// The whole of what the tree's tests claim, and the tests' own names.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    pub(crate) claims: Vec<Proof>,
    /// Names of all functions and titles of browser tests.
    pub(crate) functions: Vec<String>,
    /// Places of such comments that name no id, or stand where no test is.
    pub(crate) empty: Vec<(String, usize)>,
}

impl Proofs {
    /// Names of the tests that claim to prove this id.
    pub(crate) fn of(&self, id: &str) -> Vec<&str> {
        let mut tests: Vec<&str> =
            self.claims.iter().filter(|proof| proof.id == id).map(|proof| proof.test.as_str()).collect();
        tests.sort_unstable();
        tests.dedup();
        tests
    }
}

/// Reads all code but this program's own.
pub(crate) fn find(tree: &Tree) -> Proofs {
    let mut proofs = Proofs::default();
    for file in tree.code() {
        proofs.functions.extend(file.text.lines().filter_map(test_name).map(str::to_owned));
        if !file.path.starts_with("xtask/") {
            read(file, &mut proofs);
        }
    }
    proofs
}

fn read(file: &SourceFile, proofs: &mut Proofs) {
    let lines: Vec<&str> = file.text.lines().collect();
    let has_tests = file.path.starts_with("tests/")
        || file.path.contains("/tests/")
        || ["test]", "test(", "it("].iter().any(|mark| file.text.contains(mark));
    for (at, text) in lines.iter().enumerate() {
        let Some(claim) = claim(text) else { continue };
        let ids: Vec<&str> = claim
            .split([' ', ','])
            .map(|word| word.trim_end_matches(['.', ';']))
            .filter(|word| is_id_shaped(word))
            .collect();
        if ids.is_empty() || !has_tests {
            proofs.empty.push((file.path.clone(), at + 1));
        }
        let test = test_at(&lines, at).unwrap_or(&file.path);
        proofs.claims.extend(ids.into_iter().map(|id| Proof {
            id: id.to_owned(),
            test: test.to_owned(),
            path: file.path.clone(),
            line: at + 1,
        }));
    }
}

/// What stands after the mark, if the line is such a comment.
fn claim(text: &str) -> Option<&str> {
    let (_, comment) = text.split_once("//")?;
    Some(comment.split_once("covers:")?.1)
}

/// `TEL-05`, `S08`, `S14b`, `S08@csta-xml`: capital letters, then a digit somewhere.
fn is_id_shaped(word: &str) -> bool {
    let (id, _) = word.split_once('@').unwrap_or((word, ""));
    let letters = id.chars().take_while(char::is_ascii_uppercase).count();
    let rest = id.get(letters..).unwrap_or_default().trim_start_matches('-');
    matches!(letters, 1 | 3) && rest.starts_with(|first: char| first.is_ascii_digit())
}

/// The test this comment belongs to: the one it stands above, else the one it stands in.
fn test_at<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    let below = lines.iter().skip(at + 1);
    let next = below.copied().find(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with("//") && !line.starts_with("#[")
    });
    let above = || lines.iter().take(at).rev().find_map(|line| test_name(line));
    next.and_then(test_name).or_else(above)
}

fn test_name(line: &str) -> Option<&str> {
    function_name(line).or_else(|| {
        let line = line.trim_start();
        let call = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
        let quote = call.chars().next().filter(|first| "'\"`".contains(*first))?;
        call.get(1..)?.split(quote).next()
    })
}

/// The name of the Rust function that this line begins.
fn function_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = ["pub(crate) ", "pub(super) "].iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line);
    let head = line.split('(').next()?;
    let (before, name) = head.rsplit_once("fn ")?;
    let is_definition = before.split_whitespace().all(|word| matches!(word, "async" | "const" | "pub"));
    let name = name.split('<').next()?;
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (is_definition && is_name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proofs(path: &str, text: &str) -> Proofs {
        find(&Tree::of(&[(path, text)]))
    }

    #[test]
    fn a_claim_above_a_test_names_that_test() {
        let text =
            "// covers: TEL-05 S08, S14b@csta-xml\n#[tokio::test]\nasync fn consult_keeps_the_id() {}\n";
        let found = proofs("crates/links/src/a.rs", text);
        let ids: Vec<&str> = found.claims.iter().map(|proof| proof.id.as_str()).collect();
        assert_eq!(ids, ["TEL-05", "S08", "S14b@csta-xml"]);
        assert_eq!(found.of("S08"), ["consult_keeps_the_id"]);
    }

    #[test]
    fn a_claim_in_a_body_names_the_test_around_it() {
        let text = "#[test]\nfn first() {\n    // covers: S01\n    let a = 1;\n}\n#[test]\nfn second() {}\n";
        assert_eq!(proofs("a.rs", text).of("S01"), ["first"]);
    }

    #[test]
    fn a_browser_test_is_named_by_its_title() {
        let text = "// covers: AGT-01\ntest('a caller pops', async () => {})\n";
        assert_eq!(proofs("agent-ui/e2e/pop.spec.ts", text).of("AGT-01"), ["a caller pops"]);
    }

    #[test]
    fn a_claim_without_id_or_outside_of_tests_is_told() {
        assert_eq!(proofs("a.rs", "// covers: all\n#[test]\nfn a() {}\n").empty, [("a.rs".to_owned(), 1)]);
        assert_eq!(proofs("a.rs", "// covers: TEL-05\nfn a() {}\n").empty, [("a.rs".to_owned(), 1)]);
    }
}
