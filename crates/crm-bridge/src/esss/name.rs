//! Names of files that are good on Windows and on Linux, and differ within one document.

use std::collections::BTreeSet;

/// Longest name, characters; leaves room for the folders of whoever stores it.
pub const NAME_CHARS: usize = 100;
/// Longest ending that is kept when a name is shortened, with its dot.
const ENDING_CHARS: usize = 10;
/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Gives names to the files of one document.
#[derive(Debug, Default)]
pub struct FileNames(BTreeSet<String>);

impl FileNames {
    /// A good name that is like `wish` and was not given before.
    pub fn give(&mut self, wish: &str) -> String {
        let good = good(wish);
        let mut name = good.clone();
        let mut nth = 2_u32;
        // Windows does not tell capitals apart.
        while !self.0.insert(name.to_lowercase()) {
            let (stem, ending) = parts(&good);
            let tail = format!("-{nth}{ending}");
            let room = NAME_CHARS.saturating_sub(tail.chars().count());
            name = stem.chars().take(room).chain(tail.chars()).collect();
            nth += 1;
        }
        name
    }
}

fn good(wish: &str) -> String {
    let plain: String = wish
        .chars()
        .map(|one| if one.is_control() || "<>:\"/\\|?*".contains(one) { '_' } else { one })
        .filter(|one| !is_invisible(*one))
        .collect();
    let trimmed = plain.trim().trim_end_matches(['.', ' ']);
    let trimmed = if trimmed.is_empty() { "priloha" } else { trimmed };
    let (stem, ending) = parts(trimmed);
    let mut name: String = stem.chars().take(NAME_CHARS - ENDING_CHARS).collect();
    if is_device(&name) {
        name.insert(0, '_');
    }
    let name = name.trim_end_matches(['.', ' ']);
    format!("{name}{ending}")
}

/// The name before its ending, and the ending with its dot.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= ENDING_CHARS => name.split_at(at),
        _ => (name, ""),
    }
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = ["COM", "LPT"].iter().filter_map(|port| first.strip_prefix(port));
    DEVICES.contains(&first.as_str())
        || numbered.into_iter().any(|rest| rest.chars().count() == 1 && rest.chars().all(char::is_numeric))
}

/// Marks that change how a name reads without being seen, for example to hide its ending.
const fn is_invisible(one: char) -> bool {
    matches!(one, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_good_on_windows_and_on_linux_and_differ() {
        for (wish, wanted) in [
            ("smlouva.pdf", "smlouva.pdf"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("a<b>:c\"d|e?f*.txt", "a_b__c_d_e_f_.txt"),
            ("CON", "_CON"),
            ("nul.pdf", "_nul.pdf"),
            ("com1.txt", "_com1.txt"),
            ("comet.txt", "comet.txt"),
            ("konec. . .", "konec"),
            ("  ", "priloha"),
            ("", "priloha"),
            ("fak\u{202E}fdp.exe", "fakfdp.exe"),
            ("řádek\n2.txt", "řádek_2.txt"),
        ] {
            assert_eq!(FileNames::default().give(wish), wanted, "{wish:?}");
        }
        let mut names = FileNames::default();
        assert_eq!(names.give("a.pdf"), "a.pdf");
        assert_eq!(names.give("A.PDF"), "A-2.PDF");
        assert_eq!(names.give("a.pdf"), "a-3.pdf");
        let long = "ž".repeat(300) + ".pdf";
        for _ in 0..12 {
            let name = names.give(&long);
            assert!(name.chars().count() <= NAME_CHARS && parts(&name).1 == ".pdf", "{name}");
        }
    }
}
