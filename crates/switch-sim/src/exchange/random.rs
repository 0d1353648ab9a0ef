//! Numbers that look random and are the same in every run.

/// A linear congruential generator (Knuth's MMIX), good enough to vary a simulation.
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// A generator of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 31 random bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// A number from `from` to `to`, both included.
    pub fn within(&mut self, from: u32, to: u32) -> u32 {
        let span = u64::from(to.saturating_sub(from)) + 1;
        from.saturating_add(u32::try_from(self.next() % span).unwrap_or(0))
    }

    /// One of these; none when there is none.
    pub fn choose<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let last = u32::try_from(all.len().checked_sub(1)?).unwrap_or(u32::MAX);
        all.get(usize::try_from(self.within(0, last)).unwrap_or(0))
    }
}
