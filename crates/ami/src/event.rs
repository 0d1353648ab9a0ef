//! Typed views of events, by family.
//!
//! [`Event::of`] looks at the name only; each view then reads a header when it is asked for it, straight from the
//! message. Unknown events stay [`Event::Unknown`] with all their headers.

mod bridge;
mod channel;
mod conference;
mod device;
mod dial;
mod queue;
mod snapshot;
mod system;
mod transfer;
mod view;

pub use bridge::{
    BridgeEnter, BridgeEvent, BridgeInfoChannel, BridgeLeave, BridgeMerge, BridgeVideoSourceUpdate,
};
pub use channel::{
    Cdr, Cel, ChanSpy, ChannelEvent, ChannelStatus, ChannelTalkingStop, CoreShowChannel, Direction, Dtmf,
    Hangup, HangupHandler, HangupRequest, Hold, MixMonitorMute, MusicOnHoldStart, NewAccountCode,
    NewCallerid, Newexten, Pickup, Rename, SoftHangupRequest, UserEvent, VarSet, split_caller_id,
};
pub use conference::{Confbridge, ConfbridgeRoom, Meetme};
pub use device::{
    Contact, ContactState, ContactStatus, DeviceState, DeviceStateChange, Endpoint, ExtensionBits,
    ExtensionStatus, PeerState, PeerStatus, PresenceStatus,
};
pub use dial::{Dial, DialStatus, OriginateReason, OriginateResponse};
pub use queue::{
    AgentItem, CompleteReason, MemberStatus, Membership, PoolAgent, QueueAgent, QueueCaller, QueueEntry,
    QueueMember, QueueParams, QueueSummary,
};
pub use snapshot::{BridgeSnapshot, BridgeTechnology, ChannelSnapshot, ChannelState};
pub use system::{
    AgiExec, AgiResult, AsyncAgiEnd, AsyncAgiExec, AsyncAgiStart, DbEntry, FullyBooted, Registry, Reload,
    Shutdown,
};
pub use transfer::{
    AttendedDest, AttendedTransfer, BlindTransfer, LocalBridge, LocalOptimizationBegin, LocalOptimizationEnd,
    Parked, TransferResult,
};

use crate::Message;

/// Declares the event enum and the table from wire names to variants.
macro_rules! events {
    ($($variant:ident($view:ident) = $($name:literal)|+;)+) => {
        /// An event by name, with the view that reads it.
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum Event<'a> {
            $(#[doc = concat!($("`", $name, "` ",)+ ".")] $variant($view<'a>),)+
            /// An event this crate has no view for, kept whole.
            Unknown(&'a Message),
        }

        impl<'a> Event<'a> {
            /// Views a message as an event; `None` if it is not one.
            pub fn of(message: &'a Message) -> Option<Self> {
                let name = message.event_name()?;
                Some(match name {
                    $($($name)|+ => Self::$variant($view::of(message)),)+
                    _ => Self::Unknown(message),
                })
            }

            /// The message behind the view.
            pub const fn message(self) -> &'a Message {
                match self {
                    $(Self::$variant(view) => view.message(),)+
                    Self::Unknown(message) => message,
                }
            }
        }

        /// Every event name that has a view.
        pub const KNOWN_EVENTS: &[&str] = &[$($($name),+),+];
    };
}

events! {
    VarSet(VarSet) = "VarSet";
    Newexten(Newexten) = "Newexten";
    Newchannel(ChannelEvent) = "Newchannel";
    Newstate(ChannelEvent) = "Newstate";
    NewCallerid(NewCallerid) = "NewCallerid";
    NewConnectedLine(ChannelEvent) = "NewConnectedLine";
    NewAccountCode(NewAccountCode) = "NewAccountCode";
    DialBegin(Dial) = "DialBegin";
    DialState(Dial) = "DialState";
    DialEnd(Dial) = "DialEnd";
    BridgeCreate(BridgeEvent) = "BridgeCreate";
    BridgeEnter(BridgeEnter) = "BridgeEnter";
    BridgeLeave(BridgeLeave) = "BridgeLeave";
    BridgeDestroy(BridgeEvent) = "BridgeDestroy";
    BridgeMerge(BridgeMerge) = "BridgeMerge";
    BridgeVideoSourceUpdate(BridgeVideoSourceUpdate) = "BridgeVideoSourceUpdate";
    HangupRequest(HangupRequest) = "HangupRequest";
    SoftHangupRequest(SoftHangupRequest) = "SoftHangupRequest";
    Hangup(Hangup) = "Hangup";
    HangupHandlerPush(HangupHandler) = "HangupHandlerPush";
    HangupHandlerPop(HangupHandler) = "HangupHandlerPop";
    HangupHandlerRun(HangupHandler) = "HangupHandlerRun";
    Rename(Rename) = "Rename";
    DtmfBegin(Dtmf) = "DTMFBegin";
    DtmfEnd(Dtmf) = "DTMFEnd";
    MusicOnHoldStart(MusicOnHoldStart) = "MusicOnHoldStart";
    MusicOnHoldStop(ChannelEvent) = "MusicOnHoldStop";
    Hold(Hold) = "Hold";
    Unhold(ChannelEvent) = "Unhold";
    Flash(ChannelEvent) = "Flash";
    Wink(ChannelEvent) = "Wink";
    ChanSpyStart(ChanSpy) = "ChanSpyStart";
    ChanSpyStop(ChanSpy) = "ChanSpyStop";
    MixMonitorStart(ChannelEvent) = "MixMonitorStart";
    MixMonitorStop(ChannelEvent) = "MixMonitorStop";
    MixMonitorMute(MixMonitorMute) = "MixMonitorMute";
    ChannelTalkingStart(ChannelEvent) = "ChannelTalkingStart";
    ChannelTalkingStop(ChannelTalkingStop) = "ChannelTalkingStop";
    Pickup(Pickup) = "Pickup";
    UserEvent(UserEvent) = "UserEvent";
    OriginateResponse(OriginateResponse) = "OriginateResponse";
    BlindTransfer(BlindTransfer) = "BlindTransfer";
    AttendedTransfer(AttendedTransfer) = "AttendedTransfer";
    LocalBridge(LocalBridge) = "LocalBridge";
    LocalOptimizationBegin(LocalOptimizationBegin) = "LocalOptimizationBegin";
    LocalOptimizationEnd(LocalOptimizationEnd) = "LocalOptimizationEnd";
    ParkedCall(Parked) = "ParkedCall";
    ParkedCallTimeOut(Parked) = "ParkedCallTimeOut";
    ParkedCallGiveUp(Parked) = "ParkedCallGiveUp";
    UnParkedCall(Parked) = "UnParkedCall";
    ParkedCallSwap(Parked) = "ParkedCallSwap";
    QueueCallerJoin(QueueCaller) = "QueueCallerJoin";
    QueueCallerLeave(QueueCaller) = "QueueCallerLeave";
    QueueCallerAbandon(QueueCaller) = "QueueCallerAbandon";
    AgentCalled(QueueAgent) = "AgentCalled";
    AgentRingNoAnswer(QueueAgent) = "AgentRingNoAnswer";
    AgentConnect(QueueAgent) = "AgentConnect";
    AgentDump(QueueAgent) = "AgentDump";
    AgentComplete(QueueAgent) = "AgentComplete";
    QueueMemberStatus(QueueMember) = "QueueMemberStatus";
    QueueMemberAdded(QueueMember) = "QueueMemberAdded";
    QueueMemberRemoved(QueueMember) = "QueueMemberRemoved";
    QueueMemberPause(QueueMember) = "QueueMemberPause" | "QueueMemberPaused";
    QueueMemberPenalty(QueueMember) = "QueueMemberPenalty";
    QueueMemberRinginuse(QueueMember) = "QueueMemberRinginuse";
    QueueMember(QueueMember) = "QueueMember";
    QueueParams(QueueParams) = "QueueParams";
    QueueEntry(QueueEntry) = "QueueEntry";
    QueueSummary(QueueSummary) = "QueueSummary";
    AgentLogin(PoolAgent) = "AgentLogin";
    AgentLogoff(PoolAgent) = "AgentLogoff";
    Agents(AgentItem) = "Agents";
    DeviceStateChange(DeviceStateChange) = "DeviceStateChange";
    ExtensionStatus(ExtensionStatus) = "ExtensionStatus";
    PresenceStatus(PresenceStatus) = "PresenceStatus" | "PresenceStateChange";
    PeerStatus(PeerStatus) = "PeerStatus";
    ContactStatus(ContactStatus) = "ContactStatus";
    ContactStatusDetail(Contact) = "ContactStatusDetail";
    ContactList(Contact) = "ContactList";
    EndpointList(Endpoint) = "EndpointList";
    EndpointDetail(Endpoint) = "EndpointDetail";
    Registry(Registry) = "Registry";
    Cdr(Cdr) = "Cdr";
    Cel(Cel) = "CEL";
    ConfbridgeStart(Confbridge) = "ConfbridgeStart";
    ConfbridgeEnd(Confbridge) = "ConfbridgeEnd";
    ConfbridgeJoin(Confbridge) = "ConfbridgeJoin";
    ConfbridgeLeave(Confbridge) = "ConfbridgeLeave";
    ConfbridgeMute(Confbridge) = "ConfbridgeMute";
    ConfbridgeUnmute(Confbridge) = "ConfbridgeUnmute";
    ConfbridgeTalking(Confbridge) = "ConfbridgeTalking";
    ConfbridgeRecord(Confbridge) = "ConfbridgeRecord";
    ConfbridgeStopRecord(Confbridge) = "ConfbridgeStopRecord";
    ConfbridgeLock(Confbridge) = "ConfbridgeLock";
    ConfbridgeUnlock(Confbridge) = "ConfbridgeUnlock";
    ConfbridgeList(Confbridge) = "ConfbridgeList";
    ConfbridgeListRooms(ConfbridgeRoom) = "ConfbridgeListRooms";
    MeetmeJoin(Meetme) = "MeetmeJoin";
    MeetmeLeave(Meetme) = "MeetmeLeave";
    MeetmeEnd(Meetme) = "MeetmeEnd";
    MeetmeMute(Meetme) = "MeetmeMute";
    MeetmeTalking(Meetme) = "MeetmeTalking";
    MeetmeTalkRequest(Meetme) = "MeetmeTalkRequest";
    FullyBooted(FullyBooted) = "FullyBooted";
    Reload(Reload) = "Reload";
    Shutdown(Shutdown) = "Shutdown";
    AsyncAgiStart(AsyncAgiStart) = "AsyncAGIStart";
    AsyncAgiExec(AsyncAgiExec) = "AsyncAGIExec";
    AsyncAgiEnd(AsyncAgiEnd) = "AsyncAGIEnd";
    AgiExecStart(AgiExec) = "AGIExecStart";
    AgiExecEnd(AgiExec) = "AGIExecEnd";
    DbGetResponse(DbEntry) = "DBGetResponse" | "DBGetTreeResponse";
    CoreShowChannel(CoreShowChannel) = "CoreShowChannel";
    ChannelStatus(ChannelStatus) = "Status";
    BridgeListItem(BridgeEvent) = "BridgeListItem";
    BridgeInfoChannel(BridgeInfoChannel) = "BridgeInfoChannel";
    BridgeInfoComplete(BridgeEvent) = "BridgeInfoComplete";
}

#[cfg(test)]
mod tests;
