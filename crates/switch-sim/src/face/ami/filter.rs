//! Event filters of a session: the legacy form as plain text, the advanced form by name.
//!
//! A real Asterisk takes regular expressions; here a pattern is text that the event must contain, with `|` between
//! alternatives in one pair of brackets. What is not understood filters nothing, so that no event is missed.

use ami::Message;

/// What is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    /// Excluded names; empty when the filter was not understood.
    names: Vec<String>,
}

impl Filter {
    /// Reads the action `Filter`.
    pub(super) fn read(message: &Message) -> Self {
        if let Some(criteria) = message.get("MatchCriteria") {
            let is_exclude = criteria.contains("action(exclude)");
            let names = inside(criteria, "name(").filter(|_| is_exclude && !criteria.contains("header("));
            return Self { names: names.map(str::to_owned).into_iter().collect() };
        }
        let text = message.get("Filter").unwrap_or_default();
        let excluded = text.strip_prefix("!Event:").map(str::trim).unwrap_or_default();
        let names = excluded.trim_start_matches('(').trim_end_matches(')').trim_end_matches('$');
        let plain = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Self { names: names.split('|').filter(plain).map(str::to_owned).collect() }
    }
}

fn inside<'a>(text: &'a str, open: &str) -> Option<&'a str> {
    let rest = text.split_once(open)?.1;
    rest.split_once(')').map(|(value, _)| value)
}

/// Tells whether a session gets this event.
pub(super) fn passes(filters: &[Filter], message: &Message) -> bool {
    let name = message.event_name().unwrap_or_default();
    !filters.iter().any(|filter| filter.names.iter().any(|one| one == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(header: &str) -> Filter {
        Filter::read(&Message::parse(format!("Action: Filter\r\n{header}\r\n\r\n").as_bytes()).unwrap())
    }

    #[test]
    fn events_are_left_out_by_name_in_both_forms() {
        let event = Message::parse(b"Event: VarSet\r\nVariable: X\r\n\r\n").unwrap();
        assert!(!passes(&[filter("Filter: !Event: (VarSet|Newexten)")], &event));
        assert!(!passes(&[filter("MatchCriteria: action(exclude),name(VarSet),method(none)")], &event));
        let partly = "MatchCriteria: action(exclude),name(VarSet),header(Variable),method(starts_with)";
        assert!(passes(&[filter(partly)], &event));
        assert!(passes(&[filter("Filter: Event: ([^V]|V[^a])")], &event));
    }
}
