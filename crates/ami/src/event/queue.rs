//! Queues, their callers and members, and the list items of `QueueStatus` and `QueueSummary`.
//!
//! The wire's own times ([`QueueAgent::hold_time`] and the like) are labels; they never feed our figures.

use std::time::Duration;

use super::view::{event_view, wire_words};

event_view! {
    /// `QueueCallerJoin`, `QueueCallerLeave` (left for **any** reason), `QueueCallerAbandon` (**not only** hang-ups).
    QueueCaller {
        channel: channel(""),
        queue: text("Queue"),
        position: number(u32, "Position"),
        original_position: number(u32, "OriginalPosition"),
        count: number(u32, "Count"),
        hold_time: seconds("HoldTime"),
    }
}

wire_words! {
    /// `Reason` of `AgentComplete`: who ended the queue's part.
    CompleteReason { Caller = "caller", Agent = "agent", Transfer = "transfer" }
}

event_view! {
    /// `AgentCalled`, `AgentRingNoAnswer`, `AgentConnect`, `AgentDump`, `AgentComplete`.
    QueueAgent {
        channel: channel(""),
        dest: channel("Dest"),
        queue: text("Queue"),
        interface: text("Interface", "AgentCalled"),
        member_name: text("MemberName", "AgentName"),
        hold_time: seconds("HoldTime"),
        talk_time: seconds("TalkTime"),
        reason: word(CompleteReason, "Reason"),
    }
}

impl QueueAgent<'_> {
    /// `RingTime`, which is in **milliseconds** in `AgentRingNoAnswer` and in **seconds** elsewhere.
    pub fn ring_time(self) -> Option<Duration> {
        let value: u64 = self.message().number("RingTime")?;
        if self.message().event_name() == Some("AgentRingNoAnswer") {
            Some(Duration::from_millis(value))
        } else {
            Some(Duration::from_secs(value))
        }
    }
}

/// Device state number of a queue member's `Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MemberStatus {
    /// 0.
    Unknown,
    /// 1.
    NotInUse,
    /// 2.
    InUse,
    /// 3.
    Busy,
    /// 4.
    Invalid,
    /// 5.
    Unavailable,
    /// 6.
    Ringing,
    /// 7.
    RingInUse,
    /// 8.
    OnHold,
    /// A number this crate does not know.
    Other(u32),
}

impl MemberStatus {
    /// Reads the status number.
    pub const fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Unknown,
            1 => Self::NotInUse,
            2 => Self::InUse,
            3 => Self::Busy,
            4 => Self::Invalid,
            5 => Self::Unavailable,
            6 => Self::Ringing,
            7 => Self::RingInUse,
            8 => Self::OnHold,
            other => Self::Other(other),
        }
    }
}

wire_words! {
    /// `Membership`: where the member comes from; only dynamic ones can be removed.
    Membership { Static = "static", Dynamic = "dynamic", Realtime = "realtime" }
}

event_view! {
    /// `QueueMemberStatus`, `…Added`, `…Removed`, `…Pause` (once `…Paused`), `…Penalty`, `…Ringinuse`, and the
    /// list item `QueueMember`. Older names of the headers are read too.
    QueueMember {
        queue: text("Queue"),
        member_name: text("MemberName", "Name"),
        interface: text("Interface", "Location"),
        state_interface: text("StateInterface"),
        membership: word(Membership, "Membership"),
        penalty: number(i32, "Penalty"),
        calls_taken: number(u32, "CallsTaken"),
        last_call: number(i64, "LastCall"),
        last_pause: number(i64, "LastPause"),
        login_time: number(i64, "LoginTime"),
        in_call: flag("InCall"),
        status_number: number(u32, "Status"),
        is_paused: flag("Paused"),
        paused_reason: text("PausedReason", "Reason"),
        ring_in_use: flag("Ringinuse"),
        wrap_up: seconds("Wrapuptime"),
    }
}

impl QueueMember<'_> {
    /// `Status` by name.
    pub fn status(self) -> Option<MemberStatus> {
        self.status_number().map(MemberStatus::from_number)
    }
}

event_view! {
    /// `AgentLogin`, `AgentLogoff` of the agent pool (agents that stay on the line).
    PoolAgent { channel: channel(""), agent: text("Agent"), login_time: seconds("Logintime") }
}

event_view! {
    /// `Agents` list item of the agent pool.
    AgentItem {
        channel: channel(""),
        agent: text("Agent"),
        name: text("Name"),
        status: text("Status"),
        logged_in_time: number(i64, "LoggedInTime"),
        talking_to: text("TalkingToChan"),
        call_started: text("CallStarted"),
    }
}

event_view! {
    /// `QueueParams` list item.
    QueueParams {
        queue: text("Queue"),
        max: number(u32, "Max"),
        strategy: text("Strategy"),
        calls: number(u32, "Calls"),
        hold_time: seconds("Holdtime"),
        talk_time: seconds("TalkTime"),
        completed: number(u32, "Completed"),
        abandoned: number(u32, "Abandoned"),
        service_level: seconds("ServiceLevel"),
        weight: number(i32, "Weight"),
    }
}

event_view! {
    /// `QueueEntry` list item: one waiting caller.
    QueueEntry {
        channel: channel(""),
        queue: text("Queue"),
        position: number(u32, "Position"),
        wait: seconds("Wait"),
        priority: number(i32, "Priority"),
    }
}

event_view! {
    /// `QueueSummary` list item.
    QueueSummary {
        queue: text("Queue"),
        logged_in: number(u32, "LoggedIn"),
        available: number(u32, "Available"),
        callers: number(u32, "Callers"),
        hold_time: seconds("HoldTime"),
        talk_time: seconds("TalkTime"),
        longest_hold_time: seconds("LongestHoldTime"),
    }
}
