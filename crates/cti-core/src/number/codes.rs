//! Emergency numbers and short codes by country: numbers of the public network without country code, never
//! rewritten. From the national numbering plans and the EU decision on `116` numbers; reviewed 2026-11.

/// Codes of one country, as alternatives of digits and `X`.
struct Codes {
    /// Two letters.
    country: &'static str,
    emergency: &'static str,
    short: &'static str,
}

/// Sorted by country.
const TABLE: &[Codes] = &[
    codes("AT", "112|122|128|133|140|141|144|147", "116XXX|118XXX"),
    codes("BE", "112|100|101|110", "116XXX|1XXX"),
    codes("CH", "112|117|118|143|144|147|1414|1415", "116XXX|18XX"),
    codes("CZ", "112|150|155|156|158", "116XXX|118X|12XX|13XXX|14XXX"),
    codes("DE", "112|110", "115|116XXX|118XX|118XXX"),
    codes("ES", "112|061|062|080|085|088|091|092", "116XXX|118XX|01X"),
    codes("FR", "112|114|115|119|15|17|18|191|196|197", "116XXX|118XXX|10XX|3XXX"),
    codes("GB", "999|112", "100|101|105|111|116XXX|118XXX|119|123|150|155|159|147X|1571"),
    codes("HU", "112|104|105|107", "116XXX|118X|12XX|14XX"),
    codes("IT", "112|113|114|115|117|118|1515|1530", "116XXX|12XX|15XX|19XX"),
    codes("NL", "112|113", "116XXX|14XXX|14XXXX|18XX"),
    codes("PL", "112|984|985|986|987|997|998|999", "116XXX|118XXX|19XXX|99X"),
    codes("SI", "112|113", "116XXX|118X"),
    codes("SK", "112|150|155|158|159", "116XXX|118X|118XX|12XXX|14XXX|16XXX|18XXX"),
    codes("TR", "112|110|122|155|156|158|177", "118XX|1XX"),
    codes("UA", "112|101|102|103|104", "116XXX|15XX"),
    codes("US", "911|112", "211|311|411|511|611|711|811|988"),
];

/// For every country that is not in the table: the code that mobile networks know everywhere.
const ELSEWHERE: Codes = codes("", "112", "116XXX");

const fn codes(country: &'static str, emergency: &'static str, short: &'static str) -> Codes {
    Codes { country, emergency, short }
}

fn of_country(country: &str) -> &'static Codes {
    TABLE.iter().find(|row| row.country.eq_ignore_ascii_case(country)).unwrap_or(&ELSEWHERE)
}

/// True for an emergency number of the country.
pub(super) fn is_emergency(country: &str, text: &str) -> bool {
    matches_any(of_country(country).emergency, text)
}

/// True for a short code of the country.
pub(super) fn is_short(country: &str, text: &str) -> bool {
    matches_any(of_country(country).short, text)
}

/// True when an alternative of `pattern` fits the whole of `text`: equal digits, `X` for any digit.
pub(super) fn matches_any(pattern: &str, text: &str) -> bool {
    pattern.split('|').any(|alternative| {
        !alternative.is_empty()
            && alternative.len() == text.len()
            && alternative.bytes().zip(text.bytes()).all(|(wanted, digit)| match wanted {
                b'X' => digit.is_ascii_digit(),
                wanted => wanted == digit,
            })
    })
}

/// True when an alternative of `pattern` is `text` itself, without any `X`.
pub(super) fn names(pattern: &str, text: &str) -> bool {
    pattern.split('|').any(|alternative| alternative == text)
}
