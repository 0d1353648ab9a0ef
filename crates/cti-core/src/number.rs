//! Numbers: how they are written, compared and dialled at one switch. Its `Debug` is masked.
//!
//! The rules of the switch come first (outside prefix, extensions, emergency and short codes, feature codes);
//! only what is left is asked of the numbering plans of the world, which know nothing of a house and would read
//! `2001` as a number of the country. The order of the rules:
//!
//! ```text
//! text ─▶ withheld? ─▶ tel: link, "ext 12" ─▶ separators ─▶ feature code ─▶ emergency ─▶ extension ─▶ short code
//!                                                                                                        │
//!          e164 of the first reading that is valid ◀── with / without outside prefix ◀── 00… │ national ◀┘
//! ```

mod codes;
pub mod guard;
mod own;
mod reader;
mod written;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde::{Deserialize, Serialize};

pub use own::OwnRange;
pub use written::{Absence, absence};

/// What a number is, as far as the plan of its switch tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// An extension of the house.
    Internal,
    /// A number of the public network; `e164` is set when it is valid.
    External,
    /// An emergency number.
    Emergency,
    /// A short code of the public network.
    Short,
    /// A feature code (`*21*…`).
    Feature,
    /// Cannot be read as a number.
    Unknown,
}

/// A normalised number. Two numbers are the same line when `key()` is the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number {
    /// As the wire or the person wrote it. A number of the house, a code or a number that is not valid has no
    /// other form to compare, so there it is without separators and without the outside prefix.
    pub raw: Arc<str>,
    /// What it is.
    pub kind: NumberKind,
    /// `+` and country code, when it is a valid number of the public network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e164: Option<Arc<str>>,
}

impl Number {
    /// The form in which numbers are compared and looked up.
    pub fn key(&self) -> &str {
        self.e164.as_deref().unwrap_or(&self.raw)
    }

    /// The national significant number: without country code and trunk prefix; none when the number is not valid.
    pub fn national(&self) -> Option<String> {
        let parsed = PHONE_NUMBER_UTIL.parse(self.e164.as_deref()?, None).ok()?;
        Some(parsed.get_national_significant_number())
    }

    /// The digits of the number, for comparison by their end.
    pub fn digits(&self) -> String {
        self.key().chars().filter(char::is_ascii_digit).collect()
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked(f, self.key())
    }
}

/// Writes the last two characters of a number, which is enough to follow a log.
fn masked(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let skipped = text.chars().count().saturating_sub(2);
    f.write_str("…")?;
    text.chars().skip(skipped).try_for_each(|shown| write!(f, "{shown}"))
}

/// How numbers are written and dialled at one switch (TEL-25, ADM-07); `[switch.numbers]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NumberPlan {
    /// Country of the switch, ISO 3166 two letters, for example `CZ`.
    pub country: String,
    /// Prefix before national numbers, often `0`; empty in countries without one.
    pub trunk_prefix: String,
    /// Prefix before international numbers, often `00`; empty when the switch wants a `+`.
    pub international_prefix: String,
    /// Digits to dial before an outside number; empty when the switch needs none.
    pub outside_prefix: String,
    /// Pattern of own extensions: digits, `X` for any digit, alternatives by `|`, for example `1XXX|20XX`.
    /// An emergency number is an extension only when an alternative names it without any `X`.
    pub extension_pattern: String,
    /// Public numbers of the house, which are dialled as the extensions behind them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own_numbers: Vec<OwnRange>,
}

impl Default for NumberPlan {
    fn default() -> Self {
        Self {
            country: "CZ".to_owned(),
            trunk_prefix: String::new(),
            international_prefix: "00".to_owned(),
            outside_prefix: String::new(),
            extension_pattern: "XXX|XXXX".to_owned(),
            own_numbers: Vec::new(),
        }
    }
}

/// Where a text was seen, which decides how an ambiguous one is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Typed by a person or kept in a directory: written as the world writes numbers, the outside prefix is
    /// possible but not likely.
    Typed,
    /// Dialled at a phone of the switch: the outside prefix is expected.
    Dialled,
    /// Shown by the switch for a caller or as the called number of a trunk: mostly without outside prefix, and
    /// carriers send `420…` for `+420…`.
    Incoming,
}

/// A rule that took part in reading a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The switch says that the caller is not shown or not known.
    NotShown,
    /// A `tel:` link was read (RFC 3966).
    TelUri,
    /// An extension behind the number was set apart (`ext 12`, `kl. 12`).
    ExtensionApart,
    /// Visual separators were removed.
    Separators,
    /// The text holds characters that no number has.
    NotANumber,
    /// The prefix for outside calls was removed.
    OutsidePrefix,
    /// The text is an own extension.
    Extension,
    /// The text is an emergency number of the country.
    Emergency,
    /// The text is a short code of the country.
    ShortCode,
    /// The text is a feature code.
    FeatureCode,
    /// The international prefix became a `+`.
    InternationalPrefix,
    /// The number was sent with country code but without any prefix.
    BareCountryCode,
    /// The prefix of national numbers was removed.
    TrunkPrefix,
    /// The numbering plan of the country knows the number.
    Valid,
    /// The length fits a number of the country, but no such number is given out.
    PossibleOnly,
    /// No rule could read it.
    Unreadable,
}

/// One step of reading a number: what a rule made of it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule: Rule,
    /// The text before.
    pub before: String,
    /// The text after.
    pub after: String,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ", self.rule)?;
        masked(f, &self.after)
    }
}

/// A number with the way it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Normalized {
    /// The number.
    pub number: Number,
    /// Digits behind the number, to be dialled after the answer (`ext 12`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Arc<str>>,
    /// Every rule that took part, in order.
    pub steps: Vec<Step>,
}

/// Why a number plan cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}; {fix}")]
pub struct PlanError {
    /// Field of `[switch.numbers]`.
    pub field: &'static str,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub fix: &'static str,
}

/// Longest extension and longest prefix that a plan may name.
const LONGEST_EXTENSION: usize = 15;
const LONGEST_PREFIX: usize = 6;

impl NumberPlan {
    /// Checks that the plan can be used.
    pub fn validate(&self) -> Result<(), PlanError> {
        if self.country.len() != 2 || self.country_code().is_none() {
            return Err(PlanError {
                field: "country",
                problem: format!("`{}` is no country with a numbering plan", clip(&self.country)),
                fix: "write the two letters of ISO 3166, for example `CZ`",
            });
        }
        for (field, prefix) in [
            ("trunk_prefix", &self.trunk_prefix),
            ("international_prefix", &self.international_prefix),
            ("outside_prefix", &self.outside_prefix),
        ] {
            if prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(PlanError {
                    field,
                    problem: format!("`{}` is no dialling prefix", clip(prefix)),
                    fix: "write at most 6 digits, or leave it empty",
                });
            }
        }
        for alternative in self.extension_pattern.split('|') {
            let known = alternative.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X');
            if alternative.is_empty() || alternative.len() > LONGEST_EXTENSION || !known {
                return Err(PlanError {
                    field: "extension_pattern",
                    problem: format!(
                        "has the alternative `{}`, which no extension matches",
                        clip(alternative)
                    ),
                    fix: "write digits and `X` for any digit, at most 15, alternatives with `|` between them, \
                          for example `1XXX|20XX`",
                });
            }
        }
        self.validate_own()
    }

    /// True when `text` is an extension of the house: bare digits that fit the pattern.
    pub fn is_extension(&self, text: &str) -> bool {
        codes::matches_any(&self.extension_pattern, text)
    }

    /// Reads a number as a person types it and tells every rule that took part.
    pub fn normalize(&self, raw: &str) -> Normalized {
        self.explain(Reading::Typed, raw)
    }

    /// Reads a number and tells every rule that took part.
    pub fn explain(&self, reading: Reading, raw: &str) -> Normalized {
        reader::explain(self, reading, raw)
    }

    /// Reads a number as a person types it or a directory keeps it.
    pub fn typed(&self, raw: &str) -> Number {
        reader::read(self, Reading::Typed, raw)
    }

    /// Reads a number as it was dialled at a phone of this switch.
    pub fn dialled(&self, raw: &str) -> Number {
        reader::read(self, Reading::Dialled, raw)
    }

    /// Reads a caller's number, or the called number of an inbound call, as the switch shows it.
    pub fn incoming(&self, raw: &str) -> Number {
        reader::read(self, Reading::Incoming, raw)
    }

    /// Digits to send to this switch to reach `number`. For a number of kind `Unknown` it is the text as it came,
    /// which the dial guard refuses.
    pub fn dialable(&self, number: &Number) -> Arc<str> {
        match number.kind {
            // Laws ask that emergency numbers work without any prefix, so they are sent bare.
            NumberKind::Internal | NumberKind::Feature | NumberKind::Emergency | NumberKind::Unknown => {
                Arc::clone(&number.raw)
            }
            NumberKind::Short => format!("{}{}", self.outside_prefix, number.raw).into(),
            NumberKind::External => match number.e164.as_deref() {
                Some(e164) => self.dialable_e164(e164).into(),
                None => format!("{}{}", self.outside_prefix, number.raw).into(),
            },
        }
    }

    fn dialable_e164(&self, e164: &str) -> String {
        let outside = &self.outside_prefix;
        let digits = e164.trim_start_matches('+');
        let national = self.country_code().and_then(|code| digits.strip_prefix(code.to_string().as_str()));
        match national {
            Some(national) => format!("{outside}{}{national}", self.trunk_prefix),
            None if self.international_prefix.is_empty() => format!("{outside}+{digits}"),
            None => format!("{outside}{}{digits}", self.international_prefix),
        }
    }

    /// The country of the plan, for the numbering plans of the world.
    fn region(&self) -> Option<Region> {
        Region::from_str(&self.country).ok()
    }

    /// Calling code of the country, for example 420.
    pub fn country_code(&self) -> Option<i32> {
        PHONE_NUMBER_UTIL.get_country_code_for_region(self.region()?)
    }
}

/// The beginning of a text, for messages.
fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
