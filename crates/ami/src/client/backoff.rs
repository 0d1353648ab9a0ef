//! The pause before the next attempt, as a pure function.

use std::time::Duration;

use crate::error::LinkError;

/// Shortest pause.
const FIRST: Duration = Duration::from_millis(250);
/// Longest pause, and the shortest after a refused login.
const LONGEST: Duration = Duration::from_secs(10);

/// Gives the pause before the next attempt.
///
/// `failures` counts attempts since the last link that became ready, from 0; the pause doubles with each from
/// 0.25 s to 10 s. `jitter` (0 to 1000, from a random source of the caller) takes off up to a quarter, so that many
/// clients do not come back at once. After a refused login the pause is 10 s or, with jitter, up to 12.5 s: each
/// failure costs the switch a second, and only a person can mend it.
pub fn backoff(failures: u32, error: &LinkError, jitter: u16) -> Duration {
    let jitter = u32::from(jitter.min(1000));
    if error.is_login_refusal() {
        return LONGEST + LONGEST / 4 * jitter / 1000;
    }
    let pause = FIRST.saturating_mul(1_u32 << failures.min(10)).min(LONGEST);
    pause.saturating_sub(pause / 4 * jitter / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: OPS-15
    #[test]
    fn pauses_double_up_to_ten_seconds() {
        let pauses: Vec<u128> = (0..8).map(|n| backoff(n, &LinkError::Closed, 0).as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(backoff(u32::MAX, &LinkError::Closed, 0), LONGEST);
    }

    #[test]
    fn jitter_takes_off_at_most_a_quarter() {
        assert_eq!(backoff(3, &LinkError::Closed, 1000), Duration::from_millis(1500));
        assert_eq!(backoff(3, &LinkError::Closed, u16::MAX), Duration::from_millis(1500));
    }

    #[test]
    fn a_refused_login_waits_ten_seconds_at_least() {
        for error in [
            LinkError::AuthenticationFailed,
            LinkError::LoginAlreadyInUse,
            LinkError::LoginRefused { message: "x".into() },
        ] {
            for jitter in [0, 500, 1000] {
                let pause = backoff(0, &error, jitter);
                assert!((LONGEST..=LONGEST * 5 / 4).contains(&pause), "{error:?} {pause:?}");
            }
        }
    }
}
