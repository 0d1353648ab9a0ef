//! What the web layer sees of us: `Switchboard` over the engine, the links and the configuration.

use std::sync::atomic::{AtomicBool, Ordering};

use cti_core::domain::Decision;
use cti_core::ids::SwitchId;
use cti_core::input::Input;
use cti_core::state::LinkState;
use cti_core::time::Timestamp;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use store::{SwitchProblem, SwitchSettings};
use tokio::sync::{mpsc, watch};
use webapi::log::Log;
use webapi::ports::{
    CheckStep, Later, Look, MonitorUse, Readiness, ReadinessPart, SwitchDefinition, Switchboard, TestRefusal,
    TestSubject, Unavailable,
};

use crate::engine::{BookState, Engine, JournalState};
use crate::switches::{Switches, dialect_problem};
use crate::telemetry;

/// The daemon as the web layer sees it.
#[derive(Debug)]
pub(crate) struct Desk {
    engine: Engine,
    log: Log,
    switches: Switches,
    draining: AtomicBool,
}

impl Desk {
    pub(crate) fn new(engine: Engine, log: Log, switches: Switches) -> Self {
        Self { engine, log, switches, draining: AtomicBool::new(false) }
    }

    /// From now on nobody should send us work.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    fn journal_part(&self) -> ReadinessPart {
        let (ok, detail) = match self.engine.journal() {
            JournalState::Up => (true, "facts are saved".to_owned()),
            JournalState::Failing { reason, .. } => (false, reason.to_string()),
            JournalState::Gap => (false, "starting again from the journal after a loss".to_owned()),
        };
        ReadinessPart { name: "journal".into(), ok, detail }
    }

    fn book_part(&self) -> ReadinessPart {
        book_part(&self.engine.book_state())
    }

    /// A link that is down does not make us unready: desks must see "wanted but failing" (OPS-15).
    fn link_parts(&self) -> Vec<ReadinessPart> {
        let wanted = self.switches.wanted();
        self.engine.view().look(|domain| {
            let known = &domain.state().switches;
            wanted
                .into_iter()
                .map(|id| {
                    let (ok, detail) = match known.get(&id) {
                        Some(one) if one.link == LinkState::Up => {
                            (true, format!("up since {}", one.link_since))
                        }
                        Some(one) if one.link == LinkState::Down => (
                            false,
                            format!("wanted but failing since {}: {}", one.link_since, one.link_reason),
                        ),
                        Some(_) | None => (false, "wanted, not connected yet".to_owned()),
                    };
                    ReadinessPart { name: format!("link {id}"), ok, detail }
                })
                .collect()
        })
    }
}

impl Switchboard for Desk {
    fn submit(&self, input: Input) -> Later<'_, Result<Decision, Unavailable>> {
        Box::pin(self.engine.submit(input))
    }

    fn read(&self, look: Look) -> Later<'_, Result<(), Unavailable>> {
        self.engine.view().look(look);
        Box::pin(std::future::ready(Ok(())))
    }

    fn log(&self) -> &Log {
        &self.log
    }

    fn book(&self) -> watch::Receiver<u64> {
        self.engine.book()
    }

    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    fn test_switch(&self, subject: TestSubject) -> Result<mpsc::Receiver<CheckStep>, TestRefusal> {
        self.switches.test(subject)
    }

    fn switch_definitions(&self) -> Vec<SwitchDefinition> {
        self.switches.of_file()
    }

    fn seal(&self, switch: &SwitchId, field: &'static str, secret: &str) -> Result<Vec<u8>, Unavailable> {
        self.switches.seal(switch, field, secret)
    }

    fn dialect_problem(&self, settings: &SwitchSettings) -> Option<SwitchProblem> {
        dialect_problem(settings)
    }

    fn switch_changed(&self, switch: SwitchId) -> Later<'_, Result<(), Unavailable>> {
        Box::pin(self.switches.follow(&self.engine, switch))
    }

    fn routing(&self, switch: &SwitchId) -> Vec<&'static str> {
        self.switches.routing(switch)
    }

    fn monitors(&self, switch: &SwitchId) -> Option<MonitorUse> {
        self.switches.monitors(switch)
    }

    fn readiness(&self) -> Readiness {
        let journal = self.journal_part();
        let draining = self.draining.load(Ordering::Acquire);
        let book = self.book_part();
        let mut ready = journal.ok && book.ok && !draining;
        let mut parts = vec![journal, book];
        parts.extend(self.link_parts());
        if draining {
            ready = false;
            parts.push(ReadinessPart { name: "daemon".into(), ok: false, detail: "stopping".into() });
        }
        Readiness { ready, parts }
    }

    fn metrics(&self) -> String {
        let readers = u32::try_from(self.log.readers()).unwrap_or(u32::MAX);
        gauge!("tieline_log_readers").set(f64::from(readers));
        self.engine.view().look(|domain| {
            for (id, switch) in &domain.state().switches {
                let up = f64::from(u8::from(switch.link == LinkState::Up));
                gauge!("tieline_link_up", "switch" => id.to_string()).set(up);
                let Some(monitors) = self.switches.monitors(id) else { continue };
                let MonitorUse { used, needed, refused, .. } = monitors;
                for (kind, count) in [("used", used), ("needed", needed), ("refused", refused)] {
                    let count = u32::try_from(count).unwrap_or(u32::MAX);
                    gauge!("tieline_link_monitors", "switch" => id.to_string(), "kind" => kind).set(count);
                }
            }
        });
        telemetry::metrics().map_or_else(String::new, PrometheusHandle::render)
    }
}

fn book_part(state: &BookState) -> ReadinessPart {
    let (ok, detail) = match state {
        BookState::Follows => (true, "history follows the journal".to_owned()),
        BookState::Stands { reason } => (false, format!("history stands still and is tried again: {reason}")),
    };
    ReadinessPart { name: "book".into(), ok, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_that_stands_still_is_a_part_that_is_not_ready() {
        let part = book_part(&BookState::Stands { reason: "the disk is full".into() });
        assert!(!part.ok && part.name == "book" && part.detail.contains("the disk is full"), "{part:?}");
        assert!(book_part(&BookState::Follows).ok);
    }
}
