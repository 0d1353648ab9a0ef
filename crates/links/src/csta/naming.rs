//! Device ids with decoration: `N<+17867100001>Line00001;displayNumber=00001` (ECMA-323 device id formats).
//!
//! The raw text goes into requests unchanged; here only what identifies the device and what can be shown is read.

/// What a device id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// The number without decoration: `123!98` keeps its suffix, which selects one terminal of the line.
    pub(super) number: &'a str,
    /// The name behind the number, where there is one.
    pub(super) name: Option<&'a str>,
}

/// Reads `N<number>name;key=value…`; a text of another form is a number as it stands.
pub(super) fn read(text: &str) -> Named<'_> {
    let text = text.trim();
    let plain = Named { number: text, name: None };
    let Some((number, rest)) = text.strip_prefix("N<").and_then(|inside| inside.split_once('>')) else {
        // Some send the keys without the brackets.
        let number = text.split_once(';').map_or(text, |(number, _)| number);
        return Named { number, ..plain };
    };
    if number.is_empty() {
        return plain;
    }
    let name = rest.split(';').next().map(str::trim).filter(|name| !name.is_empty());
    Named { number, name }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Quirk 4 of the CSTA notes; the forms were seen on OpenScape and on an Office 400.
    #[test]
    fn quirk_04_decorated_ids_are_read() {
        let named = |number, name| Named { number, name };
        for (text, wanted) in [
            ("1001", named("1001", None)),
            ("N<302118840101>;displayNumber=302118840101;noa=nk", named("302118840101", None)),
            ("N<+17867100001>Line00001;displayNumber=00001", named("+17867100001", Some("Line00001"))),
            ("N<302118840101>;uid=FF00AA", named("302118840101", None)),
            ("N<123!98>", named("123!98", None)),
            ("1001;noa=nk", named("1001", None)),
            ("N<>", named("N<>", None)),
            ("N<1001", named("N<1001", None)),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
