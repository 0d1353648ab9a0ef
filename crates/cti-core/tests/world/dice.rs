//! Seeded randomness without a library: the same seed gives the same world on every machine and in every version.

/// `SplitMix64`: one word of state, good enough to choose who hangs up when.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// 0 to `bound` − 1.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    /// `from` to `until`, both included.
    pub(crate) fn between(&mut self, from: i64, until: i64) -> i64 {
        let span = usize::try_from((until - from).max(0) + 1).unwrap();
        from + i64::try_from(self.below(span)).unwrap()
    }

    /// Once in `count` throws; never for 0.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        count > 0 && self.below(count) == 0
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}
