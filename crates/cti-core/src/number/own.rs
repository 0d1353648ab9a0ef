//! Public numbers of the house and the extensions behind them (ADM-08).

use serde::{Deserialize, Serialize};

use super::{NumberPlan, PlanError};

/// Most ranges of one plan.
pub(super) const RANGES_MAX: usize = 50;
/// Digits of the longest number of the world (E.164).
const LONGEST: usize = 15;
/// Longest prefix of an extension.
const LONGEST_PREFIX: usize = 6;

/// A range of public numbers that lead to extensions of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRange {
    /// The numbers: `+`, country code, digits, `X` for any digit. For example `+42055520XXXX`.
    pub numbers: String,
    /// What an extension has before the digits of the number; empty when nothing.
    #[serde(default)]
    pub extension_prefix: String,
    /// First and last of the digits that make the extension, counted from zero behind the `+`; the `X` of the range
    /// when not given. In `+420555201234` the places `[8, 11]` are `1234`.
    #[serde(default)]
    pub positions: Option<[usize; 2]>,
}

impl OwnRange {
    /// The extension behind a number in E.164 form; none when it is not of this range.
    fn extension_of(&self, e164: &str) -> Option<String> {
        let (pattern, digits) = (self.numbers.strip_prefix('+')?, e164.strip_prefix('+')?);
        if !super::codes::matches_any(pattern, digits) {
            return None;
        }
        let is_taken = |at: usize, wanted: char| match self.positions {
            Some([first, last]) => (first..=last).contains(&at),
            None => wanted == 'X',
        };
        let places = pattern.chars().zip(digits.chars()).enumerate();
        let taken = places.filter(|(at, (wanted, _))| is_taken(*at, *wanted)).map(|(_, (_, digit))| digit);
        Some(self.extension_prefix.chars().chain(taken).collect())
    }

    /// What is wrong with the range, and how to mend it.
    pub(super) fn problem(&self) -> Option<(&'static str, &'static str)> {
        let pattern = self.numbers.strip_prefix('+').unwrap_or_default();
        let known = pattern.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X');
        if pattern.is_empty() || pattern.len() > LONGEST || !known {
            let fix =
                "write `+`, the country code and digits, `X` for any digit, for example `+42055520XXXX`";
            return Some(("is no range of public numbers", fix));
        }
        let prefix = &self.extension_prefix;
        if prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((
                "has a prefix of extensions that is none",
                "write at most 6 digits, or leave it empty",
            ));
        }
        match self.positions {
            Some([first, last]) if first > last || last >= pattern.len() => Some((
                "has places outside the number",
                "count the digits behind the `+` from zero: first place, last place",
            )),
            None if !pattern.contains('X') => Some((
                "has no digit that tells extensions apart",
                "write `X` where numbers differ, or name the places of the extension's digits",
            )),
            Some(_) | None => None,
        }
    }
}

impl NumberPlan {
    /// The extension behind a public number of the house, in E.164 form; the first range that fits decides.
    pub fn own_extension(&self, e164: &str) -> Option<String> {
        self.own_numbers.iter().find_map(|range| range.extension_of(e164))
    }

    /// Checks the ranges.
    pub(super) fn validate_own(&self) -> Result<(), PlanError> {
        let error = |problem, fix| Err(PlanError { field: "own_numbers", problem, fix });
        if self.own_numbers.len() > RANGES_MAX {
            return error(format!("has more than {RANGES_MAX} ranges"), "join ranges by `X`");
        }
        let wrong = self.own_numbers.iter().find_map(|range| range.problem().map(|problem| (range, problem)));
        match wrong {
            Some((range, (problem, fix))) => {
                error(format!("`{}` {problem}", super::clip(&range.numbers)), fix)
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::NumberKind;
    use crate::number::guard::DialPolicy;

    fn range(numbers: &str, prefix: &str, positions: Option<[usize; 2]>) -> OwnRange {
        OwnRange { numbers: numbers.to_owned(), extension_prefix: prefix.to_owned(), positions }
    }

    fn plan(own_numbers: Vec<OwnRange>) -> NumberPlan {
        NumberPlan {
            outside_prefix: "0".into(),
            extension_pattern: "1XXX".into(),
            own_numbers,
            ..NumberPlan::default()
        }
    }

    // covers: ADM-08
    #[test]
    fn a_number_of_the_house_gives_its_extension_by_places_or_by_its_open_digits() {
        let by_places = plan(vec![range("+42055520XXXX", "", Some([8, 11]))]);
        assert_eq!(by_places.own_extension("+420555201234").as_deref(), Some("1234"));
        let by_digits = plan(vec![range("+420555200XXX", "1", None)]);
        assert_eq!(by_digits.own_extension("+420555200199").as_deref(), Some("1199"));
        let in_the_middle = plan(vec![range("+420XXX111222", "", Some([3, 5]))]);
        assert_eq!(in_the_middle.own_extension("+420778111222").as_deref(), Some("778"));
        assert_eq!(by_digits.own_extension("+420555201199"), None);
        assert_eq!(by_digits.own_extension("+4205552001990"), None);
        assert_eq!(by_digits.own_extension("420555200199"), None);
    }

    // covers: ADM-08
    #[test]
    fn a_number_of_the_house_is_dialled_inside_however_it_is_written() {
        let plan = plan(vec![range("+420555200XXX", "1", None)]);
        // Only one beginning may be dialled outside: the house is not outside.
        let policy = DialPolicy { allow: vec!["+420800".into()], ..DialPolicy::default() };
        for written in ["+420 555 200 199", "555200199", "00420555200199", "tel:+420-555-200-199"] {
            let dial = plan.dial(&policy, written).unwrap();
            assert_eq!((dial.text.as_str(), dial.number.kind), ("1199", NumberKind::Internal), "{written}");
        }
        // The number itself stays what it is: a contact is found by it.
        assert_eq!(plan.typed("555200199").key(), "+420555200199");
        assert!(plan.dial(&policy, "555201199").is_err());
    }

    #[test]
    fn a_range_that_cannot_work_is_refused_with_what_to_write() {
        let cases = [
            (range("55520XXXX", "", None), "is no range"),
            (range("+4205552*XX", "", None), "is no range"),
            (range("+", "", None), "is no range"),
            (range("+420555200XXXXXXX", "", None), "is no range"),
            (range("+420555200XXX", "x", None), "has a prefix"),
            (range("+420555200XXX", "", Some([9, 8])), "outside the number"),
            (range("+420555200XXX", "", Some([9, 12])), "outside the number"),
            (range("+420555200111", "", None), "tells extensions apart"),
        ];
        for (range, wanted) in cases {
            let error = plan(vec![range]).validate().unwrap_err();
            assert_eq!(error.field, "own_numbers");
            assert!(error.problem.contains(wanted) && !error.fix.is_empty(), "{error}");
        }
        assert_eq!(plan(vec![range("+420555200111", "", Some([9, 11]))]).validate(), Ok(()));
        let many = vec![range("+420555200XXX", "", None); RANGES_MAX + 1];
        assert!(plan(many).validate().is_err());
    }
}
