//! Events written as lines: `1001,1002 Delivered 17@1002 calling=1001 called=1002`. See `fixtures/csta/README.md`.

use std::collections::BTreeMap;

use csta::model::{
    AgentState, ConnectionId, ConnectionListItem, DeviceId, Event, EventCause, LocalDevice, More, Octets,
    Party, Private,
};

use crate::{Result, Trouble};

/// One line of a story.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// Monitors that report an event; none for one that nobody hears of.
    Event(Vec<String>, Box<Event>, Box<More>),
    /// The link is lost.
    Cut,
    /// The link is back, with a survey.
    Up,
    /// The switch starts anew: its calls are gone.
    Reboot,
    /// A person clicks on a number: own phone, number.
    Click(String, String),
    /// Milliseconds pass.
    Wait(i64),
}

/// Keys of a line.
struct Keys<'a> {
    line: &'a str,
    keys: BTreeMap<&'a str, &'a str>,
}

impl Keys<'_> {
    fn party(&self, key: &str) -> Option<Party> {
        self.keys.get(key).map(|text| party(text))
    }

    fn or(&self, key: &str, default: &Party) -> Party {
        self.party(key).unwrap_or_else(|| default.clone())
    }

    fn known(&self, key: &str) -> Party {
        self.or(key, &Party::NotKnown)
    }
}

pub(crate) fn party(text: &str) -> Party {
    match text {
        "-" => Party::NotKnown,
        "*" => Party::Restricted,
        "none" => Party::NotRequired,
        text => Party::Device(DeviceId::dialing(text)),
    }
}

/// `17@1002`, `17@~A1` with a dynamic device, `17@` without one.
pub(crate) fn connection(text: &str) -> Result<ConnectionId> {
    let (call, device) =
        text.split_once('@').ok_or_else(|| Trouble::new(format!("no connection: {text}")))?;
    let device = match device.strip_prefix('~') {
        Some(dynamic) => Some(LocalDevice::Dynamic(Octets::from(dynamic))),
        None if device.is_empty() => None,
        None => Some(LocalDevice::Static(DeviceId::dialing(device))),
    };
    Ok(ConnectionId { call: (!call.is_empty()).then(|| Octets::from(call)), device })
}

/// `old:new/endpoint`, each part may be empty.
fn item(text: &str) -> Result<ConnectionListItem> {
    let (ids, endpoint) = text.split_once('/').unwrap_or((text, ""));
    let (old, new) = ids.split_once(':').ok_or_else(|| Trouble::new(format!("no `old:new` in {text}")))?;
    let some = |text: &str| (!text.is_empty()).then(|| connection(text)).transpose();
    Ok(ConnectionListItem {
        old: some(old)?,
        new: some(new)?,
        endpoint: (!endpoint.is_empty()).then(|| party(endpoint)),
        associated: None,
    })
}

pub(crate) fn line(text: &str) -> Result<Line> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["link", "cut"] => return Ok(Line::Cut),
        ["link", "up"] => return Ok(Line::Up),
        ["switch", "restarts"] => return Ok(Line::Reboot),
        ["click", from, to] => return Ok(Line::Click((*from).to_owned(), (*to).to_owned())),
        ["wait", millis] => {
            let millis = millis.parse().map_err(|_| Trouble::new(format!("no time: {text}")))?;
            return Ok(Line::Wait(millis));
        }
        _ => {}
    }
    let [monitors, name, subject, rest @ ..] = words.as_slice() else {
        return Err(Trouble::new(format!("not a line of a story: {text}")));
    };
    let keys = rest.iter().filter_map(|word| word.split_once('=')).collect();
    let keys = Keys { line: text, keys };
    let monitors = match *monitors {
        "lost" => Vec::new(),
        monitors => monitors.split(',').map(str::to_owned).collect(),
    };
    let event = Box::new(event(name, subject, &keys)?);
    Ok(Line::Event(monitors, event, Box::new(more(&keys)?)))
}

fn more(keys: &Keys<'_>) -> Result<More> {
    let cause = keys.keys.get("cause").map(|word| {
        EventCause::from_word(word).ok_or_else(|| Trouble::new(format!("no cause {word}: {}", keys.line)))
    });
    let octets = |key: &str| keys.keys.get(key).map(|text| Octets::from(*text));
    Ok(More {
        cause: cause.transpose()?,
        correlator: octets("correlator"),
        user_data: octets("user_data"),
        associated_calling: keys.party("line_in"),
        associated_called: keys.party("line_out"),
        network_calling: keys.party("network"),
        linkage: octets("linkage").map(|global| csta::model::CallLinkage {
            global: Some(global),
            is_local: keys.keys.contains_key("local"),
            thread: None,
        }),
        private: keys
            .keys
            .get("reason")
            .map(|code| Private::Xml(format!("<ns1:reasonCode>{code}</ns1:reasonCode>")))
            .into_iter()
            .collect(),
        ..More::default()
    })
}

fn agent(name: &str, device: Party, keys: &Keys<'_>) -> Option<Event> {
    let agent = keys.keys.get("agent").map(|text| Octets::from(*text));
    let group = keys.keys.get("group").map(|text| DeviceId::dialing(*text));
    let state = match name {
        "AgentLoggedOn" => return Some(Event::AgentLoggedOn { device, agent, group }),
        "AgentLoggedOff" => return Some(Event::AgentLoggedOff { device, agent, group }),
        "AgentReady" => AgentState::Ready,
        "AgentNotReady" => AgentState::NotReady,
        "AgentBusy" => AgentState::Busy,
        "AgentWorkingAfterCall" => AgentState::WorkingAfterCall,
        _ => return None,
    };
    Some(Event::AgentState { device, agent, group, state, pending: None })
}

#[expect(clippy::too_many_lines, reason = "one arm per event")]
fn event(name: &str, subject: &str, keys: &Keys<'_>) -> Result<Event> {
    if !subject.contains('@') {
        return agent(name, party(subject), keys)
            .ok_or_else(|| Trouble::new(format!("no event {name}: {}", keys.line)));
    }
    let raw = connection(subject)?;
    let own = match &raw.device {
        Some(LocalDevice::Static(id)) => Party::Device(id.clone()),
        _ => Party::NotKnown,
    };
    let (calling, called) = (keys.known("calling"), keys.known("called"));
    let last_redirection = keys.or("last", &Party::NotRequired);
    let to = keys.or("at", &own);
    let by = keys.or("by", &own);
    let connections = || -> Result<Vec<ConnectionListItem>> {
        keys.keys.get("list").map_or(Ok(Vec::new()), |list| list.split(',').map(item).collect())
    };
    let secondary_old = || keys.keys.get("second").map(|text| connection(text)).transpose();
    Ok(match name {
        "ServiceInitiated" => {
            Event::ServiceInitiated { connection: raw, initiating: to, called: keys.party("called") }
        }
        "Originated" => Event::Originated { connection: raw, calling: keys.or("calling", &own), called },
        "DigitsDialed" => {
            let digits = DeviceId::dialing(*keys.keys.get("digits").unwrap_or(&""));
            Event::DigitsDialed { connection: raw, dialing: own, digits }
        }
        "Offered" => Event::Offered { connection: raw, offered: to, calling, called, last_redirection },
        "NetworkReached" => {
            Event::NetworkReached { outbound: raw, interface: to, calling, called, last_redirection }
        }
        "Delivered" => Event::Delivered { connection: raw, alerting: to, calling, called, last_redirection },
        "Established" => {
            Event::Established { connection: raw, answering: to, calling, called, last_redirection }
        }
        "Queued" => {
            let (number_queued, calls_in_front) = (None, None);
            Event::Queued {
                connection: raw,
                queue: to,
                calling,
                called,
                last_redirection,
                number_queued,
                calls_in_front,
            }
        }
        "Failed" => Event::Failed { connection: raw, failing: to, calling, called, last_redirection },
        "Held" => Event::Held { connection: raw, holding: to },
        "Retrieved" => Event::Retrieved { connection: raw, retrieving: to },
        "Diverted" => Event::Diverted {
            connection: raw,
            diverting: own,
            new_destination: keys.known("to"),
            calling: keys.party("calling"),
            called: keys.party("called"),
            last_redirection,
        },
        "ConnectionCleared" => Event::ConnectionCleared { dropped: raw, releasing: by },
        "CallCleared" => Event::CallCleared { call: raw },
        "CallInformation" => Event::CallInformation { connection: raw, device: own, calling: None },
        "Transferred" => Event::Transferred {
            primary_old: raw,
            secondary_old: secondary_old()?,
            transferring: by,
            transferred_to: keys.known("to"),
            connections: connections()?,
        },
        "Conferenced" => Event::Conferenced {
            primary_old: raw,
            secondary_old: secondary_old()?,
            conferencing: by,
            added: keys.known("to"),
            connections: connections()?,
        },
        _ => return Err(Trouble::new(format!("no event {name}: {}", keys.line))),
    })
}
