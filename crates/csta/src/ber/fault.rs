//! Negative answers: `UniversalFailure` and ROSE Reject.

use rasn::ber::de::Decoder;
use rasn::types::{Class, Tag};

use super::Phase;
use super::wire::{Read, Writer, context, integer, peek, skip, within, wrong};
use crate::model::{Fault, FaultCategory, fault_word};

/// Categories of Phase III by their explicit tag.
const CATEGORIES: [FaultCategory; 8] = [
    FaultCategory::Operation,
    FaultCategory::Security,
    FaultCategory::StateIncompatibility,
    FaultCategory::SystemResource,
    FaultCategory::SubscribedResource,
    FaultCategory::Performance,
    FaultCategory::Private,
    FaultCategory::Unspecified,
];

/// Categories of Phase I and II by their implicit tag, from 1.
const OLD_CATEGORIES: [FaultCategory; 6] = [
    FaultCategory::Operation,
    FaultCategory::StateIncompatibility,
    FaultCategory::SystemResource,
    FaultCategory::SubscribedResource,
    FaultCategory::Performance,
    FaultCategory::Unspecified,
];

/// Tag number of a category, where the phase has it.
fn tag_of(category: FaultCategory, phase: Phase) -> Option<u32> {
    let (categories, first) = table(phase);
    categories.iter().zip(first..).find(|(known, _)| **known == category).map(|(_, tag)| tag)
}

fn table(phase: Phase) -> (&'static [FaultCategory], u32) {
    match phase {
        Phase::Three => (&CATEGORIES, 0),
        Phase::One | Phase::Two => (&OLD_CATEGORIES, 1),
    }
}

/// Reads a `UniversalFailure`.
pub(super) fn failure(from: &mut Decoder<'_>, phase: Phase) -> Read<Fault> {
    let Some(tag) = peek(from)? else { return Ok(unspecified()) };
    let (categories, first) = table(phase);
    let known = (tag.class == Class::Context)
        .then(|| categories.iter().zip(first..).find(|(_, number)| *number == tag.value))
        .flatten();
    let Some((category, _)) = known else {
        skip(from)?;
        return Ok(Fault::Other { detail: format!("universalFailure {tag}") });
    };
    let code = match (category, phase) {
        (FaultCategory::Unspecified, _) => {
            skip(from)?;
            return Ok(unspecified());
        }
        (_, Phase::Three) => within(from, tag, |from| match peek(from)? {
            Some(tag) => integer(from, tag),
            None => Ok(0),
        })?,
        (_, Phase::One | Phase::Two) => integer(from, tag)?,
    };
    let code = u16::try_from(code).map_err(|_| wrong("error code out of range"))?;
    Ok(Fault::Failure { category: *category, code, word: word(*category, code) })
}

/// The word of a code as the XML schema spells it, its number where we know no word.
pub(crate) fn word(category: FaultCategory, code: u16) -> String {
    fault_word(category, code).map_or_else(|| code.to_string(), str::to_owned)
}

fn unspecified() -> Fault {
    Fault::Failure {
        category: FaultCategory::Unspecified,
        code: 0,
        word: word(FaultCategory::Unspecified, 0),
    }
}

/// Reads the problem of a Reject.
pub(super) fn problem(from: &mut Decoder<'_>) -> Read<Fault> {
    match peek(from)? {
        Some(tag) if tag.class == Class::Context => {
            let group = u8::try_from(tag.value).map_err(|_| wrong("group of the problem"))?;
            Ok(Fault::Reject { group, problem: integer(from, tag)? })
        }
        _ => Err(wrong("a reject without problem")),
    }
}

impl Writer<'_> {
    /// A `UniversalFailure`.
    pub(super) fn failure(&mut self, fault: &Fault) {
        let Fault::Failure { category, code, .. } = fault else {
            return self.fail("fault", "is no universalFailure");
        };
        let three = self.phase == Phase::Three;
        match tag_of(*category, self.phase) {
            None => self.fail("fault", "this phase does not have the category"),
            Some(tag) if *category == FaultCategory::Unspecified && three => {
                self.within(context(tag), |w| w.null(Tag::NULL));
            }
            Some(tag) if *category == FaultCategory::Unspecified => self.null(context(tag)),
            Some(tag) if three => {
                self.within(context(tag), |w| w.integer(Tag::ENUMERATED, i64::from(*code)));
            }
            Some(tag) => self.integer(context(tag), i64::from(*code)),
        }
    }

    /// The problem of a Reject.
    pub(super) fn problem(&mut self, group: u8, problem: i64) {
        if group > 3 {
            self.fail("problem", "a reject has the groups 0 to 3");
        }
        self.integer(context(group.into()), problem);
    }
}
