//! Which classes an action needs, one of them is enough; what no list names is unknown here.

/// Action, as Asterisk writes it, and the classes of which one allows it.
pub(super) const ACTIONS: &[(&str, &[&str])] = &[
    ("AbsoluteTimeout", &["system", "call"]),
    ("AGI", &["agi"]),
    ("BlindTransfer", &["call"]),
    ("Bridge", &["call"]),
    ("BridgeList", &[]),
    ("CoreSettings", &["system", "reporting"]),
    ("CoreShowChannels", &["system", "reporting"]),
    ("CoreStatus", &["system", "reporting"]),
    ("DeviceStateList", &["call", "reporting"]),
    ("Events", &[]),
    ("ExtensionStateList", &["call", "reporting"]),
    ("Filter", &["system"]),
    ("Getvar", &["call", "reporting"]),
    ("Hangup", &["system", "call"]),
    ("ListCommands", &[]),
    ("Logoff", &[]),
    ("Originate", &["originate"]),
    ("Park", &["call"]),
    ("ParkedCalls", &["call"]),
    ("Ping", &[]),
    ("PJSIPNotify", &["system"]),
    ("PJSIPShowContacts", &["system"]),
    ("PJSIPShowEndpoints", &["system"]),
    ("QueueAdd", &["agent"]),
    ("QueuePause", &["agent"]),
    ("QueueRemove", &["agent"]),
    ("QueueStatus", &[]),
    ("Redirect", &["call"]),
    ("Setvar", &["call"]),
    ("UserEvent", &["user"]),
];

/// The classes that allow an action, by its name in small letters; none when there is no such action.
pub(super) fn of(action: &str) -> Option<&'static [&'static str]> {
    ACTIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(action)).map(|(_, classes)| *classes)
}
