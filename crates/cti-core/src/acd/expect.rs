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
