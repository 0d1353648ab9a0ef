//! Reading one text by the rules of a plan; see the picture in the module page of `number`.

use std::borrow::Cow;
use std::sync::Arc;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

use super::{Normalized, Number, NumberKind, NumberPlan, Reading, Rule, Step, codes, written};

/// Longer digit strings are no numbers (E.164 allows 15, prefixes come before).
const LONGEST_TEXT: usize = 32;
/// A country code without prefix is only believed in a number of at least this many digits.
const SHORTEST_BARE: usize = 11;

/// Reads a number.
pub(super) fn read(plan: &NumberPlan, reading: Reading, raw: &str) -> Number {
    Reader::new(plan, reading, None).read(raw)
}

/// Reads a number and keeps the steps.
pub(super) fn explain(plan: &NumberPlan, reading: Reading, raw: &str) -> Normalized {
    let mut reader = Reader::new(plan, reading, Some(Vec::new()));
    let number = reader.read(raw);
    Normalized { number, extension: reader.extension, steps: reader.steps.unwrap_or_default() }
}

struct Reader<'p> {
    plan: &'p NumberPlan,
    reading: Reading,
    /// None when nobody asked: keeping them costs more than reading.
    steps: Option<Vec<Step>>,
    extension: Option<Arc<str>>,
    /// First text that has the length of a number, though none that is given out.
    possible: Option<String>,
}

/// What a text turned out to be.
enum Found {
    /// A kind that is compared by these digits.
    Plain(NumberKind, String),
    /// A valid number of the public network.
    E164(String),
    Unreadable,
}

impl<'p> Reader<'p> {
    const fn new(plan: &'p NumberPlan, reading: Reading, steps: Option<Vec<Step>>) -> Self {
        Self { plan, reading, steps, extension: None, possible: None }
    }

    fn read(&mut self, raw: &str) -> Number {
        let raw = raw.trim();
        let found = match self.digits(raw) {
            Some(digits) => self.classify(&digits),
            None => Found::Unreadable,
        };
        match found {
            Found::Plain(kind, digits) => Number { raw: digits.into(), kind, e164: None },
            Found::E164(e164) => {
                Number { raw: raw.into(), kind: NumberKind::External, e164: Some(e164.into()) }
            }
            Found::Unreadable => Number { raw: raw.into(), kind: NumberKind::Unknown, e164: None },
        }
    }

    /// The digits of a text, with separators, link and extension taken off.
    fn digits<'t>(&mut self, text: &'t str) -> Option<Cow<'t, str>> {
        if written::absence(text).is_some() {
            self.step(Rule::NotShown, text, "");
            return None;
        }
        let uri = match written::tel_uri(text) {
            None => return self.written_digits(text),
            Some(Ok(uri)) => uri,
            Some(Err(())) => {
                self.step(Rule::NotANumber, text, "");
                return None;
            }
        };
        self.extension = uri.extension.as_deref().map(Arc::from);
        let own = self.plan.country_code().map(|code| format!("+{code}"));
        let number = match uri.context {
            // In the own country the number stays as it is written there, so that 112 is still 112.
            Some(context) if own.as_ref() != Some(&context) && !uri.number.starts_with('+') => {
                context + &uri.number
            }
            Some(_) | None => uri.number,
        };
        self.step(Rule::TelUri, text, &number);
        self.written_digits(&number).map(|digits| Cow::Owned(digits.into_owned()))
    }

    fn written_digits<'t>(&mut self, text: &'t str) -> Option<Cow<'t, str>> {
        let number = match written::split_extension(text) {
            Some((number, extension)) => {
                self.extension = Some(extension.into());
                self.step(Rule::ExtensionApart, text, number);
                number
            }
            None => text,
        };
        let digits = written::clean(number).filter(|digits| digits.len() <= LONGEST_TEXT);
        match &digits {
            Some(Cow::Owned(stripped)) => self.step(Rule::Separators, number, stripped),
            Some(Cow::Borrowed(_)) => {}
            None => self.step(Rule::NotANumber, number, ""),
        }
        digits
    }

    fn classify(&mut self, text: &str) -> Found {
        if text.contains(['*', '#']) {
            if text.starts_with('+') {
                self.step(Rule::NotANumber, text, "");
                return Found::Unreadable;
            }
            return self.plain(Rule::FeatureCode, NumberKind::Feature, text);
        }
        if text.starts_with('+') {
            return match self.valid(text, None, text) {
                Some(e164) => Found::E164(e164),
                None => self.invalid(text),
            };
        }
        let country = self.plan.country.as_str();
        let claimed = codes::names(&self.plan.extension_pattern, text);
        if codes::is_emergency(country, text) && !claimed {
            return self.plain(Rule::Emergency, NumberKind::Emergency, text);
        }
        let bare = self.without_outside_prefix(text);
        if let Some(bare) = bare
            && codes::is_emergency(country, bare)
            && !claimed
        {
            self.step(Rule::OutsidePrefix, text, bare);
            return self.plain(Rule::Emergency, NumberKind::Emergency, bare);
        }
        if self.plan.is_extension(text) {
            return self.plain(Rule::Extension, NumberKind::Internal, text);
        }
        if codes::is_short(country, text) {
            return self.plain(Rule::ShortCode, NumberKind::Short, text);
        }
        if let Some(bare) = bare
            && codes::is_short(country, bare)
        {
            self.step(Rule::OutsidePrefix, text, bare);
            return self.plain(Rule::ShortCode, NumberKind::Short, bare);
        }
        match self.outside(text, bare) {
            Some(e164) => Found::E164(e164),
            None => self.invalid(text),
        }
    }

    /// Tries the readings of a number of the public network, the likely one first.
    fn outside(&mut self, text: &str, bare: Option<&str>) -> Option<String> {
        let trunk = &self.plan.trunk_prefix;
        // In a country with a trunk prefix, what carries it behind the outside prefix was dialled with both.
        let both_prefixes =
            !trunk.is_empty() && !text.starts_with(trunk) && bare.is_some_and(|bare| bare.starts_with(trunk));
        let prefix_first = self.reading == Reading::Dialled || both_prefixes;
        if prefix_first && let Some(e164) = self.behind_outside_prefix(text, bare) {
            return Some(e164);
        }
        if let Some(e164) = self.public(text) {
            return Some(e164);
        }
        if !prefix_first && let Some(e164) = self.behind_outside_prefix(text, bare) {
            return Some(e164);
        }
        if self.reading == Reading::Incoming && text.len() >= SHORTEST_BARE {
            return self.attempt(Rule::BareCountryCode, text, &format!("+{text}"), None);
        }
        None
    }

    fn behind_outside_prefix(&mut self, text: &str, bare: Option<&str>) -> Option<String> {
        let bare = bare?;
        let mark = self.mark();
        self.step(Rule::OutsidePrefix, text, bare);
        let e164 = self.public(bare);
        if e164.is_none() {
            self.forget(mark);
        }
        e164
    }

    /// A number as the public network of the country writes it.
    fn public(&mut self, text: &str) -> Option<String> {
        let plan = self.plan;
        if !plan.international_prefix.is_empty()
            && let Some(rest) = text.strip_prefix(plan.international_prefix.as_str())
        {
            let global = format!("+{rest}");
            if let Some(e164) = self.attempt(Rule::InternationalPrefix, text, &global, None) {
                return Some(e164);
            }
        }
        let region = plan.region()?;
        if !plan.trunk_prefix.is_empty()
            && let Some(rest) = text.strip_prefix(plan.trunk_prefix.as_str())
            && let Some(e164) = self.attempt(Rule::TrunkPrefix, text, rest, Some(region))
        {
            return Some(e164);
        }
        self.valid(text, Some(region), text)
    }

    /// Applies a rule; forgets its step when no valid number comes out.
    fn attempt(&mut self, rule: Rule, before: &str, after: &str, region: Option<Region>) -> Option<String> {
        let mark = self.mark();
        self.step(rule, before, after);
        let kept = if rule == Rule::InternationalPrefix { after } else { before };
        let e164 = self.valid(after, region, kept);
        if e164.is_none() {
            self.forget(mark);
        }
        e164
    }

    /// Asks the numbering plans of the world, whose table is read once per process. `kept` is what the number is
    /// called when it only has the right length.
    ///
    /// The number of somebody's voice mail box is not taken: it is a subscriber's number with digits before it,
    /// just like a number behind an outside prefix, and nobody calls from it.
    fn valid(&mut self, text: &str, region: Option<Region>, kept: &str) -> Option<String> {
        let parsed = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
        let kind = PHONE_NUMBER_UTIL.get_number_type(&parsed);
        if !matches!(kind, PhoneNumberType::Unknown | PhoneNumberType::VoiceMail) {
            let e164 = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::E164).into_owned();
            self.step(Rule::Valid, text, &e164);
            return Some(e164);
        }
        if self.possible.is_none() && PHONE_NUMBER_UTIL.is_possible_number(&parsed) {
            self.possible = Some(kept.to_owned());
        }
        None
    }

    /// No reading is valid: a number of the right length is kept as one, all else is unreadable.
    fn invalid(&mut self, text: &str) -> Found {
        if let Some(possible) = self.possible.take() {
            return self.plain_from(Rule::PossibleOnly, NumberKind::External, text, possible);
        }
        self.step(Rule::Unreadable, text, "");
        Found::Unreadable
    }

    fn without_outside_prefix<'t>(&self, text: &'t str) -> Option<&'t str> {
        let prefix = self.plan.outside_prefix.as_str();
        if prefix.is_empty() {
            return None;
        }
        text.strip_prefix(prefix).filter(|rest| !rest.is_empty())
    }

    fn plain(&mut self, rule: Rule, kind: NumberKind, text: &str) -> Found {
        self.plain_from(rule, kind, text, text.to_owned())
    }

    fn plain_from(&mut self, rule: Rule, kind: NumberKind, before: &str, after: String) -> Found {
        self.step(rule, before, &after);
        Found::Plain(kind, after)
    }

    fn step(&mut self, rule: Rule, before: &str, after: &str) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step { rule, before: before.to_owned(), after: after.to_owned() });
        }
    }

    fn mark(&self) -> usize {
        self.steps.as_ref().map_or(0, Vec::len)
    }

    fn forget(&mut self, mark: usize) {
        if let Some(steps) = &mut self.steps {
            steps.truncate(mark);
        }
    }
}
