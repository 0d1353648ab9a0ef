//! How sure it is that a contact has a number. Pure; the rows are found by [`crate::Store::contacts_with`].

use cti_core::number::Number;
use serde::Serialize;

use super::{Contact, ContactLink, Keys};

/// How sure a match is. Only an exact one may open anything by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The same number.
    Exact,
    /// Numbers that only end alike.
    Suggested,
}

/// A contact that has, or may have, a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// The contact.
    pub contact: Contact,
    /// How sure it is.
    pub confidence: Confidence,
    /// `same_number`, `same_national_number`, `same_last_digits`.
    pub why: &'static str,
    /// Its number that matched, as it was written.
    pub matched_number: String,
    /// Its pages in other systems; whoever looks up puts them in.
    pub links: Vec<ContactLink>,
}

/// What became of a lookup. `none` may come with suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupOutcome {
    /// Nobody has the number.
    None,
    /// Exactly one has.
    One,
    /// Several share it.
    Many,
    /// The caller asked not to be shown; nothing was looked up.
    Withheld,
    /// A number of the house.
    Internal,
    /// The directory did not answer in time.
    Unavailable,
}

/// Who has a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lookup {
    /// In one word.
    pub outcome: LookupOutcome,
    /// All exact matches; suggestions when there is none.
    pub matches: Vec<Match>,
}

impl Lookup {
    /// An outcome without any match.
    pub const fn empty(outcome: LookupOutcome) -> Self {
        Self { outcome, matches: Vec::new() }
    }

    /// The contact, when exactly one has the number.
    pub fn only_one(&self) -> Option<&Contact> {
        self.matches.first().filter(|_| self.outcome == LookupOutcome::One).map(|one| &one.contact)
    }
}

/// Judges contacts by their numbers: the very number, else the same within the country, else the last nine digits.
pub fn judge(number: &Number, candidates: Vec<Contact>) -> Lookup {
    let wanted = Keys::of(number);
    let found = candidates.into_iter().filter_map(|contact| {
        let best = contact.kept.numbers().filter_map(|one| {
            let (rank, confidence, why) = compare(&wanted, &Keys::of(one))?;
            Some((rank, confidence, why, one.raw.to_string()))
        });
        let (rank, confidence, why, matched_number) = best.min_by_key(|(rank, ..)| *rank)?;
        Some((rank, Match { contact, confidence, why, matched_number, links: Vec::new() }))
    });
    let found: Vec<_> = found.collect();
    let best = found.iter().map(|(rank, _)| *rank).min();
    let matches: Vec<_> =
        found.into_iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, one)| one).collect();
    let exact = matches.iter().filter(|one| one.confidence == Confidence::Exact).count();
    let outcome = match exact {
        0 => LookupOutcome::None,
        1 => LookupOutcome::One,
        _ => LookupOutcome::Many,
    };
    Lookup { outcome, matches }
}

/// How two numbers are the same, the surest way first.
fn compare(wanted: &Keys, known: &Keys) -> Option<(u8, Confidence, &'static str)> {
    if wanted.whole == known.whole {
        return Some((0, Confidence::Exact, "same_number"));
    }
    // Two whole numbers of different countries are different, however they end.
    let both_whole = wanted.whole.starts_with('+') && known.whole.starts_with('+');
    if !both_whole && wanted.national.is_some() && wanted.national == known.national {
        return Some((1, Confidence::Exact, "same_national_number"));
    }
    if wanted.tail.is_some() && wanted.tail == known.tail {
        return Some((2, Confidence::Suggested, "same_last_digits"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contacts::{AddressKind, ContactAddress, ContactDraft, ContactKind};
    use cti_core::ids::ContactId;
    use cti_core::number::NumberPlan;
    use cti_core::time::Timestamp;

    fn contact(nth: u64, numbers: &[&str]) -> Contact {
        let plan = NumberPlan::default();
        let at = Timestamp::from_micros(1);
        let mut kept = ContactDraft::new(ContactKind::Person, format!("contact {nth}"));
        let number = |text: &&str| ContactAddress::number(AddressKind::Phone, plan.typed(text));
        kept.addresses = numbers.iter().map(number).collect();
        Contact { id: ContactId::derive(at, 1, nth), version: 1, kept, created_at: at, changed_at: at }
    }

    /// Outcome, and why each match is one.
    fn judged(number: &str, contacts: Vec<Contact>) -> (LookupOutcome, Vec<&'static str>) {
        let found = judge(&NumberPlan::default().incoming(number), contacts);
        (found.outcome, found.matches.iter().map(|one| one.why).collect())
    }

    #[test]
    fn the_surest_kind_of_match_counts_and_a_suffix_only_suggests() {
        // covers: POP-02
        let one = || contact(1, &["+420 603 123 456"]);
        let many = || vec![one(), contact(2, &["603123456"]), contact(3, &["555000111", "00420603123456"])];
        assert_eq!(judged("603123456", vec![one()]), (LookupOutcome::One, vec!["same_number"]));
        assert_eq!(judged("+420603123456", many()), (LookupOutcome::Many, vec!["same_number"; 3]));
        // The same digits in Slovakia are another line: nothing opens by itself.
        let abroad = judged("+421603123456", vec![one()]);
        assert_eq!(abroad.0, LookupOutcome::None);
        assert_eq!(judged("+420603123457", vec![one()]), (LookupOutcome::None, vec![]));
    }

    #[test]
    fn separators_do_not_matter() {
        for written in ["603 123 456", "603/123456", "(603) 123-456", "+420-603-123-456", "00420603123456"] {
            let known = contact(1, &[written]);
            assert_eq!(judged("603123456", vec![known]).0, LookupOutcome::One, "{written}");
        }
    }

    #[test]
    fn two_numbers_of_one_contact_are_one_match() {
        let both = contact(1, &["603123456", "+420603123456"]);
        assert_eq!(judged("603123456", vec![both]), (LookupOutcome::One, vec!["same_number"]));
    }
}
