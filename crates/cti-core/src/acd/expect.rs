//! How long a caller will probably wait.

/// The expected wait: `position × handle_ms / working`, rounded up.
///
/// With `working` members of whom each finishes a call every `handle_ms`, the queue moves on by one every
/// `handle_ms / working`; whoever stands at `position` waits for that many moves. None where that cannot be told:
/// nobody works, or no call was handled yet.
pub fn expected_wait_ms(position: u32, working: u32, handle_ms: u64) -> Option<u64> {
    if position == 0 || working == 0 || handle_ms == 0 {
        return None;
    }
    let wait = (u128::from(position) * u128::from(handle_ms)).div_ceil(u128::from(working));
    Some(u64::try_from(wait).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wait_that_cannot_be_told_is_not_told() {
        assert_eq!(expected_wait_ms(1, 0, 180_000), None);
        assert_eq!(expected_wait_ms(1, 3, 0), None);
        assert_eq!(expected_wait_ms(0, 3, 180_000), None);
        assert_eq!(expected_wait_ms(u32::MAX, 1, u64::MAX), Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn who_stands_further_back_waits_longer_and_more_hands_make_it_shorter(
            position in 1..1_000_u32, working in 1..500_u32, handle_ms in 1..10_000_000_u64
        ) {
            let wait = expected_wait_ms(position, working, handle_ms);
            prop_assert!(wait <= expected_wait_ms(position + 1, working, handle_ms));
            prop_assert!(wait >= expected_wait_ms(position, working + 1, handle_ms));
        }
    }
}
