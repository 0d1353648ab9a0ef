//! The named service levels.

use super::settings::LevelFormula;

/// Counts of queue entries from which every formula is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Answered.
    pub answered: u64,
    /// Of which within the threshold.
    pub answered_within: u64,
    /// Given up while waiting.
    pub abandoned: u64,
    /// Of which within the threshold.
    pub abandoned_within: u64,
    /// Of those given up: short ones.
    pub short_abandoned: u64,
    /// Gone elsewhere: overflow, time-out, voicemail.
    pub flow_out: u64,
}

/// The service level from 0 to 1; none when there is nothing to divide by, which is shown as a dash, never as 0 or
/// 100 per cent.
pub fn value(formula: LevelFormula, counts: &Counts) -> Option<f64> {
    let both = counts.answered.saturating_add(counts.abandoned);
    let (good, of) = match formula {
        LevelFormula::A => (counts.answered_within, counts.answered),
        LevelFormula::B => (counts.answered_within, both),
        LevelFormula::C => (counts.answered_within, both.saturating_sub(counts.abandoned_within)),
        LevelFormula::D => (counts.answered_within.saturating_add(counts.abandoned_within), both),
        LevelFormula::E => (counts.answered_within, both.saturating_sub(counts.short_abandoned)),
        LevelFormula::F => (counts.answered_within, both.saturating_add(counts.flow_out)),
    };
    share(good.min(of), of)
}

/// `good / of`. Both lose the same low bits where they are too large for a float to hold exactly.
fn share(good: u64, of: u64) -> Option<f64> {
    let shift = 32_u32.saturating_sub(of.leading_zeros());
    let good = u32::try_from(good >> shift).ok()?;
    let of = u32::try_from(of >> shift).ok()?;
    (of > 0).then(|| f64::from(good) / f64::from(of))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [LevelFormula; 6] = [
        LevelFormula::A,
        LevelFormula::B,
        LevelFormula::C,
        LevelFormula::D,
        LevelFormula::E,
        LevelFormula::F,
    ];

    #[test]
    fn nothing_to_divide_by_is_no_service_level() {
        for formula in ALL {
            assert_eq!(value(formula, &Counts::default()), None, "{formula:?}");
        }
        // All gave up at once: a dash under the formulas that do not look at them.
        let counts = Counts { abandoned: 4, abandoned_within: 4, short_abandoned: 4, ..Counts::default() };
        let values = ALL.map(|formula| value(formula, &counts));
        assert_eq!(values, [None, Some(0.0), None, Some(1.0), None, Some(0.0)]);
    }

    #[test]
    fn counts_beyond_any_centre_are_divided_all_the_same() {
        let counts = Counts { answered: u64::MAX, answered_within: u64::MAX / 4, ..Counts::default() };
        let value = value(LevelFormula::A, &counts).unwrap();
        assert!((value - 0.25).abs() < 1e-6, "{value}");
    }

    prop_compose! {
        fn counts()(answered in 0..5_000_u64, abandoned in 0..5_000_u64, flow_out in 0..5_000_u64)(
            answered in Just(answered), abandoned in Just(abandoned), flow_out in Just(flow_out),
            answered_within in 0..=answered, abandoned_within in 0..=abandoned, short_abandoned in 0..=abandoned
        ) -> Counts {
            Counts { answered, answered_within, abandoned, abandoned_within, short_abandoned, flow_out }
        }
    }

    proptest! {
        #[test]
        fn levels_are_shares_and_stand_in_their_order(counts in counts()) {
            for formula in ALL {
                let value = value(formula, &counts);
                prop_assert!(value.is_none_or(|value| (0.0..=1.0).contains(&value)), "{:?}: {:?}", formula, value);
            }
            // B is the strictest of those that count who waits in this queue, F stricter still.
            if let Some(b) = value(LevelFormula::B, &counts) {
                for kinder in [LevelFormula::A, LevelFormula::C, LevelFormula::D, LevelFormula::E] {
                    prop_assert!(value(kinder, &counts).is_none_or(|value| value >= b), "{:?}", kinder);
                }
                prop_assert!(value(LevelFormula::F, &counts).is_some_and(|value| value <= b));
            }
        }
    }
}
