//! Libraries that must not come in, read from `Cargo.lock` itself, so that it is checked
//! everywhere; `deny.toml` holds the same list for `cargo deny`.

use crate::tree::{Finding, Tree};

const BANNED: &[(&str, &str)] = &[
    ("openssl", "TLS is rustls with ring"),
    ("openssl-sys", "TLS is rustls with ring"),
    ("native-tls", "TLS is rustls with ring"),
    ("aws-lc-rs", "one crypto provider: ring"),
    ("aws-lc-sys", "one crypto provider: ring"),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(lock) = tree.file("Cargo.lock") else {
        return vec![Finding::new("Cargo.lock", 1, "missing", "commit the file that cargo writes")];
    };
    let named = lock.text.lines().zip(1..).filter_map(|(line, number)| {
        let name = line.strip_prefix("name = \"")?.strip_suffix('"')?;
        let (_, why) = BANNED.iter().find(|(banned, _)| *banned == name)?;
        let mend = format!(
            "{why}; find who brings it with `cargo tree -i {name}` and turn its default features off"
        );
        Some(Finding::new("Cargo.lock", number, format!("{name} is banned"), mend))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_library_is_named_with_its_line() {
        let lock = "[[package]]\nname = \"ring\"\n\n[[package]]\nname = \"aws-lc-sys\"\n";
        let findings = check(&Tree::of(&[("Cargo.lock", lock)]));
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].line, findings[0].what.as_str()), (5, "aws-lc-sys is banned"));
    }
}
