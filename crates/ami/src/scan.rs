//! Byte search used by the framer: eight bytes at a time, without `unsafe`.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Gives the position of the first `needle` in `haystack`.
///
/// A byte of `word ^ pattern` is zero exactly where the needle stands; the subtraction sets the top bit of the
/// lowest zero byte, so the first hit is always exact (later ones may be borrowed and are not used).
pub(crate) fn find_byte(needle: u8, haystack: &[u8]) -> Option<usize> {
    let pattern = u64::from(needle).wrapping_mul(LOW);
    let (words, rest) = haystack.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ pattern;
        let hit = differs.wrapping_sub(LOW) & !differs & HIGH;
        if hit != 0 {
            return Some(index * 8 + widen(hit.trailing_zeros() / 8));
        }
    }
    rest.iter().position(|byte| *byte == needle).map(|at| words.len() * 8 + at)
}

/// Widens an offset kept in 32 bits. Every platform we build for has at least 32-bit addresses.
#[inline]
pub(crate) fn widen(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Narrows an offset to 32 bits; the framer's size limit keeps every offset far below.
#[inline]
pub(crate) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(bytes in proptest::collection::vec(0_u8..6, 0..40), needle in 0_u8..6) {
            prop_assert_eq!(find_byte(needle, &bytes), bytes.iter().position(|b| *b == needle));
        }

        #[test]
        fn finds_high_bytes_too(bytes in proptest::collection::vec(any::<u8>(), 0..64), needle in any::<u8>()) {
            prop_assert_eq!(find_byte(needle, &bytes), bytes.iter().position(|b| *b == needle));
        }
    }
}
