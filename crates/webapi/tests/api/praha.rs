//! The switch of the configuration file in every world.

use cti_core::number::NumberPlan;
use webapi::ports::{MonitorRefusal, MonitorUse, SwitchDefinition};

pub(super) fn praha() -> SwitchDefinition {
    SwitchDefinition {
        id: "praha".into(),
        name: "Praha".into(),
        kind: "asterisk".into(),
        dialect: None,
        csta: None,
        address: "192.0.2.10".into(),
        port: 5038,
        tls: false,
        tls_ca_set: false,
        user: "tieline-events".into(),
        user_actions: "tieline-actions".into(),
        context: Some("internal".into()),
        timeout_s: 5,
        recordings_url: None,
        virtual_pbx: false,
        log_calls: "all".into(),
        trunks: Vec::new(),
        numbers: NumberPlan::default(),
        routes: Vec::new(),
        origin: "tieline.toml".into(),
    }
}

/// It counts monitors, and refuses one.
pub(super) fn monitors_of_praha() -> MonitorUse {
    let refusal = MonitorRefusal { device: "1003".into(), error: "overallMonitorLimitExceeded".into() };
    MonitorUse { used: 2, needed: 3, refused: 1, refusals: vec![refusal] }
}
