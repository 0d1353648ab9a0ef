//! Lists a manager asks for.

use ami::Message;

use super::render::{self, Headers};
use super::{Manager, SessionId};
use crate::exchange::{Exchange, Micros, Part, PhoneRow};

#[expect(clippy::needless_pass_by_value, reason = "reads better at its many callers")]
fn pair(key: &str, value: impl ToString) -> (String, String) {
    (key.to_owned(), value.to_string())
}

impl Manager {
    /// Answers a list action: success, the rows, the end.
    pub(super) fn list(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        now: Micros,
        name: &str,
        message: &Message,
    ) {
        let (text, row, end, rows) = match name {
            "coreshowchannels" => {
                ("Channels will follow", "CoreShowChannel", "CoreShowChannelsComplete", channels(exchange))
            }
            "bridgelist" => {
                ("Bridge listing will follow", "BridgeListItem", "BridgeListComplete", bridges(exchange))
            }
            "devicestatelist" => (
                "Device State Changes will follow",
                "DeviceStateChange",
                "DeviceStateListComplete",
                exchange.phone_rows().iter().map(device).collect(),
            ),
            "extensionstatelist" => (
                "Extension Statuses will follow",
                "ExtensionStatus",
                "ExtensionStateListComplete",
                hints(exchange),
            ),
            "parkedcalls" => {
                ("Parked calls will follow", "ParkedCall", "ParkedCallsComplete", parked(exchange))
            }
            "pjsipshowendpoints" => (
                "A listing of Endpoints follows, presented as EndpointList events",
                "EndpointList",
                "EndpointListComplete",
                exchange.phone_rows().iter().map(endpoint).collect(),
            ),
            "pjsipshowcontacts" => (
                "A listing of Contacts follows, presented as ContactList events",
                "ContactList",
                "ContactListComplete",
                exchange.phone_rows().iter().filter_map(|row| contact(row, now)).collect(),
            ),
            _ => return self.queue_status(id, exchange, message),
        };
        if rows.is_empty() && end == "ContactListComplete" {
            return self.error(id, message, "No Contacts found");
        }
        self.answer(id, message, "Success", &[("EventList", "start"), ("Message", text)]);
        let count = rows.len();
        for headers in rows {
            self.row(id, message, row, headers, true);
        }
        let mut last = vec![pair("EventList", "Complete"), pair("ListItems", count)];
        if end == "ParkedCallsComplete" {
            last.push(pair("Total", count));
        }
        self.row(id, message, end, last, true);
    }

    fn row(&mut self, id: SessionId, to: &Message, event: &str, headers: Headers, id_first: bool) {
        let action = to.action_id().map(|action| pair("ActionID", action));
        let mut all = vec![pair("Event", event)];
        if id_first {
            all.extend(action);
            all.extend(headers);
        } else {
            all.extend(headers);
            all.extend(action);
        }
        self.put(id, all);
    }

    fn queue_status(&mut self, id: SessionId, exchange: &Exchange, message: &Message) {
        let wanted = message.get("Queue").filter(|queue| !queue.is_empty());
        let who = message.get("Member").filter(|member| !member.is_empty());
        let text = [("EventList", "start"), ("Message", "Queue status will follow")];
        self.answer(id, message, "Success", &text);
        let mut count = 0;
        for queue in
            exchange.queue_rows().iter().filter(|queue| wanted.is_none_or(|wanted| wanted == queue.name))
        {
            let params = [
                ("Queue", queue.name.clone()),
                ("Max", "0".to_owned()),
                ("Strategy", queue.strategy.to_owned()),
                ("Calls", queue.entries.len().to_string()),
                ("Holdtime", "0".to_owned()),
                ("TalkTime", "0".to_owned()),
                ("Completed", queue.counts.0.to_string()),
                ("Abandoned", queue.counts.1.to_string()),
                ("ServiceLevel", "0".to_owned()),
                ("ServicelevelPerf", "0.0".to_owned()),
                ("ServicelevelPerf2", "0.0".to_owned()),
                ("Weight", "0".to_owned()),
            ];
            let params = params.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            self.row(id, message, "QueueParams", params, false);
            count += 1 + queue.entries.len();
            for member in queue.members.iter().map(|member| render::parts(member)) {
                let is_named = |who: &str| {
                    member.iter().any(|(key, value)| matches!(&**key, "Name" | "Location") && value == who)
                };
                if who.is_none_or(is_named) {
                    count += 1;
                    self.row(id, message, "QueueMember", member, false);
                }
            }
            for entry in &queue.entries {
                let known =
                    |value: &str| if value.is_empty() { "unknown".to_owned() } else { value.to_owned() };
                let [number, name, other_number, other_name] = &entry.channel.parties;
                let row = vec![
                    pair("Queue", &queue.name),
                    pair("Position", entry.position),
                    pair("Channel", &entry.channel.name),
                    pair("Uniqueid", &entry.channel.uid),
                    pair("CallerIDNum", known(number)),
                    pair("CallerIDName", known(name)),
                    pair("ConnectedLineNum", known(other_number)),
                    pair("ConnectedLineName", known(other_name)),
                    pair("Wait", entry.waits_s),
                    pair("Priority", 0),
                ];
                self.row(id, message, "QueueEntry", row, false);
            }
        }
        let last = vec![pair("EventList", "Complete"), pair("ListItems", count)];
        self.row(id, message, "QueueStatusComplete", last, true);
    }
}

fn channels(exchange: &Exchange) -> Vec<Headers> {
    let row = |row: &crate::exchange::ChannelRow| {
        let mut headers = render::channel("", &row.channel);
        let (application, data) = &row.application;
        let (hours, minutes, seconds) = (row.seconds / 3600, row.seconds / 60 % 60, row.seconds % 60);
        headers.extend([
            pair("Application", application),
            pair("ApplicationData", data),
            pair("Duration", format!("{hours:02}:{minutes:02}:{seconds:02}")),
            pair("BridgeId", &row.bridge),
        ]);
        headers
    };
    exchange.channel_rows().iter().map(row).collect()
}

fn bridges(exchange: &Exchange) -> Vec<Headers> {
    exchange.bridge_rows().iter().map(|shot| render::bridge("", shot)).collect()
}

fn parked(exchange: &Exchange) -> Vec<Headers> {
    exchange.parked_rows().iter().map(|parts: &Vec<Part>| render::parts(parts)).collect()
}

fn device(row: &PhoneRow) -> Headers {
    vec![pair("Device", format!("PJSIP/{}", row.endpoint)), pair("State", row.state.0)]
}

fn hints(exchange: &Exchange) -> Vec<Headers> {
    let context = &exchange.plan().dialplan.phones;
    let rows = exchange.phone_rows();
    let phones = rows.iter().filter(|row| !row.is_trunk);
    phones
        .map(|row| {
            let (status, text) = row.state.2;
            vec![
                pair("Exten", &row.endpoint),
                pair("Context", context),
                pair("Hint", format!("PJSIP/{}", row.endpoint)),
                pair("Status", status),
                pair("StatusText", text),
            ]
        })
        .collect()
}

fn endpoint(row: &PhoneRow) -> Headers {
    let name = &row.endpoint;
    let contact = match (&row.user_agent, row.is_trunk) {
        (Some(_), _) => format!("{name}/sip:{name}@127.0.0.1:5060,"),
        (None, true) => format!("{name}/sip:127.0.0.2:5060,"),
        (None, false) => String::new(),
    };
    vec![
        pair("ObjectType", "endpoint"),
        pair("ObjectName", name),
        pair("Transport", "udp"),
        pair("Aor", name),
        pair("Auths", if row.is_trunk { "" } else { name }),
        pair("OutboundAuths", ""),
        pair("Contacts", contact),
        pair("DeviceState", row.state.1),
        pair("ActiveChannels", row.channels),
    ]
}

fn contact(row: &PhoneRow, now: Micros) -> Option<Headers> {
    let (agent, name) = (row.user_agent.as_ref()?, &row.endpoint);
    Some(vec![
        pair("ObjectType", "contact"),
        pair("ObjectName", format!("{name};@{name}")),
        pair("ViaAddr", "127.0.0.1"),
        pair("QualifyTimeout", "3.000000"),
        pair("Endpoint", name),
        pair("Uri", format!("sip:{name}@127.0.0.1:5060")),
        pair("QualifyFrequency", 0),
        pair("UserAgent", agent),
        pair("ExpirationTime", now / 1_000_000 + 600),
        pair("Status", "NonQualified"),
        pair("RoundtripUsec", "N/A"),
    ])
}
