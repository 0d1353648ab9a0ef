//! What an administrator says about one CSTA switch.

use std::collections::BTreeMap;
use std::fmt;

use csta::dialect::{self, Agents, DeviceIds, Dialect, Encoding, Holding, Monitors, Phase, Start};
use csta::frame::Framing;
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
    /// Wrap-up that the switch gives after each call, milliseconds; queues only.
    pub wrap_up_ms: u64,
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
    /// How numbers are written and dialled there.
    pub plan: NumberPlan,
    /// Where the calls of route points go, by route point.
    pub route_points: BTreeMap<String, String>,
    /// Route points and pilots whose calls we distribute ourselves, and how they are held there.
    pub owned: BTreeMap<String, Holding>,
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
            plan: NumberPlan::default(),
            route_points: BTreeMap::new(),
            owned: BTreeMap::new(),
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
                ucid: dialect.name == "avaya-dmcc",
                one_agent_state: false,
                no_prompt: false,
            },
            missing_services: dialect.lacks.iter().map(|(service, _)| (*service).to_owned()).collect(),
            devices: self.devices.iter().map(|device| (device.number.clone(), device.kind)).collect(),
            queue_names,
            wrap_ups: self.devices.iter().map(|device| (device.number.clone(), device.wrap_up_ms)).collect(),
            holds: dialect.holds.to_vec(),
            owned: self.owned.clone(),
            reply_timeout_ms: dialect.reply_timeout_ms,
            ..CstaConfig::new(self.id.as_str())
        }
    }

    /// Route points that ask us, with a fixed target or not.
    pub fn asking(&self) -> impl Iterator<Item = &String> {
        let loops = self.owned.iter().filter(|(_, way)| **way == Holding::RouteLoop);
        self.route_points.keys().chain(loops.map(|(point, _)| point))
    }

    /// The devices of the configuration to be followed.
    pub fn watches(&self, dialect: &Dialect) -> Vec<Watch> {
        let followed = self.devices.iter().filter(|device| device.kind != DeviceKind::Trunk);
        let monitor = |device: &NamedDevice| {
            let watch = watch(dialect, DeviceId::dialing(device.number.as_str()), device.kind);
            // A pilot is a phone like any other, with nobody at it.
            let is_pilot = self.owned.get(&device.number) == Some(&Holding::DeflectFromDevice);
            Watch { kind: if is_pilot { MonitorType::Device } else { watch.kind }, ..watch }
        };
        followed.map(monitor).collect()
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
        is_mapped: false,
    }
}

/// What chooses a dialect, as an administrator writes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DialectWords<'a> {
    /// Name of the dialect; the standard's when none.
    pub dialect: Option<&'a str>,
    /// `xml`, `length2`, `hipath`, `tpkt` or `nul-xml`; the dialect's when none.
    pub framing: Option<&'a str>,
    /// 1, 2 or 3: phase of ASN.1.
    pub phase: Option<u8>,
    /// `acse`, `bare`, `implicit` or `application`.
    pub session: Option<&'a str>,
}

/// What is wrong with a choice of dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialectProblem {
    /// Key of the configuration.
    pub key: &'static str,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub fix: String,
}

/// The ways to speak that fit a choice, the likeliest first. `kind` is the kind of the switch: `csta-xml`,
/// `csta-asn1`, `avaya-dmcc`.
pub fn csta_dialects(kind: &str, words: &DialectWords<'_>) -> Result<Vec<Dialect>, DialectProblem> {
    let usual = match kind {
        "csta-asn1" => "ecma-285",
        "avaya-dmcc" => "avaya-dmcc",
        _ => "ecma-323",
    };
    let name = words.dialect.unwrap_or(usual);
    let known: Vec<&str> = dialect::DIALECTS.iter().map(|dialect| dialect.name).collect();
    let dialect = dialect::named(name).copied().ok_or_else(|| DialectProblem {
        key: "dialect",
        problem: format!("\"{name}\" is no dialect we know"),
        fix: format!("write one of {}", known.join(", ")),
    })?;
    if dialect.name != "mitel-mivoice5000" {
        let named = [("framing", words.framing.is_some()), ("session", words.session.is_some())];
        let phase = [("phase", words.phase.is_some())];
        if let Some((key, _)) = named.into_iter().chain(phase).find(|(_, is_named)| *is_named) {
            return Err(DialectProblem {
                key,
                problem: format!("stands beside dialect \"{name}\", which settles it"),
                fix: "remove it; only mitel-mivoice5000 lets choose".to_owned(),
            });
        }
        let is_xml = matches!(dialect.encoding, Encoding::Xml { .. });
        if is_xml == (kind == "csta-asn1") {
            let other = if is_xml { "csta-xml" } else { "csta-asn1" };
            return Err(DialectProblem {
                key: "dialect",
                problem: format!("\"{name}\" does not go with kind \"{kind}\""),
                fix: format!("write kind = \"{other}\", or another dialect"),
            });
        }
        return Ok(vec![dialect]);
    }
    mivoice_5000(dialect, words)
}

/// How the calls of a point are held for our own distribution, as an administrator writes it; the usual way of the
/// dialect when not written.
pub fn csta_holding(dialect: &Dialect, word: Option<&str>) -> Result<Holding, DialectProblem> {
    let wrong = |problem: String, fix: String| DialectProblem { key: "held_by", problem, fix };
    let ways: Vec<&str> = dialect.holds.iter().map(|way| way.word()).collect();
    let Some(usual) = dialect.usual_holding() else {
        let problem =
            format!("is not possible: a switch of dialect \"{}\" distributes its calls itself", dialect.name);
        return Err(wrong(problem, "give each route point a target".to_owned()));
    };
    let Some(word) = word else { return Ok(usual) };
    dialect.holds.iter().copied().find(|way| way.word() == word).ok_or_else(|| {
        let fix = format!("write {}", ways.join(" or "));
        wrong(format!("is \"{word}\", which dialect \"{}\" does not have", dialect.name), fix)
    })
}

/// A `MiVoice` 5000 as configured, or every way that is thought possible, in the order in which they are tried.
fn mivoice_5000(dialect: Dialect, words: &DialectWords<'_>) -> Result<Vec<Dialect>, DialectProblem> {
    let wrong = |key, text: &str, fix: &str| DialectProblem {
        key,
        problem: format!("is \"{text}\""),
        fix: fix.to_owned(),
    };
    let framing = match words.framing {
        None => None,
        Some("xml") => Some(Framing::Xml),
        Some("length2") => Some(Framing::Length2),
        Some("hipath") => Some(Framing::HiPath),
        Some("tpkt") => Some(Framing::Tpkt),
        Some("nul-xml") => Some(Framing::NulXml),
        Some(other) => return Err(wrong("framing", other, "write xml, length2, hipath, tpkt or nul-xml")),
    };
    let session = match words.session {
        None => None,
        Some("acse") => Some(Start::Acse),
        Some("bare") => Some(Start::Bare),
        Some("implicit") => Some(Start::Implicit),
        Some("application") => Some(Start::AppSession),
        Some(other) => {
            return Err(wrong("session", other, "write acse, bare, implicit or application"));
        }
    };
    let phases: Vec<Phase> = match words.phase {
        None => vec![Phase::Two, Phase::Three],
        Some(1) => vec![Phase::One],
        Some(2) => vec![Phase::Two],
        Some(_) => vec![Phase::Three],
    };
    let xml = Encoding::Xml { namespace: dialect::ED5 };
    let mut ways = vec![(Framing::Xml, xml, Start::Implicit), (Framing::Xml, xml, Start::AppSession)];
    ways.extend(phases.iter().map(|phase| (Framing::Length2, Encoding::Ber { phase: *phase }, Start::Acse)));
    ways.extend(phases.iter().map(|phase| (Framing::Length2, Encoding::Ber { phase: *phase }, Start::Bare)));
    let is_xml = |framing| matches!(framing, Framing::Xml | Framing::NulXml);
    let chosen: Vec<Dialect> = ways
        .into_iter()
        .filter(|(usual, _, _)| framing.is_none_or(|framing| is_xml(framing) == is_xml(*usual)))
        .filter(|(usual, _, _)| words.phase.is_none() || !is_xml(*usual))
        .filter(|(_, _, start)| session.is_none_or(|session| session == *start))
        .map(|(usual, encoding, start)| dialect.with(framing.unwrap_or(usual), encoding, start))
        .collect();
    if chosen.is_empty() {
        return Err(DialectProblem {
            key: "session",
            problem: "does not go with framing and phase".to_owned(),
            fix: "XML has implicit and application sessions, ASN.1 has acse and bare".to_owned(),
        });
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(words: &DialectWords<'_>) -> Vec<(Framing, Start)> {
        let dialects = csta_dialects("csta-asn1", words).unwrap();
        dialects.iter().map(|dialect| (dialect.framing, dialect.start)).collect()
    }

    #[test]
    fn a_mivoice_5000_is_probed_until_somebody_knows_better() {
        let mut words = DialectWords { dialect: Some("mitel-mivoice5000"), ..DialectWords::default() };
        let all = ways(&words);
        assert_eq!(all.first(), Some(&(Framing::Xml, Start::Implicit)));
        assert_eq!(all.last(), Some(&(Framing::Length2, Start::Bare)));
        words.phase = Some(1);
        assert_eq!(ways(&words), [(Framing::Length2, Start::Acse), (Framing::Length2, Start::Bare)]);
        words.session = Some("bare");
        words.framing = Some("tpkt");
        assert_eq!(ways(&words), [(Framing::Tpkt, Start::Bare)]);
        words.session = Some("application");
        assert_eq!(csta_dialects("csta-asn1", &words).unwrap_err().key, "session");
    }

    #[test]
    fn a_point_is_held_in_a_way_that_the_dialect_has() {
        let holding = |name, word| csta_holding(dialect::named(name).unwrap(), word);
        assert_eq!(holding("ecma-323", None), Ok(Holding::RouteLoop));
        assert_eq!(holding("ecma-323", Some("deflect_from_device")), Ok(Holding::DeflectFromDevice));
        assert_eq!(holding("openscape", None), Ok(Holding::DeflectFromDevice));
        assert_eq!(holding("openscape", Some("route_loop")).unwrap_err().fix, "write deflect_from_device");
        assert!(holding("ericsson-md110", None).unwrap_err().problem.contains("distributes"));
    }

    #[test]
    fn a_choice_that_means_nothing_is_refused_with_what_would() {
        let refused = |kind, dialect, framing| {
            let words = DialectWords { dialect, framing, ..DialectWords::default() };
            csta_dialects(kind, &words).unwrap_err()
        };
        assert!(refused("csta-xml", Some("panasonic"), None).fix.contains("mitel-mx-one"));
        assert_eq!(
            refused("csta-xml", Some("hipath"), None).fix,
            "write kind = \"csta-asn1\", or another dialect"
        );
        assert_eq!(refused("csta-asn1", Some("hipath"), Some("tpkt")).key, "framing");
        assert_eq!(csta_dialects("csta-asn1", &DialectWords::default()).unwrap()[0].name, "ecma-285");
    }
}
