//! Dialling: who rings whom, and the outcome of `Originate`.

use std::borrow::Cow;

use super::view::{event_view, wire_words};
use crate::text;

wire_words! {
    /// `DialStatus` of `DialState` and `DialEnd`.
    DialStatus {
        Ringing = "RINGING",
        Proceeding = "PROCEEDING",
        Progress = "PROGRESS",
        Answer = "ANSWER",
        Busy = "BUSY",
        Cancel = "CANCEL",
        Unavailable = "CHANUNAVAIL",
        Congestion = "CONGESTION",
        NoAnswer = "NOANSWER",
        DontCall = "DONTCALL",
        Torture = "TORTURE",
        Goto = "GOTO",
        Abort = "ABORT",
        Continue = "CONTINUE",
    }
}

event_view! {
    /// `DialBegin`, `DialState`, `DialEnd`: one per destination. The caller is absent for originated and paged
    /// legs; `forward` names the dial string that takes over from this destination.
    Dial {
        caller: channel(""),
        dest: channel("Dest"),
        dial_string: text("DialString"),
        status: word(DialStatus, "DialStatus"),
        forward: text("Forward"),
    }
}

/// `Reason` of `OriginateResponse`: the control frame that ended the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginateReason {
    /// 0: failed, no such device.
    Failed,
    /// 1: hung up.
    Hangup,
    /// 3: ring timeout.
    NoAnswer,
    /// 4: answered.
    Answered,
    /// 5: busy.
    Busy,
    /// 8: congestion.
    Congestion,
    /// A number this crate does not know.
    Other(u32),
}

event_view! {
    /// `OriginateResponse`: the outcome of an asynchronous `Originate`. No snapshot; it can overtake the events
    /// of its channel. `uniqueid` is our `ChannelId`, even on failure.
    OriginateResponse {
        action_id: text("ActionID"),
        response: text("Response"),
        channel_name: text("Channel"),
        context: text("Context"),
        exten: text("Exten"),
        application: text("Application"),
        data: text("Data"),
        reason_number: number(u32, "Reason"),
        uniqueid: text("Uniqueid"),
        caller_id_num: text("CallerIDNum"),
        caller_id_name: escaped("CallerIDName"),
    }
}

impl<'a> OriginateResponse<'a> {
    /// Tells whether the channel answered.
    pub fn is_success(self) -> bool {
        self.response().is_some_and(|word| word.eq_ignore_ascii_case("Success"))
    }

    /// Variables of the channel (those named by `channelvars`), escapes undone. Here the key carries the channel's
    /// name: `ChanVariable(PJSIP/1001-00000001): NAME=value`.
    pub fn variables(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.message()
            .headers()
            .filter(|(key, _)| key.get(..13).is_some_and(|head| head.eq_ignore_ascii_case("ChanVariable(")))
            .filter_map(|(_, pair)| pair.split_once('='))
            .map(|(name, value)| (name, text::unescape(value)))
    }

    /// `Reason` by name.
    pub fn reason(self) -> Option<OriginateReason> {
        Some(match self.reason_number()? {
            0 => OriginateReason::Failed,
            1 => OriginateReason::Hangup,
            3 => OriginateReason::NoAnswer,
            4 => OriginateReason::Answered,
            5 => OriginateReason::Busy,
            8 => OriginateReason::Congestion,
            other => OriginateReason::Other(other),
        })
    }
}
