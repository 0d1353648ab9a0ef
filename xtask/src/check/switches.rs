//! `docs/switches.md`: which story is proven on which switch, with the test of each cell. The states are those of
//! `docs/requirements.md`; what an Asterisk of one version and shape proves is what its own tests claim.
//!
//! The other half of the page, what each dialect can do, is written by a test of `links`, which knows the dialects.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::proof::{Proof, Proofs};
use super::requirements::{self, Row};
use crate::tree::{Finding, Tree};

const PAGE: &str = "docs/switches.md";
const REQUIREMENTS: &str = "docs/requirements.md";
const BEGIN: &str = "<!-- stories: written by `cargo xtask bless switches` -->\n";
const END: &str = "<!-- stories end -->\n";

/// A column: its head, the place of its state among the columns of the requirements, and whose claims count.
struct Column {
    head: &'static str,
    state: usize,
    /// What claims are written with behind the story; nothing for Asterisk.
    kind: &'static str,
    /// Parts of the path or of the name of a test that is played there; empty for any.
    tests: &'static [&'static str],
}

const COLUMNS: &[Column] = &[
    Column {
        head: "Asterisk 22",
        state: 0,
        kind: "",
        tests: &["tests/it/asterisk22.rs", "tests/it/asterisk22/", "asterisk_22_plain_"],
    },
    Column {
        head: "Asterisk 16",
        state: 0,
        kind: "",
        tests: &["tests/it/asterisk16.rs", "asterisk_16_plain_"],
    },
    Column {
        head: "FreePBX-shaped",
        state: 0,
        kind: "",
        tests: &["tests/it/asterisk22_freepbx.rs", "tests/it/asterisk16_freepbx.rs", "_freepbx_tells"],
    },
    Column { head: "csta-xml", state: 1, kind: "@csta-xml", tests: &[] },
    Column { head: "csta-asn1", state: 2, kind: "@csta-asn1", tests: &[] },
    Column { head: "avaya-dmcc", state: 3, kind: "@avaya-dmcc", tests: &[] },
];

pub(crate) fn check(tree: &Tree, proofs: &Proofs) -> Vec<Finding> {
    let mend = "run `cargo xtask bless switches` and read the difference";
    let Some(page) = tree.file(PAGE) else {
        return vec![Finding::new(PAGE, 1, "missing", "bring it back from the history")];
    };
    match blessed(&page.text, &stories(tree, proofs)) {
        Some(wanted) if wanted == page.text => Vec::new(),
        Some(_) => vec![Finding::new(PAGE, 1, "the stories are not those of the tests any more", mend)],
        None => {
            vec![Finding::new(PAGE, 1, format!("`{}` is missing", BEGIN.trim_end()), "bring the mark back")]
        }
    }
}

/// Writes the stories of the page.
pub(crate) fn bless(top: &Path, tree: &Tree, proofs: &Proofs) -> io::Result<()> {
    let file = top.join(PAGE);
    let page = std::fs::read_to_string(&file)?;
    let wanted = blessed(&page, &stories(tree, proofs));
    std::fs::write(
        file,
        wanted.ok_or_else(|| io::Error::other(format!("{PAGE} has no place for the stories")))?,
    )
}

/// The page with these stories; none when it has no place for them.
fn blessed(page: &str, stories: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{stories}{END}{after}"))
}

fn stories(tree: &Tree, proofs: &Proofs) -> String {
    let heads: Vec<&str> = COLUMNS.iter().map(|column| column.head).collect();
    let mut table = format!(
        "\n| story | what happens | {} |\n|---|---|{}\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    );
    let mut notes: Vec<String> = Vec::new();
    let rows = tree.file(REQUIREMENTS).map(requirements::table_rows).unwrap_or_default();
    for row in rows.iter().filter(|row| !row.id.contains('-')) {
        let cells: Vec<String> = COLUMNS.iter().map(|column| cell(row, column, proofs, &mut notes)).collect();
        let title = row.cells.first().copied().unwrap_or_default();
        let _infallible = writeln!(table, "| {} | {title} | {} |", row.id, cells.join(" | "));
    }
    table.push('\n');
    for (number, note) in (1..).zip(&notes) {
        let _infallible = writeln!(table, "{number}. {note}");
    }
    table
}

/// The state of a story on a switch, as a link to its test; what is missing stands in a note.
fn cell(row: &Row<'_>, column: &Column, proofs: &Proofs, notes: &mut Vec<String>) -> String {
    let state = row.cells.get(1 + column.state).copied().unwrap_or_default();
    let Some(proof) = proof(row.id, column, proofs) else {
        return if state == "works" { "not tried".to_owned() } else { noted(state, "", notes) };
    };
    noted(state, &format!("(../{} \"{}\")", proof.path, proof.test), notes)
}

fn noted(state: &str, link: &str, notes: &mut Vec<String>) -> String {
    let (word, rest) = state.split_once(':').unwrap_or((state, ""));
    let word = if link.is_empty() { word.to_owned() } else { format!("[{word}]{link}") };
    let rest = rest.trim();
    if rest.is_empty() {
        return word;
    }
    let number = notes.iter().position(|note| note == rest).unwrap_or_else(|| {
        notes.push(rest.to_owned());
        notes.len() - 1
    });
    format!("{word} ({})", number + 1)
}

/// The test of a cell: one that plays the story over the wire before one that does not.
fn proof<'p>(story: &str, column: &Column, proofs: &'p Proofs) -> Option<&'p Proof> {
    let id = format!("{story}{}", column.kind);
    let counts = |proof: &&Proof| {
        let is_played = |part: &&str| proof.path.contains(part) || proof.test.contains(part);
        column.tests.is_empty() || column.tests.iter().any(is_played)
    };
    let claims = proofs.claims.iter().filter(|proof| proof.id == id).filter(counts);
    let rank = |proof: &&Proof| {
        let is_replayed = proof.test.ends_with("_tells_the_stories");
        (!proof.path.starts_with("tests/it/"), is_replayed, proof.path.clone(), proof.line)
    };
    claims.min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::*;

    const ROWS: &str = "\
| story | what happens | asterisk | csta-xml | csta-asn1 | avaya-dmcc | tests |
|---|---|---|---|---|---|---|
| S01 | a talk | works | works | partly: no cause | partly: no cause | |
| S02 | a call | not yet | not yet | lacks: ParkCall | works | |
| TEL-01 | works | |
";
    const WIRE: &str = "// covers: S01 S01@csta-xml S01@csta-asn1\n#[test]\nfn talks() {}\n";

    fn page(stories: &str) -> String {
        format!("# Switches\n\n{BEGIN}{stories}{END}\n## More\n")
    }

    fn tree(page: &str) -> Tree {
        let replay = "// covers: S01\n#[test]\nfn asterisk_16_plain_tells_the_stories() {}\n";
        let model = "// covers: S01@csta-xml S02@csta-asn1\n#[test]\nfn translated() {}\n";
        Tree::of(&[
            (PAGE, page),
            (REQUIREMENTS, ROWS),
            ("tests/it/asterisk22/stories.rs", WIRE),
            ("tests/it/replay.rs", replay),
            ("crates/links/tests/csta.rs", model),
        ])
    }

    #[test]
    fn each_cell_leads_to_its_test() {
        let tree = tree(&page(""));
        let stories = stories(&tree, &proof::find(&tree));
        let wire = "(../tests/it/asterisk22/stories.rs \"talks\")";
        let replay = "(../tests/it/replay.rs \"asterisk_16_plain_tells_the_stories\")";
        let model = "(../crates/links/tests/csta.rs \"translated\")";
        let rows = [
            format!(
                "| S01 | a talk | [works]{wire} | [works]{replay} | not tried | [works]{wire} | [partly]{wire} (1) | partly (1) |"
            ),
            format!(
                "| S02 | a call | not yet | not yet | not yet | not yet | [lacks]{model} (2) | not tried |"
            ),
        ];
        for row in rows {
            assert!(stories.contains(&row), "{row}\n{stories}");
        }
        assert!(stories.ends_with("\n\n1. no cause\n2. ParkCall\n"), "{stories}");
    }

    #[test]
    fn a_page_that_is_stale_is_found() {
        let stale = tree(&page("\nold\n"));
        let proofs = proof::find(&stale);
        assert_eq!(check(&stale, &proofs).len(), 1);
        let fresh = tree(&page(&stories(&stale, &proofs)));
        assert_eq!(check(&fresh, &proofs), []);
        assert_eq!(check(&tree("# Switches\n"), &proofs).len(), 1);
    }
}
