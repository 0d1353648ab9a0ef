//! What an administrator says about one CSTA switch.

use std::collections::BTreeMap;
use std::fmt;

use csta::dialect::{Agents, DeviceIds, Dialect, Monitors};
use csta::model::{DeviceCategory, DeviceId, ListedDevice, MonitorType};
use csta::session::Watch;
use cti_core::ids::SwitchId;
use cti_core::input::DeviceKind;
use cti_core::number::NumberPlan;

use super::{CstaConfig, CstaHabits, Tls};

/// A device that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDevice {
    /// The number people dial.
    pub number: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Name shown to people; queues only.
    pub name: Option<String>,
}

/// One CSTA switch.
#[derive(Clone, PartialEq)]
pub struct CstaLink {
    /// Its id.
    pub id: SwitchId,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub tls: Tls,
    /// How it speaks, the likeliest first: each is tried until one serves.
    pub dialects: Vec<Dialect>,
    /// User, where one signs in; empty for none.
    pub user: String,
    /// Password.
    pub password: String,
    /// Avaya: name of the switch behind the server.
    pub switch_name: String,
    /// How long an answer may take, milliseconds.
    pub timeout_ms: u64,
    /// Devices that are followed beside those of people and those of the switch's list, and what they are.
    pub devices: Vec<NamedDevice>,
    /// Wrap-up that the switch gives after each call of a queue, milliseconds.
    pub wrap_up_ms: u64,
    /// How numbers are written and dialled there.
    pub plan: NumberPlan,
}

impl fmt::Debug for CstaLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CstaLink")
            .field("id", &self.id)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("dialects", &self.dialects.iter().map(|dialect| dialect.name).collect::<Vec<_>>())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl CstaLink {
    /// A switch without user, with the usual times.
    pub fn new(id: &str, host: &str, port: u16, dialect: Dialect) -> Self {
        Self {
            id: SwitchId::from(id),
            host: host.to_owned(),
            port,
            tls: Tls::Off,
            dialects: vec![dialect],
            user: String::new(),
            password: String::new(),
            switch_name: String::new(),
            timeout_ms: 10_000,
            devices: Vec::new(),
            wrap_up_ms: 0,
            plan: NumberPlan::default(),
        }
    }

    /// What the translator has to know, in this dialect.
    pub fn translator(&self, dialect: &Dialect) -> CstaConfig {
        let named = |kind: &dyn Fn(&NamedDevice) -> bool| {
            let some: Vec<_> = self.devices.iter().filter(|device| kind(device)).cloned().collect();
            some
        };
        let queue_names: BTreeMap<_, _> = named(&|device| device.kind == DeviceKind::AcdGroup)
            .into_iter()
            .filter_map(|device| Some((device.number, device.name?)))
            .collect();
        CstaConfig {
            plan: self.plan.clone(),
            habits: CstaHabits {
                composed_ids: dialect.device_ids == DeviceIds::ThirdParty,
                ids_per_leg: dialect.name == "openscape",
                one_agent_state: false,
                no_prompt: false,
            },
            missing_services: dialect.lacks.iter().map(|(service, _)| (*service).to_owned()).collect(),
            devices: self.devices.iter().map(|device| (device.number.clone(), device.kind)).collect(),
            queue_names,
            wrap_up_ms: self.wrap_up_ms,
            ..CstaConfig::new(self.id.as_str())
        }
    }

    /// The devices of the configuration to be followed.
    pub fn watches(&self, dialect: &Dialect) -> Vec<Watch> {
        let followed = self.devices.iter().filter(|device| device.kind != DeviceKind::Trunk);
        followed
            .map(|device| watch(dialect, DeviceId::dialing(device.number.as_str()), device.kind))
            .collect()
    }

    /// The devices of the switch's list to be followed.
    pub fn listed(&self, dialect: &Dialect, devices: &[ListedDevice]) -> Vec<Watch> {
        devices
            .iter()
            .filter_map(|listed| {
                let kind = match listed.category {
                    DeviceCategory::Station => DeviceKind::Station,
                    DeviceCategory::Acd => DeviceKind::AcdGroup,
                    DeviceCategory::RouteingDevice => DeviceKind::RoutePoint,
                    DeviceCategory::Park => DeviceKind::Parking,
                    // Lines and announcements are seen at the other end of their calls.
                    DeviceCategory::NetworkInterface | DeviceCategory::VoiceUnit | DeviceCategory::Other => {
                        return None;
                    }
                };
                Some(watch(dialect, listed.device.clone()?, kind))
            })
            .collect()
    }
}

fn watch(dialect: &Dialect, device: DeviceId, kind: DeviceKind) -> Watch {
    let distributes = matches!(kind, DeviceKind::AcdGroup | DeviceKind::RoutePoint);
    let follows_calls = distributes && dialect.monitors == Monitors::DeviceAndCall;
    Watch {
        device,
        kind: if follows_calls { MonitorType::Call } else { MonitorType::Device },
        has_agents: kind == DeviceKind::Station && dialect.agents != Agents::None,
    }
}
