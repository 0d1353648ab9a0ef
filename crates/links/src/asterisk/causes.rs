//! Why a connection ended: Q.850 numbers, dial results and what was seen around them, put together.

use ami::event::DialStatus;
use cti_core::fact::Cause;

/// Reads a Q.850 cause number; `None` for 0, 127 and other numbers that say nothing.
pub(super) const fn of_q850(number: u32) -> Option<Cause> {
    Some(match number {
        1 | 2 | 22 | 28 => Cause::UnknownNumber,
        16 | 31 => Cause::Normal,
        17 => Cause::Busy,
        18 | 19 => Cause::NoAnswer,
        21 => Cause::Rejected,
        26 => Cause::AnsweredElsewhere,
        29 | 50 | 52 | 54 | 55 | 57 | 87 => Cause::Barred,
        3
        | 5
        | 6
        | 7
        | 20
        | 25
        | 27
        | 34
        | 38
        | 41
        | 42
        | 44
        | 47
        | 58
        | 63
        | 65
        | 66
        | 69
        | 79
        | 88
        | 95..=103
        | 111 => Cause::Network,
        _ => return None,
    })
}

/// What is known when a called leg that never talked ends.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "observations, each true or not by itself")]
pub(super) struct Unanswered<'a> {
    /// Cause of the `Hangup`.
    pub(super) q850: Option<Cause>,
    /// Result of the dial attempt.
    pub(super) status: Option<&'a DialStatus>,
    /// The calling party has hung up or is gone.
    pub(super) caller_gone: bool,
    /// Another target of the same attempt has answered.
    pub(super) other_answered: bool,
    /// It was ended by an action or a limit.
    pub(super) was_ended: bool,
    /// `AgentRingNoAnswer` was seen for it.
    pub(super) rang_out: bool,
}

/// Cause of a called leg that ends without having talked.
pub(super) fn of_unanswered(seen: Unanswered<'_>) -> Cause {
    let told = seen.q850.filter(|cause| *cause != Cause::Normal);
    let refused = told.filter(|cause| matches!(cause, Cause::Busy | Cause::Rejected));
    if told == Some(Cause::AnsweredElsewhere) {
        return Cause::AnsweredElsewhere;
    }
    if let Some(refused) = refused {
        return refused;
    }
    if seen.caller_gone {
        return Cause::Canceled;
    }
    if seen.other_answered {
        return Cause::AnsweredElsewhere;
    }
    match seen.status {
        Some(DialStatus::Busy) => Cause::Busy,
        Some(DialStatus::NoAnswer) => told.unwrap_or(Cause::NoAnswer),
        Some(DialStatus::Unavailable | DialStatus::Congestion) => told.unwrap_or(Cause::Network),
        Some(DialStatus::Answer) => told.unwrap_or(Cause::Normal),
        _ if seen.rang_out => Cause::NoAnswer,
        _ if seen.was_ended => Cause::Canceled,
        // Given up by the switch while the caller stays and nobody else answered.
        _ => told.unwrap_or(Cause::NoAnswer),
    }
}

/// Tells whether a cause means that the target could not be reached at all.
pub(super) const fn is_failure(cause: Cause) -> bool {
    matches!(cause, Cause::Busy | Cause::Rejected | Cause::UnknownNumber | Cause::Barred | Cause::Network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(q850: u32, status: Option<&DialStatus>) -> Unanswered<'_> {
        Unanswered {
            q850: of_q850(q850),
            status,
            caller_gone: false,
            was_ended: false,
            other_answered: false,
            rang_out: false,
        }
    }

    #[test]
    fn q850_numbers_have_their_words() {
        for (number, cause) in [
            (0, None),
            (1, Some(Cause::UnknownNumber)),
            (16, Some(Cause::Normal)),
            (17, Some(Cause::Busy)),
            (19, Some(Cause::NoAnswer)),
            (20, Some(Cause::Network)),
            (21, Some(Cause::Rejected)),
            (26, Some(Cause::AnsweredElsewhere)),
            (34, Some(Cause::Network)),
            (57, Some(Cause::Barred)),
            (127, None),
        ] {
            assert_eq!(of_q850(number), cause, "{number}");
        }
    }

    #[test]
    fn an_unanswered_leg_ends_for_the_reason_seen() {
        let busy = DialStatus::Busy;
        let cancel = DialStatus::Cancel;
        let no_answer = DialStatus::NoAnswer;
        let congestion = DialStatus::Congestion;
        assert_eq!(of_unanswered(seen(17, Some(&busy))), Cause::Busy);
        assert_eq!(of_unanswered(seen(21, Some(&busy))), Cause::Rejected);
        assert_eq!(of_unanswered(seen(0, Some(&cancel))), Cause::NoAnswer);
        let withdrawn = Unanswered { was_ended: true, ..seen(0, Some(&cancel)) };
        assert_eq!(of_unanswered(withdrawn), Cause::Canceled);
        assert_eq!(of_unanswered(seen(26, Some(&cancel))), Cause::AnsweredElsewhere);
        assert_eq!(of_unanswered(seen(16, Some(&no_answer))), Cause::NoAnswer);
        assert_eq!(of_unanswered(seen(1, Some(&congestion))), Cause::UnknownNumber);
        assert_eq!(of_unanswered(seen(0, Some(&congestion))), Cause::Network);
        let gave_up = Unanswered { caller_gone: true, rang_out: true, ..seen(0, Some(&no_answer)) };
        assert_eq!(of_unanswered(gave_up), Cause::Canceled, "AgentRingNoAnswer comes then too");
        let lost = Unanswered { other_answered: true, ..seen(0, Some(&cancel)) };
        assert_eq!(of_unanswered(lost), Cause::AnsweredElsewhere);
        let rang_out = Unanswered { rang_out: true, ..seen(0, Some(&cancel)) };
        assert_eq!(of_unanswered(rang_out), Cause::NoAnswer);
    }
}
