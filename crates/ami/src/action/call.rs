//! Actions on calls and channels. Channels are full names (`PJSIP/1001-0000000a`); some actions match by prefix.

use std::{fmt, time::Duration};

use super::{
    Action, Request, Variables,
    draft::{Draft, Field},
    macros::{actions, debug_as_action},
};
use crate::{error::ActionError, redact};

/// Caller id of an originated call, written as `"name" <number>`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallerId {
    /// Display name; characters with a meaning in the notation are replaced by look-alikes.
    pub name: String,
    /// Number: letters, digits and `+*#_.@-` only, anything else is refused.
    pub number: String,
}

impl fmt::Debug for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerId")
            .field("number", &redact::mask_numbers(&self.number))
            .finish_non_exhaustive()
    }
}

impl Field for CallerId {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        let is_number = |c: char| c.is_ascii_alphanumeric() || "+*#_.@-".contains(c);
        if !self.number.chars().all(is_number) {
            draft.refuse("a caller number with characters that are no number");
            return;
        }
        let name: String = self
            .name
            .chars()
            .map(|c| match c {
                '"' => '\'',
                '\\' => '/',
                '<' => '(',
                '>' => ')',
                other => other,
            })
            .collect();
        match (name.is_empty(), self.number.is_empty()) {
            (true, _) => draft.push(key, &format!("<{}>", self.number)),
            (false, true) => draft.push(key, &format!("\"{name}\"")),
            (false, false) => draft.push(key, &format!("\"{name}\" <{}>", self.number)),
        }
    }
}

/// `Originate`, always asynchronous: the synchronous form blocks the session for the whole ring time. The outcome
/// is an `OriginateResponse` with our `ActionID` and, as `Uniqueid`, our `channel_id`.
///
/// Give either `context`, `exten` and `priority`, or `application`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Originate {
    /// `Channel`: technology and destination to dial (`PJSIP/1001`).
    pub channel: String,
    /// `Context`, `Exten`, `Priority`: where the answered channel goes.
    pub extension: Option<(String, String, String)>,
    /// `Application` and `Data`, instead of an extension.
    pub application: Option<(String, String)>,
    /// `Timeout` for the answer; Asterisk's own default is 30 s.
    pub timeout: Option<Duration>,
    /// `CallerID`.
    pub caller_id: Option<CallerId>,
    /// `Account`.
    pub account: Option<String>,
    /// `Variable`.
    pub variables: Variables,
    /// `Codecs`.
    pub codecs: Option<String>,
    /// `EarlyMedia`.
    pub is_early_media: Option<bool>,
    /// `ChannelId`: the `Uniqueid` the new channel shall have (at most 149 bytes).
    pub channel_id: Option<String>,
    /// `OtherChannelId`: the same for the `;2` half of a Local channel.
    pub other_channel_id: Option<String>,
    /// `PreDialGoSub` (18 and later).
    pub pre_dial_gosub: Option<String>,
}

impl Request for Originate {
    fn to_action(&self) -> Result<Action, ActionError> {
        let mut draft = Action::build("Originate").header("Channel", &self.channel).header("Async", "true");
        match (&self.extension, &self.application) {
            (Some((context, exten, priority)), None) => {
                draft = draft.header("Context", context).header("Exten", exten).header("Priority", priority);
            }
            (None, Some((application, data))) => {
                draft = draft.header("Application", application).header("Data", data);
            }
            _ => draft.refuse("neither an extension nor an application, or both"),
        }
        if self.channel.is_empty() {
            draft.refuse("no channel to dial");
        }
        let id_is_long = |id: &Option<String>| id.as_ref().is_some_and(|id| id.len() > 149);
        if id_is_long(&self.channel_id) || id_is_long(&self.other_channel_id) {
            draft.refuse("a channel id above 149 bytes");
        }
        self.timeout.put(&mut draft, "Timeout");
        self.caller_id.put(&mut draft, "CallerID");
        self.account.put(&mut draft, "Account");
        self.codecs.put(&mut draft, "Codecs");
        self.is_early_media.put(&mut draft, "EarlyMedia");
        self.channel_id.put(&mut draft, "ChannelId");
        self.other_channel_id.put(&mut draft, "OtherChannelId");
        self.pre_dial_gosub.put(&mut draft, "PreDialGoSub");
        self.variables.put(&mut draft, "Variable");
        draft.finish()
    }
}

debug_as_action!(Originate);

/// `Hangup` of one channel by its full name. The form with a regular expression is refused.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hangup {
    /// `Channel`.
    pub channel: String,
    /// `Cause`, Q.850, 1 to 127.
    pub cause: Option<u8>,
}

impl Request for Hangup {
    fn to_action(&self) -> Result<Action, ActionError> {
        let mut draft = Action::build("Hangup").header("Channel", &self.channel);
        if self.channel.is_empty() || self.channel.starts_with('/') {
            draft.refuse("a channel name that is empty or a pattern");
        }
        if self.cause.is_some_and(|cause| !(1..=127).contains(&cause)) {
            draft.refuse("a cause outside 1 to 127");
        }
        self.cause.put(&mut draft, "Cause");
        draft.finish()
    }
}

debug_as_action!(Hangup);

actions! {
    /// `Redirect`: moves the channel into the dialplan. Without the `extra` parts the party bridged with it is left
    /// alone and normally hung up.
    Redirect = "Redirect" {
        channel: String = "Channel",
        context: String = "Context",
        exten: String = "Exten",
        priority: String = "Priority",
        extra_channel: Option<String> = "ExtraChannel",
        /// Empty: the same place as the first channel.
        extra_context: Option<String> = "ExtraContext",
        extra_exten: Option<String> = "ExtraExten",
        extra_priority: Option<String> = "ExtraPriority",
    }
    /// `Atxfer`: queues the feature digits of an attended transfer; success says no more than that.
    Atxfer = "Atxfer" {
        /// The transferring party.
        channel: String = "Channel",
        exten: String = "Exten",
        context: Option<String> = "Context",
    }
    /// `CancelAtxfer`: only while consulting.
    CancelAtxfer = "CancelAtxfer" { channel: String = "Channel" }
    /// `BlindTransfer`, without DTMF.
    BlindTransfer = "BlindTransfer" {
        /// The transferring party.
        channel: String = "Channel",
        exten: String = "Exten",
        context: String = "Context",
    }
    /// `Bridge`: pulls both out of where they are into a new bridge.
    Bridge = "Bridge" {
        channel1: String = "Channel1",
        channel2: String = "Channel2",
        /// `no`, `1`, `2` or `Both`.
        tone: Option<String> = "Tone",
    }
    /// `BridgeKick`: takes a channel out of its bridge.
    BridgeKick = "BridgeKick" { bridge_uniqueid: Option<String> = "BridgeUniqueid", channel: String = "Channel" }
    /// `BridgeDestroy`.
    BridgeDestroy = "BridgeDestroy" { bridge_uniqueid: String = "BridgeUniqueid" }
    /// `Park`. Its replies carry a stray line end, which the framer absorbs.
    Park = "Park" {
        channel: String = "Channel",
        timeout_channel: Option<String> = "TimeoutChannel",
        announce_channel: Option<String> = "AnnounceChannel",
        timeout: Option<Duration> = "Timeout",
        lot: Option<String> = "Parkinglot",
        space: Option<u32> = "ParkingSpace",
    }
    /// `Setvar`; global without a channel.
    Setvar = "Setvar" {
        channel: Option<String> = "Channel",
        variable: String = "Variable",
        value: String = "Value",
    }
    /// `Getvar`; an unset variable is an empty value, not an error.
    Getvar = "Getvar" { channel: Option<String> = "Channel", variable: String = "Variable" }
    /// `AbsoluteTimeout`: hangs the channel up (extension `T` first) after these seconds; 0 takes it back.
    AbsoluteTimeout = "AbsoluteTimeout" { channel: String = "Channel", timeout_s: u32 = "Timeout" }
    /// `PJSIPNotify`: a NOTIFY, in the dialog when `channel` is given. `Event=talk` answers on phones that obey.
    /// One of channel, endpoint, URI; an option (section of `pjsip_notify.conf`) or variables.
    PjsipNotify = "PJSIPNotify" {
        channel: Option<String> = "Channel",
        endpoint: Option<String> = "Endpoint",
        uri: Option<String> = "URI",
        option: Option<String> = "Option",
        variables: Variables = "Variable",
    }
}
