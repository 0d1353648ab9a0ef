//! Which numbers belong to people, by switch. A switch that is followed device by device follows them first: each
//! monitor may cost a licence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cti_core::fact::Fact;
use cti_core::ids::SwitchId;
use cti_core::state::State;
use tokio::sync::broadcast::error::RecvError;

use super::Switches;
use crate::engine::{Engine, Followed};

/// Numbers by switch.
pub(super) type Mapped = BTreeMap<SwitchId, Vec<String>>;

impl Switches {
    /// Tells each link now and whenever it changes.
    pub(crate) fn follow_people(&self, engine: &Engine) {
        let links = Arc::clone(&self.links);
        let (mut facts, view) = (engine.follow(), engine.view().clone());
        tokio::spawn(async move {
            loop {
                links.tell_mapped(view.look(|domain| mapped(domain.state())));
                loop {
                    match facts.recv().await {
                        Ok(Followed::Facts(records)) if !records.iter().any(|one| is_mapping(&one.fact)) => {}
                        Ok(_) | Err(RecvError::Lagged(_)) => break,
                        Err(RecvError::Closed) => return,
                    }
                }
            }
        });
    }
}

/// Active rows of the extension list, and devices that somebody has.
fn mapped(state: &State) -> Mapped {
    let rows = state.extensions.values().filter(|row| row.active);
    let rows = rows.map(|row| (row.switch.clone(), row.extension.to_string()));
    let held = state.assignments.values().filter_map(|one| state.devices.get(&one.assigned.device));
    let held =
        held.filter_map(|device| Some((device.switch.clone(), device.extension.as_ref()?.to_string())));
    let mut by_switch: BTreeMap<SwitchId, BTreeSet<String>> = BTreeMap::new();
    for (switch, number) in rows.chain(held) {
        by_switch.entry(switch).or_default().insert(number);
    }
    by_switch.into_iter().map(|(switch, numbers)| (switch, numbers.into_iter().collect())).collect()
}

const fn is_mapping(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::ExtensionSet { .. }
            | Fact::ExtensionRemoved { .. }
            | Fact::AssignmentStarted { .. }
            | Fact::AssignmentEnded { .. }
    )
}
