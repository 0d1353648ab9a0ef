//! Who may name whom, proved from the manifests.

use crate::tree::{Finding, Tree};

/// Each package of ours and those of ours it may name, as drawn in ARCHITECTURE.md.
const ARROWS: &[(&str, &[&str])] = &[
    ("csta", &[]),
    ("ami", &[]),
    ("cti-core", &[]),
    ("links", &["csta", "ami", "cti-core"]),
    ("store", &["cti-core"]),
    ("crm-bridge", &["cti-core", "store"]),
    ("webapi", &["cti-core", "store"]),
    ("switch-sim", &["csta", "ami"]),
    ("ctid", &["csta", "ami", "cti-core", "links", "store", "crm-bridge", "webapi"]),
    ("tests", &["csta", "ami", "cti-core", "links", "store", "crm-bridge", "webapi", "switch-sim", "ctid"]),
    ("fuzz", &["csta", "ami", "cti-core"]),
    ("xtask", &[]),
];

/// Libraries with one place, and who that place is (tests beside the code are free).
const PLACES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("axum", &["webapi", "ctid"]),
    ("tracing-subscriber", &["ctid", "switch-sim"]),
    ("anyhow", &["ctid", "switch-sim"]),
    // `ctid` posts events: which addresses it may connect to is its configuration's.
    ("reqwest", &["crm-bridge", "ctid", "tests"]),
];

/// Runtimes that the pure crates take, if at all, behind a feature.
const RUNTIMES: &[&str] = &["tokio", "tokio-rustls", "tokio-util", "hyper", "futures-util"];
const PURE: &[&str] = &["csta", "ami", "cti-core", "links"];

/// One line of a manifest that names a dependency.
struct Dependency<'a> {
    name: &'a str,
    line: usize,
    /// Only for tests and benches.
    is_dev: bool,
    is_optional: bool,
    from_workspace: bool,
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else {
            continue;
        };
        let package = folder.rsplit('/').next().unwrap_or(folder);
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package) else {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("the package {package} has no arrows"),
                "draw them in ARCHITECTURE.md and add a line to ARROWS in xtask/src/check/arrows.rs",
            ));
            continue;
        };
        if package != "fuzz" && !file.text.contains("[lints]\nworkspace = true") {
            let mend = "add `[lints]` with `workspace = true`";
            findings.push(Finding::new(&file.path, 1, "does not take the workspace's lints", mend));
        }
        for dependency in dependencies(&file.text) {
            let wrong = judge(package, allowed, &dependency);
            findings.extend(wrong.map(|(what, mend)| Finding::new(&file.path, dependency.line, what, mend)));
        }
    }
    findings
}

/// What is wrong with this dependency of `package`, and the way out.
fn judge(package: &str, allowed: &[&str], dependency: &Dependency<'_>) -> Option<(String, String)> {
    let name = dependency.name;
    let is_ours = ARROWS.iter().any(|(ours, _)| *ours == name);
    if is_ours && !allowed.contains(&name) {
        let mend = match allowed {
            [] => format!("{package} stands on nothing of ours: hand the value in, or move the code"),
            _ => format!("{package} may name {}; hand the value in, or move the code", allowed.join(", ")),
        };
        return Some((format!("the arrow {package} → {name} does not exist"), mend));
    }
    let place = PLACES.iter().find(|(library, _)| *library == name);
    if let Some((_, owners)) = place
        && !dependency.is_dev
        && !owners.contains(&package)
    {
        let mend = format!("only {} may name it: call what is there", owners.join(", "));
        return Some((format!("{name} has no place in {package}"), mend));
    }
    let is_pure = PURE.contains(&package) && RUNTIMES.contains(&name);
    if is_pure && !dependency.is_dev && !dependency.is_optional {
        let mend = "make it optional, behind the driver's feature".to_owned();
        return Some((format!("{package} is pure, {name} does I/O"), mend));
    }
    if package != "fuzz" && !dependency.from_workspace {
        let mend =
            format!("move version and features to [workspace.dependencies], write `{name}.workspace = true`");
        return Some((format!("{name} is not taken from the workspace"), mend));
    }
    None
}

/// The dependencies a manifest names, written as one line each or as a table each.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found: Vec<Dependency<'_>> = Vec::new();
    let mut section = "";
    for (text, line) in manifest.lines().zip(1..) {
        let text = text.trim();
        if let Some(header) = text.strip_prefix('[') {
            section = header.trim_matches(['[', ']']);
            if let Some((kind, name)) = section.rsplit_once('.')
                && is_dependencies(kind)
            {
                found.push(Dependency {
                    name,
                    line,
                    is_dev: kind.ends_with("dev-dependencies"),
                    is_optional: false,
                    from_workspace: false,
                });
            }
            continue;
        }
        if is_dependencies(section) && !text.starts_with('#') {
            let name = text.split(['.', '=', ' ']).next().unwrap_or_default();
            if !name.is_empty() {
                found.push(Dependency {
                    name,
                    line,
                    is_dev: section.ends_with("dev-dependencies"),
                    is_optional: text.contains("optional = true"),
                    from_workspace: text.contains("workspace = true"),
                });
            }
        } else if let Some(last) =
            found.last_mut().filter(|last| section.ends_with(&format!("dependencies.{}", last.name)))
        {
            last.is_optional |= text == "optional = true";
            last.from_workspace |= text == "workspace = true";
        }
    }
    found
}

fn is_dependencies(section: &str) -> bool {
    let last = section.rsplit('.').next().unwrap_or(section);
    matches!(last, "dependencies" | "dev-dependencies" | "build-dependencies")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(package: &str, dependencies: &str) -> Vec<String> {
        let manifest = format!("[lints]\nworkspace = true\n{dependencies}");
        let tree = Tree::of(&[(&format!("crates/{package}/Cargo.toml"), &manifest)]);
        check(&tree).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_missing_arrow_is_found_in_every_kind_of_section() {
        for section in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
            let found = whats("cti-core", &format!("[{section}]\nstore.workspace = true\n"));
            assert_eq!(found, ["the arrow cti-core → store does not exist"], "{section}");
        }
        let table = whats("ami", "[dependencies.links]\nworkspace = true\n");
        assert_eq!(table, ["the arrow ami → links does not exist"]);
    }

    #[test]
    fn drawn_arrows_and_foreign_libraries_pass() {
        let found = whats("links", "[dependencies]\nami.workspace = true\nserde = { workspace = true }\n");
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn libraries_keep_to_their_place() {
        assert_eq!(
            whats("webapi", "[dependencies]\nsqlx.workspace = true\n"),
            ["sqlx has no place in webapi"]
        );
        assert_eq!(whats("ami", "[dependencies]\ntokio.workspace = true\n"), ["ami is pure, tokio does I/O"]);
        let optional = "[dependencies]\ntokio = { workspace = true, optional = true }\n";
        assert_eq!(whats("ami", optional), Vec::<String>::new());
        let table = "[dependencies.tokio]\nworkspace = true\noptional = true\n";
        assert_eq!(whats("ami", table), Vec::<String>::new());
    }

    #[test]
    fn versions_stand_in_the_workspace_only() {
        assert_eq!(
            whats("ami", "[dependencies]\nbytes = \"1\"\n"),
            ["bytes is not taken from the workspace"]
        );
    }

    #[test]
    fn a_package_nobody_drew_is_found() {
        assert_eq!(whats("helpers", ""), ["the package helpers has no arrows"]);
    }
}
