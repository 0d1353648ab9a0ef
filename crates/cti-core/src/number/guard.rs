//! The dial guard: what software may dial at a switch, whatever a desk, a program or a page asks for.

use std::fmt;
use std::sync::Arc;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType};
use serde::{Deserialize, Serialize};

use super::{Number, NumberKind, NumberPlan, masked, written};

/// Longest text that is ever sent to a switch to be dialled.
const LONGEST_DIAL: usize = 40;
/// Digits of a feature code that a number may follow without a separator.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 2..=3;
/// Shortest run of digits inside a feature code that is looked at as a number of its own.
const SHORTEST_INNER: usize = 3;

/// Whether numbers of a kind may be dialled by software.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They may.
    Allow,
    /// They may not.
    #[default]
    Refuse,
}

/// What software may dial at one switch.
///
/// A prefix that starts with `+` is compared with numbers of the public network in that form; any other is
/// compared with the number as the house knows it and with the digits that would be sent. The longest prefix that
/// fits decides, at equal length the refusal. When `allow` is not empty, a number outside the house must fit
/// one of its prefixes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DialPolicy {
    /// Prefixes that may be dialled; all when empty.
    pub allow: Vec<String>,
    /// Prefixes that may not be dialled.
    pub deny: Vec<String>,
    /// Emergency numbers; refused unless said otherwise, because a click may be a mistake and a phone is at hand.
    pub emergency: Verdict,
    /// Numbers with a surcharge, as the numbering plan of their country knows them.
    pub premium: Verdict,
}

/// Text that may be sent to a switch: digits, `+`, `*` and `#`, nothing else. Its `Debug` is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct DialText(Arc<str>);

impl DialText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<DialText> for Arc<str> {
    fn from(text: DialText) -> Self {
        text.0
    }
}

impl fmt::Debug for DialText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked(f, &self.0)
    }
}

/// Stable code of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialCode {
    /// A prefix forbids it, or no prefix allows it.
    NumberDenied,
    /// It is no number that exists.
    NumberInvalid,
    /// It is an emergency number.
    NumberEmergency,
    /// It is a number with a surcharge.
    NumberPremium,
}

impl DialCode {
    /// The code as the API shows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NumberDenied => "number_denied",
            Self::NumberInvalid => "number_invalid",
            Self::NumberEmergency => "number_emergency",
            Self::NumberPremium => "number_premium",
        }
    }
}

/// Why a number is not dialled. Holds no digits of it, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct DialRefusal {
    /// Stable code.
    pub code: DialCode,
    /// For a person.
    pub detail: &'static str,
}

const fn refusal(code: DialCode, detail: &'static str) -> DialRefusal {
    DialRefusal { code, detail }
}

/// A number that may be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// The number, for showing and comparing.
    pub number: Number,
    /// What to send to the switch.
    pub text: DialText,
    /// Digits to dial after the answer, where the text named an extension.
    pub extension: Option<Arc<str>>,
}

impl DialPolicy {
    /// Decides whether `text`, the digits for `number` at the switch, may be dialled.
    pub fn check(&self, number: &Number, text: &str) -> Result<DialText, DialRefusal> {
        let text = written::clean(text)
            .filter(|text| text.len() <= LONGEST_DIAL)
            .ok_or(refusal(DialCode::NumberInvalid, "a number holds only digits, + * and #, at most 40"))?;
        match number.kind {
            NumberKind::Unknown => {
                return Err(refusal(DialCode::NumberInvalid, "this cannot be read as a number"));
            }
            NumberKind::External if number.e164.is_none() => {
                return Err(refusal(DialCode::NumberInvalid, "no such number is given out in its country"));
            }
            NumberKind::Emergency if self.emergency == Verdict::Refuse => {
                return Err(refusal(
                    DialCode::NumberEmergency,
                    "emergency numbers are dialled at the phone itself",
                ));
            }
            NumberKind::External if self.premium == Verdict::Refuse && is_premium(number) => {
                return Err(refusal(
                    DialCode::NumberPremium,
                    "numbers with a surcharge are not dialled from the desk",
                ));
            }
            NumberKind::Internal
            | NumberKind::External
            | NumberKind::Emergency
            | NumberKind::Short
            | NumberKind::Feature => {}
        }
        self.check_prefixes(number, &text)?;
        Ok(DialText(text.into()))
    }

    fn check_prefixes(&self, number: &Number, text: &str) -> Result<(), DialRefusal> {
        let longest = |prefixes: &[String]| {
            prefixes.iter().filter(|prefix| fits(prefix, number, text)).map(String::len).max()
        };
        let (allowed, denied) = (longest(&self.allow), longest(&self.deny));
        if denied.is_some() && denied >= allowed {
            return Err(refusal(DialCode::NumberDenied, "numbers with this beginning are forbidden here"));
        }
        let listed = allowed.is_some() || self.allow.is_empty() || number.kind == NumberKind::Internal;
        // Whoever allows emergency numbers means all of them.
        if listed || number.kind == NumberKind::Emergency {
            Ok(())
        } else {
            Err(refusal(DialCode::NumberDenied, "only listed beginnings of numbers are allowed here"))
        }
    }
}

impl NumberPlan {
    /// Reads what a person or program wants to dial and decides whether it may be dialled. The one way to the
    /// digits of a `MakeCall` or a transfer.
    ///
    /// A feature code is looked at inside too: `*21*…` or `*72…` with a forbidden target would forward all calls
    /// there. A public number of the house is dialled as its extension.
    pub fn dial(&self, policy: &DialPolicy, raw: &str) -> Result<Dial, DialRefusal> {
        let read = self.normalize(raw);
        let own = read.number.e164.as_deref().and_then(|e164| self.own_extension(e164));
        let number = match own {
            Some(extension) => Number { raw: extension.into(), kind: NumberKind::Internal, e164: None },
            None => read.number,
        };
        let text = self.guard(policy, &number)?;
        Ok(Dial { number, text, extension: read.extension })
    }

    /// Refuses what is forbidden here, for digits that another switch of ours hands over. What is no number here is
    /// for the switch to refuse.
    pub(crate) fn admit(&self, policy: &DialPolicy, dialled: &str) -> Result<(), DialRefusal> {
        match self.guard(policy, &self.dialled(dialled)) {
            Err(refusal) if refusal.code != DialCode::NumberInvalid => Err(refusal),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn guard(&self, policy: &DialPolicy, number: &Number) -> Result<DialText, DialRefusal> {
        let text = policy.check(number, &self.dialable(number))?;
        if number.kind == NumberKind::Feature {
            let mut parts = number.raw.split(['*', '#']).skip(1);
            let code = parts.next().unwrap_or_default();
            // A target may follow the code at once (`*72` + number), and nobody but the switch knows its length.
            let behind_code = CODE_DIGITS.filter_map(|digits| code.get(digits..));
            let checked = |inner: &str| {
                let target = self.dialled(inner);
                let is_number = inner.len() >= SHORTEST_INNER && target.kind != NumberKind::Unknown;
                if is_number { policy.check(&target, &self.dialable(&target)).map(drop) } else { Ok(()) }
            };
            parts.try_for_each(checked)?;
            for inner in behind_code {
                // Cut at the wrong place it is no number, which says nothing.
                match checked(inner) {
                    Err(refusal) if refusal.code != DialCode::NumberInvalid => return Err(refusal),
                    Ok(()) | Err(_) => {}
                }
            }
        }
        Ok(text)
    }
}

fn fits(prefix: &str, number: &Number, text: &str) -> bool {
    if prefix.starts_with('+') {
        number.e164.as_deref().is_some_and(|e164| e164.starts_with(prefix))
    } else {
        !prefix.is_empty()
            && (text.starts_with(prefix) || (number.e164.is_none() && number.raw.starts_with(prefix)))
    }
}

fn is_premium(number: &Number) -> bool {
    number
        .e164
        .as_deref()
        .and_then(|e164| PHONE_NUMBER_UTIL.parse(e164, None).ok())
        .is_some_and(|parsed| PHONE_NUMBER_UTIL.get_number_type(&parsed) == PhoneNumberType::PremiumRate)
}
