//! Channel and bridge snapshots, which most call events embed under a prefix.

use std::{borrow::Cow, fmt};

use super::view::wire_words;
use crate::{Message, text};

/// Channel state numbers of Asterisk (`ChannelState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelState {
    /// 0: created, nothing on the line.
    Down,
    /// 1: reserved.
    Reserved,
    /// 2: off hook.
    OffHook,
    /// 3: digits dialled.
    Dialing,
    /// 4: the caller's side hears ringing, or an inbound call came in.
    Ring,
    /// 5: the called device rings.
    Ringing,
    /// 6: answered (which is not yet "talking").
    Up,
    /// 7: busy.
    Busy,
    /// 8: dialling while off hook.
    DialingOffHook,
    /// 9: detected, not yet ringing.
    PreRing,
    /// 10: no audio is passed.
    Mute,
    /// A number this crate does not know (11 is Asterisk's own "unknown").
    Other(u8),
}

impl ChannelState {
    /// Reads the state number.
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Down,
            1 => Self::Reserved,
            2 => Self::OffHook,
            3 => Self::Dialing,
            4 => Self::Ring,
            5 => Self::Ringing,
            6 => Self::Up,
            7 => Self::Busy,
            8 => Self::DialingOffHook,
            9 => Self::PreRing,
            10 => Self::Mute,
            other => Self::Other(other),
        }
    }
}

/// A channel as it was when the event was published. Reads lazily: each method is one look-up.
#[derive(Clone, Copy)]
pub struct ChannelSnapshot<'a> {
    message: &'a Message,
    prefix: &'static str,
    uniqueid: &'a str,
}

impl<'a> ChannelSnapshot<'a> {
    /// The snapshot whose keys carry `prefix`, if its `Uniqueid` is there and known. `none` is how the setting of a
    /// global variable says that there is no channel.
    #[inline]
    pub fn find(message: &'a Message, prefix: &'static str) -> Option<Self> {
        let uniqueid = message.get_prefixed(prefix, "Uniqueid").and_then(text::known)?;
        if uniqueid == "none" {
            return None;
        }
        Some(Self { message, prefix, uniqueid })
    }

    #[inline]
    fn known(self, key: &str) -> Option<&'a str> {
        self.message.get_prefixed(self.prefix, key).and_then(text::known)
    }

    /// `Uniqueid`: opaque, the key of the channel for its life.
    #[inline]
    pub const fn uniqueid(self) -> &'a str {
        self.uniqueid
    }

    /// `Linkedid`: the group this channel belongs to at that moment.
    #[inline]
    pub fn linkedid(self) -> Option<&'a str> {
        self.known("Linkedid")
    }

    /// `Channel`: the name, which a `Rename` may change.
    #[inline]
    pub fn name(self) -> Option<&'a str> {
        self.known("Channel")
    }

    /// `ChannelState`.
    #[inline]
    pub fn state(self) -> Option<ChannelState> {
        self.known("ChannelState").and_then(|value| value.parse().ok()).map(ChannelState::from_number)
    }

    /// `ChannelStateDesc`.
    pub fn state_desc(self) -> Option<&'a str> {
        self.known("ChannelStateDesc")
    }

    /// `CallerIDNum`: the number of this channel's own party.
    #[inline]
    pub fn caller_id_num(self) -> Option<&'a str> {
        self.known("CallerIDNum")
    }

    /// `CallerIDName`, escapes undone.
    pub fn caller_id_name(self) -> Option<Cow<'a, str>> {
        self.known("CallerIDName").map(text::unescape)
    }

    /// `ConnectedLineNum`: the other party's number as this phone shows it.
    #[inline]
    pub fn connected_line_num(self) -> Option<&'a str> {
        self.known("ConnectedLineNum")
    }

    /// `ConnectedLineName`, escapes undone.
    pub fn connected_line_name(self) -> Option<Cow<'a, str>> {
        self.known("ConnectedLineName").map(text::unescape)
    }

    /// `Language`.
    pub fn language(self) -> Option<&'a str> {
        self.known("Language")
    }

    /// `AccountCode`.
    pub fn account_code(self) -> Option<&'a str> {
        self.known("AccountCode")
    }

    /// `Context`.
    #[inline]
    pub fn context(self) -> Option<&'a str> {
        self.known("Context")
    }

    /// `Exten`.
    #[inline]
    pub fn exten(self) -> Option<&'a str> {
        self.known("Exten")
    }

    /// `Priority`.
    pub fn priority(self) -> Option<i32> {
        self.known("Priority").and_then(|value| value.parse().ok())
    }

    /// `Tenantid` (18.25, 20.10, 22 and later, when set).
    pub fn tenantid(self) -> Option<&'a str> {
        self.known("Tenantid")
    }

    /// `ChanVariable` pairs (those named by `channelvars` in manager.conf), escapes undone.
    pub fn variables(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.message
            .get_all_prefixed(self.prefix, "ChanVariable")
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, text::unescape(value)))
    }

    /// One `ChanVariable` by name (names are case-sensitive in Asterisk); `None` if absent or empty.
    pub fn variable(self, name: &str) -> Option<Cow<'a, str>> {
        self.variables().find(|(found, _)| *found == name).map(|(_, value)| value).filter(|v| !v.is_empty())
    }
}

impl fmt::Debug for ChannelSnapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelSnapshot")
            .field("prefix", &self.prefix)
            .field("uniqueid", &self.uniqueid)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

wire_words! {
    /// `BridgeTechnology`.
    BridgeTechnology {
        Simple = "simple_bridge",
        NativeRtp = "native_rtp",
        Softmix = "softmix",
        /// Parked or waiting: those inside do not talk to each other.
        Holding = "holding_bridge",
    }
}

/// A bridge as it was when the event was published.
#[derive(Clone, Copy)]
pub struct BridgeSnapshot<'a> {
    message: &'a Message,
    prefix: &'static str,
    uniqueid: &'a str,
}

impl<'a> BridgeSnapshot<'a> {
    /// The snapshot whose keys carry `prefix`, if its `BridgeUniqueid` is there and known.
    #[inline]
    pub fn find(message: &'a Message, prefix: &'static str) -> Option<Self> {
        let uniqueid = message.get_prefixed(prefix, "BridgeUniqueid").and_then(text::known)?;
        Some(Self { message, prefix, uniqueid })
    }

    #[inline]
    fn known(self, key: &str) -> Option<&'a str> {
        self.message.get_prefixed(self.prefix, key).and_then(text::known)
    }

    /// `BridgeUniqueid`: opaque.
    #[inline]
    pub const fn uniqueid(self) -> &'a str {
        self.uniqueid
    }

    /// `BridgeType`: `basic`, `base`, `stasis`, …
    pub fn bridge_type(self) -> Option<&'a str> {
        self.known("BridgeType")
    }

    /// `BridgeTechnology` as text; see [`is_holding`](Self::is_holding).
    #[inline]
    pub fn technology(self) -> Option<&'a str> {
        self.known("BridgeTechnology")
    }

    /// Tells whether channels in it wait (parking, `BridgeWait`, agent pool) instead of talking.
    #[inline]
    pub fn is_holding(self) -> bool {
        self.technology() == Some(BridgeTechnology::Holding.as_wire())
    }

    /// `BridgeCreator`: `Parking`, `ConfBridge`, `BridgeWait`, `AgentPool`, … or nothing for plain calls.
    pub fn creator(self) -> Option<&'a str> {
        self.known("BridgeCreator")
    }

    /// `BridgeName`: the lot or the conference.
    pub fn name(self) -> Option<&'a str> {
        self.known("BridgeName")
    }

    /// `BridgeNumChannels`; counts internal channels too, so never trust it alone.
    pub fn channels(self) -> Option<u32> {
        self.known("BridgeNumChannels").and_then(|value| value.parse().ok())
    }

    /// `BridgeVideoSourceMode`.
    pub fn video_source_mode(self) -> Option<&'a str> {
        self.known("BridgeVideoSourceMode")
    }
}

impl fmt::Debug for BridgeSnapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeSnapshot")
            .field("prefix", &self.prefix)
            .field("uniqueid", &self.uniqueid)
            .field("technology", &self.technology())
            .finish_non_exhaustive()
    }
}
