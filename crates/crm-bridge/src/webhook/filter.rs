//! Which events an endpoint is told.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::ids::{QueueId, UserId};
use store::WebhookSettings;

use super::SettingError;

/// Longest pattern of a type.
const PATTERN_MAX: usize = 100;

/// Who hears a call is told to those alone who may hear calls themselves, and an endpoint is nobody.
const NEVER_POSTED: [&str; 2] = ["call.observed", "call.observation_ended"];

/// The filter of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    types: Vec<Types>,
    queues: BTreeSet<QueueId>,
    users: BTreeSet<UserId>,
    data: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Types {
    All,
    /// Begins with this, the dot included.
    Below(String),
    One(String),
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// Type of the event, without prefix.
    pub kind: &'a str,
    /// Queues it concerns.
    pub queues: &'a [QueueId],
    /// Users it concerns.
    pub users: &'a [UserId],
    /// Data of its call, where the filter asks for them.
    pub data: Option<&'a BTreeMap<String, String>>,
}

impl Filter {
    /// Reads the filter of settings.
    pub fn of(settings: &WebhookSettings) -> Result<Self, SettingError> {
        if settings.types.is_empty() {
            let detail = "say which types of events are posted; `*` stands for all".to_owned();
            return Err(SettingError { pointer: "/types".to_owned(), detail });
        }
        let types = settings.types.iter().enumerate().map(|(place, text)| {
            types(text).ok_or_else(|| SettingError {
                pointer: format!("/types/{place}"),
                detail: format!(
                    "`{text}` is no type: write `call.ended`, `call.*` or `*`, without the prefix `tieline.`"
                ),
            })
        });
        if let Some(key) = settings.data.keys().find(|key| key.trim().is_empty()) {
            let detail = format!("`{key}` is no name of a datum");
            return Err(SettingError { pointer: "/data".to_owned(), detail });
        }
        Ok(Self {
            types: types.collect::<Result<_, _>>()?,
            queues: settings.queues.iter().copied().collect(),
            users: settings.users.iter().copied().collect(),
            data: settings.data.clone(),
        })
    }

    /// True when the data of a call must be handed in.
    pub fn asks_for_data(&self) -> bool {
        !self.data.is_empty()
    }

    /// True when the type fits, whatever else is asked for.
    pub fn is_of_type(&self, kind: &str) -> bool {
        !NEVER_POSTED.contains(&kind) && self.types.iter().any(|one| one.fits(kind))
    }

    /// True when the endpoint is told.
    pub fn fits(&self, matter: Matter<'_>) -> bool {
        let of_queue = || matter.queues.iter().any(|queue| self.queues.contains(queue));
        let of_user = || matter.users.iter().any(|user| self.users.contains(user));
        self.is_of_type(matter.kind)
            && (self.queues.is_empty() || of_queue())
            && (self.users.is_empty() || of_user())
            && self.fits_data(matter.data)
    }

    fn fits_data(&self, data: Option<&BTreeMap<String, String>>) -> bool {
        self.data.iter().all(|(key, wanted)| {
            let found = data.and_then(|data| data.get(key));
            found.is_some_and(|value| wanted.is_empty() || value == wanted)
        })
    }
}

impl Types {
    fn fits(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Below(start) => kind.starts_with(start.as_str()),
            Self::One(name) => kind == name,
        }
    }
}

fn types(text: &str) -> Option<Types> {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|one| one.is_ascii_lowercase() || one == '_');
    if text.len() > PATTERN_MAX || text.starts_with("tieline.") {
        return None;
    }
    match text.strip_suffix(".*") {
        _ if text == "*" => Some(Types::All),
        Some(start) if start.split('.').all(is_word) => Some(Types::Below(format!("{start}."))),
        None if text.contains('.') && text.split('.').all(is_word) => Some(Types::One(text.to_owned())),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::time::Timestamp;

    pub(crate) fn settings(types: &[&str]) -> WebhookSettings {
        WebhookSettings {
            name: "erp".to_owned(),
            url: "https://erp.example/".to_owned(),
            enabled: true,
            types: types.iter().map(|one| (*one).to_owned()).collect(),
            queues: Vec::new(),
            users: Vec::new(),
            data: BTreeMap::new(),
            mask: Vec::new(),
        }
    }

    fn matter(kind: &str) -> Matter<'_> {
        Matter { kind, queues: &[], users: &[], data: None }
    }

    #[test]
    fn who_hears_a_call_is_told_to_no_endpoint_whatever_it_asks_for() {
        for types in [&["*"][..], &["call.*"], &["call.observed", "call.observation_ended"]] {
            let filter = Filter::of(&settings(types)).unwrap();
            for kind in NEVER_POSTED {
                assert!(!filter.is_of_type(kind) && !filter.fits(matter(kind)), "{types:?} {kind}");
            }
        }
    }

    // covers: INT-08
    #[test]
    fn types_queues_users_and_data_narrow_what_is_told() {
        let told = |types: &[&str], kind: &str| Filter::of(&settings(types)).unwrap().fits(matter(kind));
        assert!(
            told(&["*"], "queue.left")
                && told(&["call.*"], "call.ended")
                && told(&["call.ended"], "call.ended")
        );
        assert!(!told(&["call.*"], "callback.requested") && !told(&["call.ended"], "call.ended_twice"));
        assert!(told(&["call.ended", "agent.*"], "agent.state_changed"));
        let at = Timestamp::from_micros(5);
        let (queue, other) = (QueueId::derive(at, 1, 1), QueueId::derive(at, 1, 2));
        let user = UserId::derive(at, 1, 3);
        let narrow = WebhookSettings { queues: vec![queue], users: vec![user], ..settings(&["*"]) };
        let filter = Filter::of(&narrow).unwrap();
        let fits = |queues: &[QueueId], users: &[UserId]| {
            filter.fits(Matter { queues, users, ..matter("call.ended") })
        };
        assert!(fits(&[other, queue], &[user]));
        assert!(!fits(&[other], &[user]) && !fits(&[queue], &[]) && !fits(&[], &[]));
        let mut narrow = settings(&["call.*"]);
        narrow.data =
            BTreeMap::from([("order".to_owned(), String::new()), ("shop".to_owned(), "7".to_owned())]);
        let filter = Filter::of(&narrow).unwrap();
        let has = |pairs: &[(&str, &str)]| {
            let data = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            filter.fits(Matter { data: Some(&data), ..matter("call.ended") })
        };
        assert!(filter.asks_for_data() && has(&[("order", "12"), ("shop", "7")]));
        assert!(!has(&[("order", "12"), ("shop", "8")]) && !has(&[("shop", "7")]));
        assert!(!filter.fits(matter("call.ended")), "without data nothing is known to fit");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        for bad in ["", "call", "call.", ".*", "call.**", "tieline.call.ended", "Call.ended", "call. ended"] {
            let error = Filter::of(&settings(&["*", bad])).unwrap_err();
            assert_eq!(error.pointer, "/types/1", "{bad}");
        }
        assert_eq!(Filter::of(&settings(&[])).unwrap_err().pointer, "/types");
    }
}
