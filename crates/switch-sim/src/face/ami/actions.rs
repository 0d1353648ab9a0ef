//! Single actions: what each does, and the words Asterisk answers with.

use ami::Message;

use super::filter::Filter;
use super::rights::ACTIONS;
use super::{FILTERS_MAX, Manager, SessionId, VERSION, set_mask};
use crate::exchange::{Exchange, Micros, Originate, Place, Refusal};
use crate::plan::APPLICATIONS;

/// How long an originated call rings when the order does not say, milliseconds (Asterisk's default).
const ORIGINATE_TIMEOUT_MS: u32 = 30_000;

fn text<'m>(message: &'m Message, key: &str) -> &'m str {
    message.get(key).unwrap_or_default()
}

fn given<'m>(message: &'m Message, key: &str) -> Option<&'m str> {
    message.get(key).filter(|value| !value.is_empty())
}

fn place(message: &Message, prefix: &str) -> Option<Place> {
    let context = given(message, &format!("{prefix}Context"))?;
    let exten = given(message, &format!("{prefix}Exten"))?;
    Some(Place { context: context.to_owned(), exten: exten.to_owned() })
}

impl Manager {
    /// Runs an action of somebody who may.
    pub(super) fn run(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        name: &str,
        message: &Message,
    ) {
        match name {
            "ping" => {
                let stamp = format!("{}.{:06}", now / 1_000_000, now % 1_000_000);
                self.answer(id, message, "Success", &[("Ping", "Pong"), ("Timestamp", &stamp)]);
            }
            "listcommands" => self.list_commands(id, message),
            "events" => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    set_mask(session, message.get("EventMask"));
                }
                self.answer(id, message, "Success", &[("Events", "On")]);
            }
            "filter" => self.add_filter(id, message),
            "coresettings" => {
                let settings = [("AMIversion", "11.0.0"), ("AsteriskVersion", VERSION), ("SystemName", "")];
                self.answer(id, message, "Success", &settings);
            }
            "corestatus" => self.core_status(id, exchange, message),
            "coreshowchannels" | "bridgelist" | "devicestatelist" | "extensionstatelist" | "parkedcalls"
            | "pjsipshowendpoints" | "pjsipshowcontacts" | "queuestatus" => {
                exchange.advance(now);
                self.list(id, exchange, now, name, message);
            }
            "getvar" => self.get_variable(id, exchange, message),
            _ => {
                let done = order(exchange, now, name, message);
                // What an order does is told after its answer: that is the order on a real session.
                match done {
                    Ok(text) => self.success(id, message, text),
                    Err(refusal) => self.error(id, message, &refusal.to_string()),
                }
            }
        }
    }

    fn list_commands(&mut self, id: SessionId, message: &Message) {
        let Some(session) = self.sessions.get(&id) else { return };
        let mut headers = vec![("Response".to_owned(), "Success".to_owned())];
        headers.extend(message.action_id().map(|action| ("ActionID".to_owned(), action.to_owned())));
        for (name, classes) in ACTIONS.iter().filter(|(_, classes)| session.may_write(classes)) {
            let classes =
                if classes.is_empty() { "<none>".to_owned() } else { format!("{},all", classes.join(",")) };
            headers.push(((*name).to_owned(), format!("Simulated. (Priv: {classes})")));
        }
        self.put(id, headers);
    }

    fn add_filter(&mut self, id: SessionId, message: &Message) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.filters.len() >= FILTERS_MAX {
            return self.error(id, message, "Too many filters");
        }
        session.filters.push(Filter::read(message));
        self.success(id, message, "Filter added successfully");
    }

    fn core_status(&mut self, id: SessionId, exchange: &Exchange, message: &Message) {
        let (date, time) = calendar(exchange.boot() / 1_000_000);
        let calls = exchange.channel_count().to_string();
        let status = [
            ("CoreStartupDate", date.as_str()),
            ("CoreStartupTime", time.as_str()),
            ("CoreReloadDate", date.as_str()),
            ("CoreReloadTime", time.as_str()),
            ("CoreCurrentCalls", calls.as_str()),
        ];
        self.answer(id, message, "Success", &status);
    }

    fn get_variable(&mut self, id: SessionId, exchange: &Exchange, message: &Message) {
        let name = text(message, "Variable");
        let value = match (name.strip_prefix("DIALPLAN_EXISTS("), given(message, "Channel")) {
            (Some(rest), _) => {
                let mut parts = rest.trim_end_matches(')').split(',');
                let (context, exten) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let exists = exchange.plan().route(context, exten).is_some();
                Ok(u8::from(exists).to_string())
            }
            (None, Some(channel)) => exchange.channel_variable(channel, name),
            (None, None) if name == "CTI_PATIENCE_S" => Ok(exchange.plan().dialplan.patience_s.to_string()),
            (None, None) => Ok(String::new()),
        };
        match value {
            Ok(value) => self.answer(id, message, "Success", &[("Variable", name), ("Value", &value)]),
            Err(refusal) => self.error(id, message, &refusal.to_string()),
        }
    }
}

/// Runs what changes something; gives the text of the answer.
fn order(
    exchange: &mut Exchange,
    now: Micros,
    name: &str,
    message: &Message,
) -> Result<&'static str, Refusal> {
    let channel = text(message, "Channel");
    match name {
        "originate" => {
            exchange.originate(now, originate(message)?)?;
            Ok("Originate successfully queued")
        }
        "hangup" => {
            exchange.hang_up(now, channel, message.number("Cause").unwrap_or(16))?;
            Ok("Channel Hungup")
        }
        "redirect" => {
            let missing = || Refusal::new("Context and Exten must be specified");
            let first = place(message, "").ok_or_else(missing)?;
            let Some(extra) = given(message, "ExtraChannel") else {
                exchange.redirect(now, (channel, &first), None)?;
                return Ok("Redirect successful");
            };
            let second = place(message, "Extra").unwrap_or_else(|| first.clone());
            exchange.redirect(now, (channel, &first), Some((extra, &second)))?;
            Ok("Dual Redirect successful")
        }
        "bridge" => {
            exchange.bridge(now, text(message, "Channel1"), text(message, "Channel2"))?;
            Ok("Channels have been bridged")
        }
        "blindtransfer" => {
            let to = place(message, "").ok_or_else(|| Refusal::new("No Exten specified"))?;
            exchange.transfer(now, channel, &to)?;
            Ok("Transfer succeeded")
        }
        "agi" => {
            exchange.agi(now, channel, text(message, "Command"), text(message, "CommandID"))?;
            Ok("Added AGI command to queue")
        }
        "absolutetimeout" => {
            let seconds = message.number("Timeout").ok_or_else(|| Refusal::new("No timeout specified"))?;
            exchange.absolute_timeout(now, channel, seconds)?;
            Ok("Timeout Set")
        }
        "setvar" => {
            exchange.set_channel_variable(now, channel, text(message, "Variable"), text(message, "Value"))?;
            Ok("Variable Set")
        }
        "park" => {
            exchange.park_channel(now, channel, given(message, "TimeoutChannel"))?;
            Ok("Park successful")
        }
        "pjsipnotify" => {
            let event = message.get_all("Variable").find_map(|variable| variable.strip_prefix("Event="));
            exchange.notify(now, channel, event.unwrap_or_default())?;
            Ok("NOTIFY sent")
        }
        "userevent" => {
            let frame = ["Action", "ActionID", "UserEvent"];
            let is_own = |key: &str| !frame.iter().any(|one| one.eq_ignore_ascii_case(key));
            let fields: Vec<(String, String)> = message
                .headers()
                .filter(|(key, _)| is_own(key))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect();
            exchange.user_event(now, text(message, "UserEvent"), &fields);
            Ok("Event Sent")
        }
        _ => queue_order(exchange, now, name, message),
    }
}

fn queue_order(
    exchange: &mut Exchange,
    now: Micros,
    name: &str,
    message: &Message,
) -> Result<&'static str, Refusal> {
    let is_paused =
        ["true", "1", "yes", "on"].contains(&text(message, "Paused").to_ascii_lowercase().as_str());
    let interface = given(message, "Interface").ok_or_else(|| Refusal::new("'Interface' not specified."))?;
    match name {
        "queueadd" => {
            let names = (text(message, "MemberName"), text(message, "StateInterface"));
            let paused = is_paused.then(|| text(message, "Reason"));
            exchange.queue_add(now, text(message, "Queue"), interface, names, paused)?;
            Ok("Added interface to queue")
        }
        "queueremove" => {
            exchange.queue_remove(now, text(message, "Queue"), interface)?;
            Ok("Removed interface from queue")
        }
        _ => {
            exchange.queue_pause(
                now,
                given(message, "Queue"),
                interface,
                is_paused,
                text(message, "Reason"),
            )?;
            Ok(if is_paused { "Interface paused successfully" } else { "Interface unpaused successfully" })
        }
    }
}

fn originate(message: &Message) -> Result<Originate, Refusal> {
    let channel = given(message, "Channel").ok_or_else(|| Refusal::new("Channel not specified"))?;
    let waits = given(message, "Application").filter(|name| name.eq_ignore_ascii_case("wait"));
    let place = match waits {
        // The only application of ours: the phone rings, and whoever lifts it hears nothing.
        Some(_) => {
            let seconds = given(message, "Data").unwrap_or("0");
            Place { context: APPLICATIONS.to_owned(), exten: seconds.to_owned() }
        }
        None => place(message, "")
            .ok_or_else(|| Refusal::new("Originate failed: context and exten, or Application Wait"))?,
    };
    let timeout_ms = message.number("Timeout").unwrap_or(ORIGINATE_TIMEOUT_MS);
    let variables = message.get_all("Variable").filter_map(|one| one.split_once('='));
    Ok(Originate {
        channel: channel.to_owned(),
        place,
        ring_s: timeout_ms.div_ceil(1_000).max(1),
        caller_id: given(message, "CallerID").map(caller_id),
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        uid: given(message, "ChannelId").map(str::to_owned),
        action_id: text(message, "ActionID").to_owned(),
    })
}

/// `"Name" <number>` as number and name.
fn caller_id(text: &str) -> (String, String) {
    match text.rsplit_once('<') {
        Some((name, number)) => {
            let number = number.trim_end_matches('>').trim();
            (number.to_owned(), name.trim().trim_matches('"').to_owned())
        }
        None => (text.trim().to_owned(), String::new()),
    }
}

/// Date and time of day, UTC, of seconds since 1970.
fn calendar(seconds: i64) -> (String, String) {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    // Days from civil, backwards (Hinnant): eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_told_as_date_and_time() {
        assert_eq!(calendar(0), ("1970-01-01".to_owned(), "00:00:00".to_owned()));
        assert_eq!(calendar(1_795_300_068), ("2026-11-21".to_owned(), "22:27:48".to_owned()));
        assert_eq!(calendar(1_709_164_800).0, "2024-02-29");
    }

    #[test]
    fn a_caller_id_has_number_and_name() {
        assert_eq!(caller_id("\"Ann B\" <1002>"), ("1002".to_owned(), "Ann B".to_owned()));
        assert_eq!(caller_id("1002"), ("1002".to_owned(), String::new()));
    }
}
