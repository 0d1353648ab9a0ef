//! Traceability: `docs/requirements.md` has every row once, and what it says works is proven by a
//! test; the invariants of `ARCHITECTURE.md` name guards that exist.

use super::proof::Proofs;
use crate::tree::{Finding, SourceFile, Tree};

const PAGE: &str = "docs/requirements.md";

/// The chapters and how many rows each has: 408 in all.
const CHAPTERS: &[(&str, u32)] = &[
    ("TEL", 28),
    ("RTE", 45),
    ("IVR", 18),
    ("OUT", 34),
    ("AGT", 38),
    ("POP", 24),
    ("REC", 30),
    ("SUP", 26),
    ("REP", 46),
    ("CHN", 28),
    ("ADM", 23),
    ("INT", 16),
    ("SEC", 17),
    ("OPS", 20),
    ("DOC", 15),
];

const STORIES: u32 = 30;
/// Variants that are told apart from their story.
const SUB_STORIES: &[&str] = &["S05b", "S05c", "S14b"];

/// The columns of the story table after the title; a story is proven per switch kind.
const SWITCH_KINDS: &[&str] = &["asterisk", "csta-xml", "csta-asn1", "avaya-dmcc"];

/// A line of one of the tables.
pub(super) struct Row<'a> {
    line: usize,
    pub(super) id: &'a str,
    pub(super) cells: Vec<&'a str>,
}

/// One thing with a state: a row, or a story on one switch kind.
struct Tracked<'a> {
    line: usize,
    /// As tests write it after `covers:`.
    id: String,
    state: &'a str,
}

pub(crate) fn check(tree: &Tree, proofs: &Proofs) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(page) = tree.file(PAGE) {
        let rows = table_rows(page);
        findings.extend(ids(&rows));
        findings.extend(named_tests(PAGE, &rows, proofs));
        for tracked in tracked(&rows) {
            findings.extend(state(&tracked, proofs));
        }
    } else {
        findings.push(Finding::new(PAGE, 1, "missing", "bring it back from the history"));
    }
    findings.extend(claims(proofs));
    if let Some(page) = tree.file("ARCHITECTURE.md") {
        findings.extend(guards(page, proofs));
    }
    findings
}

/// Rows that tests claim to prove while the page says otherwise: not wrong, but worth a look.
pub(crate) fn hints(tree: &Tree, proofs: &Proofs) -> Vec<String> {
    let Some(page) = tree.file(PAGE) else {
        return Vec::new();
    };
    let rows = table_rows(page);
    let open = tracked(&rows).into_iter().filter(|tracked| tracked.state == "not yet");
    let hints = open.filter_map(|tracked| {
        let tests = proofs.of(&tracked.id);
        (!tests.is_empty())
            .then(|| format!("{} is `not yet`, but claimed by {}", tracked.id, tests.join(", ")))
    });
    hints.collect()
}

/// Every line of a table but its head.
pub(super) fn table_rows(page: &SourceFile) -> Vec<Row<'_>> {
    let rows = page.text.lines().zip(1..).filter_map(|(text, line)| {
        let inner = text.strip_prefix('|')?.trim_end().strip_suffix('|')?;
        let mut cells: Vec<&str> = inner.split('|').map(str::trim).collect();
        let id = cells.remove(0);
        let is_head = matches!(id, "row" | "story") || id.starts_with("---");
        (!is_head).then_some(Row { line, id, cells })
    });
    rows.collect()
}

fn expected_ids() -> Vec<String> {
    let rows =
        CHAPTERS.iter().flat_map(|(chapter, rows)| (1..=*rows).map(move |row| format!("{chapter}-{row:02}")));
    let stories = (1..=STORIES).map(|story| format!("S{story:02}"));
    rows.chain(stories).chain(SUB_STORIES.iter().map(|story| (*story).to_owned())).collect()
}

/// Each id once, none missing, none invented.
fn ids(rows: &[Row<'_>]) -> Vec<Finding> {
    let mut missing = expected_ids();
    let mut findings = Vec::new();
    for row in rows {
        if let Some(at) = missing.iter().position(|id| id == row.id) {
            missing.swap_remove(at);
        } else {
            let what = format!("`{}` is no id, or stands here twice", row.id);
            findings.push(Finding::new(PAGE, row.line, what, "ids are fixed: one line for each"));
        }
    }
    missing.sort();
    if !missing.is_empty() {
        let what = format!("rows are missing: {}", missing.join(", "));
        findings.push(Finding::new(PAGE, 1, what, "add a line for each, state `not yet`"));
    }
    findings
}

/// Everything with a state: a row has one, a story one for each switch kind.
fn tracked<'a>(rows: &[Row<'a>]) -> Vec<Tracked<'a>> {
    let mut all = Vec::new();
    for row in rows {
        if row.id.contains('-') {
            let state = row.cells.first().copied().unwrap_or_default();
            all.push(Tracked { line: row.line, id: row.id.to_owned(), state });
            continue;
        }
        let mut states = row.cells.iter().skip(1).copied();
        for kind in SWITCH_KINDS {
            let id = match *kind {
                "asterisk" => row.id.to_owned(),
                kind => format!("{}@{kind}", row.id),
            };
            all.push(Tracked { line: row.line, id, state: states.next().unwrap_or_default() });
        }
    }
    all
}

fn state(tracked: &Tracked<'_>, proofs: &Proofs) -> Option<Finding> {
    let Tracked { line, id, state } = tracked;
    let says_what = |rest: &str| !rest.trim().is_empty();
    match *state {
        "works" if proofs.of(id).is_empty() => {
            let mend = format!("write `covers: {id}` above the test that proves it, or change the state");
            Some(Finding::new(PAGE, *line, format!("{id} works, says the page; no test says so"), mend))
        }
        "works" | "not yet" => None,
        other if other.strip_prefix("partly:").is_some_and(says_what) => None,
        other => {
            let mend = "states are `works`, `partly: what is there and what is not`, `not yet`";
            Some(Finding::new(PAGE, *line, format!("{id} has the state `{other}`"), mend))
        }
    }
}

/// Tests named in the last column must exist.
fn named_tests(page: &str, rows: &[Row<'_>], proofs: &Proofs) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        for name in row.cells.last().into_iter().flat_map(|cell| quoted(cell)) {
            if !proofs.functions.iter().any(|function| function == name) {
                let mend = "give the name of a test function in the tree";
                findings.push(Finding::new(page, row.line, format!("there is no test `{name}`"), mend));
            }
        }
    }
    findings
}

/// The names between back quotes; a path before a name is not looked at.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2).filter_map(|name| name.rsplit("::").next())
}

/// Claims of tests: ids must be known, and a claim must name some.
fn claims(proofs: &Proofs) -> Vec<Finding> {
    let known = expected_ids();
    let mut findings: Vec<Finding> = proofs
        .empty
        .iter()
        .map(|(path, line)| {
            Finding::new(path, *line, "`covers:` proves nothing here", "name ids, right above or in a test")
        })
        .collect();
    for proof in &proofs.claims {
        let (id, kind) = proof.id.split_once('@').unwrap_or((&proof.id, "asterisk"));
        if !known.iter().any(|one| one == id) || !SWITCH_KINDS.contains(&kind) {
            let what = format!("`{}` is neither a row nor a story", proof.id);
            findings.push(Finding::new(&proof.path, proof.line, what, format!("the ids stand in {PAGE}")));
        }
    }
    findings
}

/// In a table whose last column is headed `guard`, every line names at least one test, and all exist.
fn guards(page: &SourceFile, proofs: &Proofs) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_table = false;
    for (text, line) in page.text.lines().zip(1..) {
        let last = text.trim_end().strip_suffix('|').and_then(|inner| inner.rsplit('|').next());
        let Some(cell) = last.map(str::trim) else {
            in_table = false;
            continue;
        };
        if cell == "guard" {
            in_table = true;
        } else if in_table && !cell.starts_with("---") {
            let names: Vec<&str> = quoted(cell).collect();
            let missing =
                names.iter().find(|name| !proofs.functions.iter().any(|function| function == *name));
            let what = match missing {
                Some(name) => format!("the guard `{name}` does not exist"),
                None if names.is_empty() => "an invariant without a guard".to_owned(),
                None => continue,
            };
            findings.push(Finding::new(&page.path, line, what, "name the test that would fail"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::*;

    /// A page with every row `not yet`, but for these lines.
    fn page(changes: &[(&str, &str)]) -> String {
        let lines = expected_ids().into_iter().map(|id| {
            let change = changes.iter().find(|(changed, _)| *changed == id);
            let open = if id.contains('-') {
                "not yet | "
            } else {
                "title | not yet | not yet | not yet | not yet | "
            };
            format!("| {id} | {} |\n", change.map_or(open, |(_, cells)| cells))
        });
        lines.collect()
    }

    fn whats(page: &str, code: &str) -> Vec<String> {
        let tree = Tree::of(&[(PAGE, page), ("tests/it/a.rs", code)]);
        let proofs = proof::find(&tree);
        check(&tree, &proofs).into_iter().map(|finding| finding.what).collect()
    }

    const TEST: &str = "// covers: TEL-05 S08\n#[test]\nfn proven() {}\n";

    #[test]
    fn there_are_408_rows_and_33_stories() {
        let rows: u32 = CHAPTERS.iter().map(|(_, rows)| rows).sum();
        assert_eq!(rows, 408);
        assert_eq!(expected_ids().len(), 441);
        assert_eq!(whats(&page(&[]), ""), Vec::<String>::new());
    }

    #[test]
    fn missing_double_and_invented_rows_are_found() {
        let broken = page(&[]).replace("| TEL-28 ", "| TEL-27 ").replace("| S30 ", "| S3 ");
        let found = whats(&broken, "");
        assert_eq!(
            found,
            [
                "`TEL-27` is no id, or stands here twice",
                "`S3` is no id, or stands here twice",
                "rows are missing: S30, TEL-28",
            ]
        );
    }

    #[test]
    fn what_works_must_be_claimed_by_a_test() {
        let works = page(&[
            ("TEL-05", "works | `proven`"),
            ("S08", "title | works | not yet | not yet | not yet | `proven`"),
        ]);
        assert_eq!(whats(&works, TEST), Vec::<String>::new());
        let found = whats(&works, "fn proven() {}");
        assert_eq!(
            found,
            ["TEL-05 works, says the page; no test says so", "S08 works, says the page; no test says so"]
        );
    }

    #[test]
    fn a_story_is_proven_per_switch_kind() {
        let works = page(&[("S08", "title | works | works | not yet | not yet | ")]);
        assert_eq!(whats(&works, TEST), ["S08@csta-xml works, says the page; no test says so"]);
    }

    #[test]
    fn states_and_named_tests_are_checked() {
        let odd =
            page(&[("TEL-01", "done | "), ("TEL-02", "partly: | "), ("TEL-03", "partly: codec | `gone`")]);
        assert_eq!(
            whats(&odd, ""),
            ["there is no test `gone`", "TEL-01 has the state `done`", "TEL-02 has the state `partly:`"]
        );
    }

    #[test]
    fn unknown_ids_in_claims_are_found() {
        let code = "// covers: TEL-99 S01@vendor\n#[test]\nfn a() {}\n";
        assert_eq!(
            whats(&page(&[]), code),
            ["`TEL-99` is neither a row nor a story", "`S01@vendor` is neither a row nor a story"]
        );
    }

    #[test]
    fn claims_of_open_rows_are_hinted_at() {
        let page = page(&[]);
        let tree = Tree::of(&[(PAGE, &page), ("tests/it/a.rs", TEST)]);
        let hints = hints(&tree, &proof::find(&tree));
        assert_eq!(
            hints,
            ["TEL-05 is `not yet`, but claimed by proven", "S08 is `not yet`, but claimed by proven"]
        );
    }

    #[test]
    fn an_invariant_needs_a_guard_that_exists() {
        let text =
            "| invariant | guard |\n|---|---|\n| a | `proven` |\n| b | `gone` |\n| c | |\n\n| x | y |\n";
        let tree = Tree::of(&[("ARCHITECTURE.md", text), ("tests/it/a.rs", TEST)]);
        let architecture = tree.file("ARCHITECTURE.md").unwrap();
        let found = guards(architecture, &proof::find(&tree));
        let whats: Vec<_> = found.iter().map(|finding| (finding.line, finding.what.as_str())).collect();
        assert_eq!(whats, [(4, "the guard `gone` does not exist"), (5, "an invariant without a guard")]);
    }
}
