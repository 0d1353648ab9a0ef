//! The manager interface of Asterisk 22, without sockets: messages of sessions in, messages to sessions out.

use std::collections::BTreeMap;
use std::fmt;

use ami::Message;
use ami::action::md5_key;
use ami::message::MessageKind;

use crate::exchange::{Class, Event, Exchange, Micros};
pub use crate::face::SessionId;
use crate::plan::ManagerUser;

mod actions;
mod filter;
mod lists;
pub mod render;
mod rights;

use filter::Filter;

/// What a manager says first.
pub const BANNER: &str = "Asterisk Call Manager/11.0.0\r\n";
/// Version it says it is. Only what others read of it is true: Asterisk 22.
pub const VERSION: &str = "22.10.1-switch-sim";
/// Most filters of a session.
const FILTERS_MAX: usize = 100;

/// What goes to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// An answer, or a row of one: never lost.
    Answer(Message),
    /// An event, on which a bad wire may tell.
    Event(Message),
    /// The connection ends after what was said before.
    Close,
}

#[derive(Default)]
struct Session {
    user: Option<ManagerUser>,
    challenge: String,
    /// Classes it wants; none for all.
    mask: Option<Vec<String>>,
    is_deaf: bool,
    filters: Vec<Filter>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Session {
    fn may_write(&self, classes: &[&str]) -> bool {
        let held = self.user.as_ref().map_or(&[][..], |user| user.write.as_slice());
        classes.is_empty() || held.iter().any(|class| classes.contains(&class.as_str()) || class == "all")
    }

    fn hears(&self, class: Class) -> bool {
        let Some(user) = &self.user else { return false };
        let word = class.word();
        let has = |list: &[String]| list.iter().any(|one| one == word || one == "all");
        !self.is_deaf && has(&user.read) && self.mask.as_deref().is_none_or(has)
    }
}

/// All sessions of a manager port.
#[derive(Debug, Default)]
pub struct Manager {
    sessions: BTreeMap<SessionId, Session>,
    out: Vec<(SessionId, Out)>,
}

impl Manager {
    /// Nobody is connected.
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection came; its banner is up to the caller.
    pub fn connect(&mut self) -> SessionId {
        let id = self.sessions.last_key_value().map_or(1, |(last, _)| last + 1);
        self.connect_as(id);
        id
    }

    /// A connection came that has a number already.
    pub fn connect_as(&mut self, id: SessionId) {
        self.sessions.insert(id, Session::default());
    }

    /// A connection is gone.
    pub fn disconnect(&mut self, id: SessionId) {
        self.sessions.remove(&id);
    }

    /// How many are connected.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// What is to be sent since the last time.
    pub fn take(&mut self) -> Vec<(SessionId, Out)> {
        std::mem::take(&mut self.out)
    }

    /// Hands the switch's events to everybody who may and wants to hear them.
    pub fn publish(&mut self, events: &[Event]) {
        for event in events {
            let Some(message) = render::event(event) else { continue };
            for (id, session) in &self.sessions {
                if session.hears(event.class) && filter::passes(&session.filters, &message) {
                    self.out.push((*id, Out::Event(message.clone())));
                }
            }
        }
    }

    /// A session says something.
    pub fn take_message(&mut self, id: SessionId, exchange: &mut Exchange, now: Micros, message: &Message) {
        if !self.sessions.contains_key(&id) {
            return;
        }
        let action = match message.kind() {
            MessageKind::Action(name) => name.to_ascii_lowercase(),
            MessageKind::Event(_) | MessageKind::Response(_) | MessageKind::Other => {
                return self.error(id, message, "Missing action in request");
            }
        };
        let is_known = self.sessions.get(&id).is_some_and(|session| session.user.is_some());
        match (action.as_str(), is_known) {
            ("challenge", false) => self.challenge(id, now, message),
            ("login", false) => self.log_in(id, exchange, now, message),
            ("logoff", _) => {
                self.answer(id, message, "Goodbye", &[("Message", "Thanks for all the fish.")]);
                self.out.push((id, Out::Close));
            }
            (_, false) => self.error(id, message, "Permission denied"),
            ("login" | "challenge", true) => self.error(id, message, "Already logged in"),
            (name, true) => match rights::of(name) {
                None => self.error(
                    id,
                    message,
                    &format!(
                        "Invalid/unknown command: {}. Use Action: ListCommands to show available commands.",
                        message.get("Action").unwrap_or_default()
                    ),
                ),
                Some(classes) => {
                    if self.sessions.get(&id).is_some_and(|session| session.may_write(classes)) {
                        self.run(id, exchange, now, name, message);
                    } else {
                        self.error(id, message, "Permission denied");
                    }
                }
            },
        }
    }

    fn challenge(&mut self, id: SessionId, now: Micros, message: &Message) {
        if !message.get("AuthType").is_some_and(|kind| kind.eq_ignore_ascii_case("MD5")) {
            return self.error(id, message, "Must specify AuthType");
        }
        let challenge = format!("{}", (now / 7 + i64::try_from(id).unwrap_or(0)).rem_euclid(1_000_000_000));
        if let Some(session) = self.sessions.get_mut(&id) {
            session.challenge.clone_from(&challenge);
        }
        self.answer(id, message, "Success", &[("Challenge", &challenge)]);
    }

    fn log_in(&mut self, id: SessionId, exchange: &Exchange, now: Micros, message: &Message) {
        let name = message.get("Username").unwrap_or_default();
        let user = exchange.plan().managers.iter().find(|user| user.user == name).cloned();
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let is_right = user.as_ref().is_some_and(|user| match message.get("Key") {
            Some(key) => !session.challenge.is_empty() && md5_key(&session.challenge, &user.secret) == key,
            None => message.get("Secret") == Some(user.secret.as_str()),
        });
        if !is_right {
            self.error(id, message, "Authentication failed");
            return self.out.push((id, Out::Close));
        }
        session.user = user;
        set_mask(session, message.get("Events"));
        self.answer(id, message, "Success", &[("Message", "Authentication accepted")]);
        let uptime = (now - exchange.boot()) / 1_000_000;
        let fields = [("Uptime", uptime.to_string()), ("LastReload", uptime.to_string())];
        if self.sessions.get(&id).is_some_and(|session| session.hears(Class::System)) {
            let headers = [("Event", "FullyBooted"), ("Privilege", "system,all")];
            let rest = fields.iter().map(|(key, value)| (*key, value.as_str()));
            let end = [("Status", "Fully Booted")];
            let message = Message::from_headers(headers.into_iter().chain(rest).chain(end));
            self.out.extend(message.ok().map(|message| (id, Out::Event(message))));
        }
    }

    /// Answers with this word and these headers, the `ActionID` first.
    fn answer(&mut self, id: SessionId, to: &Message, word: &str, headers: &[(&str, &str)]) {
        let mut all = vec![("Response", word)];
        all.extend(to.action_id().map(|action| ("ActionID", action)));
        all.extend_from_slice(headers);
        self.put(id, all);
    }

    fn success(&mut self, id: SessionId, to: &Message, text: &str) {
        self.answer(id, to, "Success", &[("Message", text)]);
    }

    fn error(&mut self, id: SessionId, to: &Message, text: &str) {
        self.answer(id, to, "Error", &[("Message", text)]);
    }

    /// A value that cannot stand in a header is left out with its message: it came from a client's own text.
    fn put<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        id: SessionId,
        headers: impl IntoIterator<Item = (K, V)>,
    ) {
        if let Ok(message) = Message::from_headers(headers) {
            self.out.push((id, Out::Answer(message)));
        }
    }
}

/// Takes the `Events` mask of a login or of the action of that name.
fn set_mask(session: &mut Session, mask: Option<&str>) {
    let mask = mask.unwrap_or("on").trim();
    session.is_deaf = mask.eq_ignore_ascii_case("off") || mask == "0" || mask.eq_ignore_ascii_case("no");
    let all = ["on", "all", "1", "yes"].iter().any(|word| mask.eq_ignore_ascii_case(word));
    session.mask = (!all && !session.is_deaf)
        .then(|| mask.split(',').map(|class| class.trim().to_ascii_lowercase()).collect());
}

#[cfg(test)]
mod tests;
