//! States of agents that are set where the switch tells none by itself.

use super::*;
use crate::dialect::Agents;
use crate::model::RequestedAgentState;

#[test]
fn where_states_of_agents_are_asked_for_nobody_waits_for_the_turn_to_see_one_that_was_set() {
    let mut config = Config::new(dialect("ecma-323"));
    config.dialect.agents = Agents::Polled(seconds(5));
    let mut switch = Switch::new(config);
    switch.serve();
    switch.session.watch(switch.now, vec![Watch { has_agents: true, ..watch("1001") }]);
    switch.listen();
    let set = |state| Request::SetAgentState {
        device: DeviceId::dialing("1001"),
        state,
        agent: None,
        password: None,
        group: None,
        reason: None,
    };
    // One that is refused shows nothing; one that is taken is looked at once it is.
    for (state, is_taken) in [(RequestedAgentState::NotReady, false), (RequestedAgentState::Ready, true)] {
        switch.session.submit(switch.now, set(state));
        switch.heard.clear();
        switch.listen();
        let (id, request) = switch.hear_request();
        assert!(matches!(request, Request::SetAgentState { .. }), "{request:?}");
        if is_taken {
            switch.answer(id, Response::SetAgentState { pending: None });
            let (_, request) = switch.hear_request();
            assert!(matches!(request, Request::GetAgentState { .. }), "{request:?}");
        } else {
            switch.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported");
        }
        switch.hears_nothing();
    }
    assert!(switch.session.agent_sets.is_empty());
}
