//! Causes of ECMA-269 as causes of ours. They are hints: none of them decides a state.

use csta::model::EventCause as Wire;
use cti_core::fact::{Cause, QueueLeave};

/// `callBarred` has no code of its own: what switches send instead.
const INVALID_ACCOUNT_CODE: u16 = 16;
const UNAUTHORISED: u16 = 87;
/// Codes that say a queue is full.
const FULL: [u16; 3] = [59, 94, 96];

/// Why a target could not be reached, or a connection ended for a reason of its own; none when nothing is said.
pub(super) fn failure(cause: Option<Wire>) -> Option<Cause> {
    Some(match cause? {
        Wire::BUSY | Wire::CALL_FORWARD_BUSY | Wire::RECALL_BUSY => Cause::Busy,
        Wire::CALL_NOT_ANSWERED
        | Wire::CALL_FORWARD_NO_ANSWER
        | Wire::ALERT_TIME_EXPIRED
        | Wire::RECALL_NO_ANSWER
        | Wire::TIMEOUT => Cause::NoAnswer,
        Wire::DEST_NOT_OBTAINABLE
        | Wire::INVALID_NUMBER_FORMAT
        | Wire::NUMBER_UNALLOCATED
        | Wire::NUMBER_CHANGED => Cause::UnknownNumber,
        Wire::DO_NOT_DISTURB => Cause::Rejected,
        Wire::NETWORK_CONGESTION
        | Wire::NETWORK_OUT_OF_ORDER
        | Wire::TRUNKS_BUSY
        | Wire::DEST_OUT_OF_ORDER
        | Wire::INCOMPATIBLE_DESTINATION
        | Wire::RESOURCES_NOT_AVAILABLE
        | Wire::REORDER_TONE => Cause::Network,
        Wire::CALL_CANCELLED => Cause::Canceled,
        Wire::CALL_PICKUP => Cause::AnsweredElsewhere,
        Wire::TRANSFER | Wire::SINGLE_STEP_TRANSFER => Cause::Transferred,
        other if [INVALID_ACCOUNT_CODE, UNAUTHORISED].contains(&other.code()) => Cause::Barred,
        _ => return None,
    })
}

/// Why a connection was diverted.
pub(super) fn diversion(cause: Option<Wire>) -> Cause {
    match failure(cause) {
        Some(Cause::Busy) => Cause::Busy,
        Some(Cause::NoAnswer) => Cause::NoAnswer,
        Some(Cause::AnsweredElsewhere) => Cause::AnsweredElsewhere,
        Some(Cause::Rejected) => Cause::Rejected,
        _ => Cause::Diverted,
    }
}

/// Why a call that leaves a queue goes elsewhere than to an agent; none when an agent gets it.
pub(super) fn queue_leave(cause: Option<Wire>) -> Option<QueueLeave> {
    Some(match cause? {
        Wire::OVERFLOW | Wire::QUEUE_TIME_OVERFLOW | Wire::TIMEOUT => QueueLeave::TimedOut,
        Wire::NO_AVAILABLE_AGENTS => QueueLeave::Empty,
        Wire::CALL_FORWARD
        | Wire::CALL_FORWARD_BUSY
        | Wire::CALL_FORWARD_IMMEDIATE
        | Wire::CALL_FORWARD_NO_ANSWER
        | Wire::TRANSFER
        | Wire::QUEUE_CLEARED => QueueLeave::Withdrawn,
        other if FULL.contains(&other.code()) => QueueLeave::Full,
        _ => return None,
    })
}

/// True for causes that say the call goes on under another id after a transfer.
pub(super) fn continues(cause: Option<Wire>) -> bool {
    matches!(
        cause,
        Some(
            Wire::TRANSFER
                | Wire::SINGLE_STEP_TRANSFER
                | Wire::RECALL
                | Wire::RECALL_BUSY
                | Wire::RECALL_NO_ANSWER
        )
    )
}
