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
