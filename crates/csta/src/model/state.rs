//! States: connections, agents, the switching function.

/// State of a connection (§6.1.5), with the codes of ECMA-285 `LocalConnectionState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionState {
    /// 0: no relation.
    Null,
    /// 1: off hook, or being prompted.
    Initiated,
    /// 2: ringing, or entering distribution.
    Alerting,
    /// 3: in the call.
    Connected,
    /// 4: held by this device.
    Hold,
    /// 5: waiting at this device.
    Queued,
    /// 6: stopped: busy, reorder, blocked.
    Fail,
}

/// Every state, in the order of its code.
const CONNECTION_STATES: [(ConnectionState, &str); 7] = [
    (ConnectionState::Null, "null"),
    (ConnectionState::Initiated, "initiated"),
    (ConnectionState::Alerting, "alerting"),
    (ConnectionState::Connected, "connected"),
    (ConnectionState::Hold, "hold"),
    (ConnectionState::Queued, "queued"),
    (ConnectionState::Fail, "fail"),
];

/// State of an agent as it is reported (§6.1.7), with the codes of ECMA-285 `AgentState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentState {
    /// 0: signed in, takes no calls.
    NotReady,
    /// 1: not signed in.
    Null,
    /// 2: waits for calls.
    Ready,
    /// 3: has a call.
    Busy,
    /// 4: works on a call that is over.
    WorkingAfterCall,
}

const AGENT_STATES: [(AgentState, &str); 5] = [
    (AgentState::NotReady, "agentNotReady"),
    (AgentState::Null, "agentNull"),
    (AgentState::Ready, "agentReady"),
    (AgentState::Busy, "agentBusy"),
    (AgentState::WorkingAfterCall, "agentWorkingAfterCall"),
];

/// State of an agent as it is asked for, with the codes of ECMA-285 `ReqAgentState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestedAgentState {
    /// 0: sign in.
    LoggedOn,
    /// 1: sign out.
    LoggedOff,
    /// 2: pause.
    NotReady,
    /// 3: take calls.
    Ready,
    /// 4: wrap up.
    WorkingAfterCall,
}

const REQUESTED_AGENT_STATES: [(RequestedAgentState, &str); 5] = [
    (RequestedAgentState::LoggedOn, "loggedOn"),
    (RequestedAgentState::LoggedOff, "loggedOff"),
    (RequestedAgentState::NotReady, "notReady"),
    (RequestedAgentState::Ready, "ready"),
    (RequestedAgentState::WorkingAfterCall, "workingAfterCall"),
];

/// State of the switching function (§14.2), with the codes of ECMA-285 `SystemStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemStatus {
    /// 0: starting; monitors and calls are unknown.
    Initializing,
    /// 1: serves again.
    Enabled,
    /// 2: all is well.
    Normal,
    /// 3: events are lost; monitors and calls are unknown.
    MessagesLost,
    /// 4: out of service.
    Disabled,
    /// 5: nearly too much work.
    OverloadImminent,
    /// 6: too much work: nothing that can wait may be asked.
    OverloadReached,
    /// 7: the overload is over.
    OverloadRelieved,
    /// 8: serves in part.
    PartiallyDisabled,
}

const SYSTEM_STATUSES: [(SystemStatus, &str); 9] = [
    (SystemStatus::Initializing, "initializing"),
    (SystemStatus::Enabled, "enabled"),
    (SystemStatus::Normal, "normal"),
    (SystemStatus::MessagesLost, "messagesLost"),
    (SystemStatus::Disabled, "disabled"),
    (SystemStatus::OverloadImminent, "overloadImminent"),
    (SystemStatus::OverloadReached, "overloadReached"),
    (SystemStatus::OverloadRelieved, "overloadRelieved"),
    (SystemStatus::PartiallyDisabled, "partiallyDisabled"),
];

/// Gives a type its code (position in its table) and its XML word, both ways.
macro_rules! coded {
    ($($type:ty, $table:ident;)*) => {$(
        impl $type {
            /// The value with this ASN.1 code.
            pub fn from_code(code: i64) -> Option<Self> {
                usize::try_from(code).ok().and_then(|at| $table.get(at)).map(|(value, _)| *value)
            }

            /// Its ASN.1 code.
            pub fn code(self) -> i64 {
                $table.iter().zip(0..).find(|((value, _), _)| *value == self).map_or(0, |(_, code)| code)
            }

            /// The value with this XML word.
            pub fn from_word(word: &str) -> Option<Self> {
                $table.iter().find(|(_, known)| *known == word).map(|(value, _)| *value)
            }

            /// Its XML word.
            pub fn word(self) -> &'static str {
                $table.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
            }
        }
    )*};
}

coded! {
    ConnectionState, CONNECTION_STATES;
    AgentState, AGENT_STATES;
    RequestedAgentState, REQUESTED_AGENT_STATES;
    SystemStatus, SYSTEM_STATUSES;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_lead_back_to_the_state() {
        for code in 0..7 {
            let state = ConnectionState::from_code(code).unwrap();
            assert_eq!((state.code(), ConnectionState::from_word(state.word())), (code, Some(state)));
        }
        for code in 0..9 {
            let status = SystemStatus::from_code(code).unwrap();
            assert_eq!((status.code(), SystemStatus::from_word(status.word())), (code, Some(status)));
        }
        assert_eq!(AgentState::from_code(5), None);
        assert_eq!(RequestedAgentState::from_word("agentReady"), None);
    }
}
