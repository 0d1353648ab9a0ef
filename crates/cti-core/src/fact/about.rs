//! Which call a fact belongs to.

use super::Fact;
use crate::ids::{CallId, DeviceId};

impl Fact {
    /// The call this fact belongs to, for timelines and per-call order.
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::CallCreated { call, .. }
            | Self::CallDirectionChanged { call, .. }
            | Self::LegAdded { call, .. }
            | Self::LegAlerting { call, .. }
            | Self::LegOriginated { call, .. }
            | Self::LegAnswered { call, .. }
            | Self::LegHeld { call, .. }
            | Self::LegRetrieved { call, .. }
            | Self::LegFailed { call, .. }
            | Self::LegParked { call, .. }
            | Self::LegUnparked { call, .. }
            | Self::LegCleared { call, .. }
            | Self::LegMoved { call, .. }
            | Self::CallConsulted { call, .. }
            | Self::CallTransferred { call, .. }
            | Self::CallConferenced { call, .. }
            | Self::HopExpected { call, .. }
            | Self::HopJoined { call, .. }
            | Self::CallsRelated { call, .. }
            | Self::CallDiverted { call, .. }
            | Self::CallObserved { call, .. }
            | Self::CallObservationEnded { call, .. }
            | Self::CallRecordingChanged { call, .. }
            | Self::CallDataChanged { call, .. }
            | Self::CallQueued { call, .. }
            | Self::CallDequeued { call, .. }
            | Self::CallAbandoned { call, .. }
            | Self::CallEnded { call, .. }
            | Self::NoteAdded { call, .. }
            | Self::DispositionSet { call, .. }
            | Self::CallMatched { call, .. }
            | Self::QueueEntered { call, .. }
            | Self::QueueLeft { call, .. }
            | Self::OfferCreated { call, .. }
            | Self::OfferAccepted { call, .. }
            | Self::OfferClosed { call, .. }
            | Self::OfferCompleted { call, .. } => Some(*call),
            Self::Acd(fact) => fact.call(),
            Self::CommandSent { call, .. } | Self::CommandProgress { call, .. } => *call,
            Self::SwitchConfigured { .. }
            | Self::SwitchRouted { .. }
            | Self::SwitchRemoved { .. }
            | Self::LinkUp { .. }
            | Self::LinkDown { .. }
            | Self::LinkGap { .. }
            | Self::LinkOverloaded { .. }
            | Self::SwitchBooted { .. }
            | Self::DeviceDiscovered { .. }
            | Self::DeviceStateChanged { .. }
            | Self::ExtensionSet { .. }
            | Self::ExtensionRemoved { .. }
            | Self::AssignmentStarted { .. }
            | Self::AssignmentEnded { .. }
            | Self::QueueDiscovered { .. }
            | Self::QueueSet { .. }
            | Self::MemberChanged { .. }
            | Self::MemberRemoved { .. }
            | Self::AgentDiscovered { .. }
            | Self::AgentLinked { .. }
            | Self::AgentStateChanged { .. }
            | Self::CommandSucceeded { .. }
            | Self::CommandFailed { .. }
            | Self::CommandOutcomeUnknown { .. }
            | Self::Work(_)
            | Self::Watch(_)
            | Self::Relay(_) => None,
        }
    }

    /// The device of the leg this fact is about.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other facts are not about one leg")]
    pub(crate) const fn device(&self) -> Option<DeviceId> {
        match self {
            Self::LegAdded { device, .. }
            | Self::LegAlerting { device, .. }
            | Self::LegOriginated { device, .. }
            | Self::LegAnswered { device, .. }
            | Self::LegHeld { device, .. }
            | Self::LegRetrieved { device, .. }
            | Self::LegFailed { device, .. }
            | Self::LegParked { device, .. }
            | Self::LegUnparked { device, .. }
            | Self::LegCleared { device, .. } => Some(*device),
            _ => None,
        }
    }
}
