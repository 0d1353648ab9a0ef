//! Actions on queues and their members.

use super::macros::actions;

actions! {
    /// `QueueAdd`. Adding paused and unpausing later keeps the member from being rung in between.
    QueueAdd = "QueueAdd" {
        queue: String = "Queue",
        interface: String = "Interface",
        member_name: Option<String> = "MemberName",
        state_interface: Option<String> = "StateInterface",
        penalty: Option<u32> = "Penalty",
        is_paused: Option<bool> = "Paused",
        reason: Option<String> = "Reason",
        wrap_up_s: Option<u32> = "Wrapuptime",
    }
    /// `QueueRemove`: dynamic members only.
    QueueRemove = "QueueRemove" { queue: String = "Queue", interface: String = "Interface" }
    /// `QueuePause`; in all queues when none is named.
    QueuePause = "QueuePause" {
        interface: String = "Interface",
        is_paused: bool = "Paused",
        queue: Option<String> = "Queue",
        reason: Option<String> = "Reason",
    }
    /// `QueuePenalty`; in all queues when none is named.
    QueuePenalty = "QueuePenalty" {
        interface: String = "Interface",
        penalty: u32 = "Penalty",
        queue: Option<String> = "Queue",
    }
    /// `QueueMemberRingInUse`.
    QueueMemberRingInUse = "QueueMemberRingInUse" {
        interface: String = "Interface",
        ring_in_use: bool = "RingInUse",
        queue: Option<String> = "Queue",
    }
    /// `QueueStatus`: list of `QueueParams`, `QueueMember`, `QueueEntry`. Rows are not one instant.
    QueueStatus = "QueueStatus" list [] { queue: Option<String> = "Queue", member: Option<String> = "Member" }
    /// `QueueSummary`: list of `QueueSummary`.
    QueueSummary = "QueueSummary" list [] { queue: Option<String> = "Queue" }
    /// `QueueReset`: sets the statistics of a queue to zero.
    QueueReset = "QueueReset" { queue: Option<String> = "Queue" }
    /// `QueueChangePriorityCaller`: a waiting caller by channel name.
    QueueChangePriorityCaller = "QueueChangePriorityCaller" {
        queue: String = "Queue",
        caller: String = "Caller",
        priority: u32 = "Priority",
        is_immediate: Option<bool> = "Immediate",
    }
    /// `QueueWithdrawCaller`: takes a caller out of the queue with `QUEUESTATUS=WITHDRAW`.
    QueueWithdrawCaller = "QueueWithdrawCaller" {
        queue: String = "Queue",
        caller: String = "Caller",
        withdraw_info: Option<String> = "WithdrawInfo",
    }
    /// `Agents` of the agent pool.
    Agents = "Agents" list [] {}
}
