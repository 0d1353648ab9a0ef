//! When a failed attempt is made again: the ladder that Standard Webhooks suggests, about three days in all.

/// Attempts before an event is given up.
pub const TRIES: u64 = 10;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Waits before the second attempt and each further one.
const WAITS_MS: [u64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// How long to wait after so many failed attempts, milliseconds; none when it is not tried any more. `salt` moves it by up
/// to a tenth, so that not everything that failed together comes together again.
pub fn delay_ms(failed: u64, salt: u64) -> Option<u64> {
    let place = usize::try_from(failed.checked_sub(1)?).ok()?;
    WAITS_MS.get(place).map(|wait| jitter(*wait, salt ^ failed))
}

/// Moves a wait by up to a tenth, down or up.
pub(super) fn jitter(wait_ms: u64, salt: u64) -> u64 {
    let span = wait_ms / 5;
    wait_ms - wait_ms / 10 + scatter(salt) % (span + 1)
}

/// Spreads neighbouring numbers over all of them (the finalizer of `SplitMix64`).
const fn scatter(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: INT-09
    #[test]
    fn ten_attempts_go_over_three_days_each_moved_by_a_tenth_at_most() {
        let mut total = 0;
        for failed in 1..TRIES {
            let wait = WAITS_MS[usize::try_from(failed).unwrap() - 1];
            let waits: Vec<u64> = (0..200).map(|salt| delay_ms(failed, salt).unwrap()).collect();
            assert!(waits.iter().all(|one| (wait * 9 / 10..=wait * 11 / 10).contains(one)), "{failed}");
            assert!(waits.iter().min() < waits.iter().max(), "{failed}: no jitter");
            total += wait;
        }
        assert!((72 * HOUR..80 * HOUR).contains(&total), "{total}");
        assert_eq!(delay_ms(TRIES, 1), None);
        assert_eq!(delay_ms(0, 1), None, "the first attempt is made at once");
    }
}
