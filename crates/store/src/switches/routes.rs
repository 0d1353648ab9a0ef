//! Numbers of a switch that lead to another one of ours.

use serde::{Deserialize, Serialize};

use super::SwitchProblem;

/// Routes that a switch may have.
const ROUTES_MAX: usize = 100;
/// Longest prefix.
const PREFIX_MAX: usize = 8;

/// Numbers with this prefix lead to another switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchRoute {
    /// Id of the other switch.
    pub to: String,
    /// What is dialled before the number of the other switch.
    pub prefix: String,
    /// The number that the other switch sees as the caller; the caller's own when none.
    #[serde(default)]
    pub caller_id: Option<String>,
}

/// Everything that is wrong with the routes of switch `own`; `is_known` tells whether there is a switch of an id.
pub fn switch_route_problems(
    routes: &[SwitchRoute],
    own: &str,
    is_known: impl Fn(&str) -> bool,
) -> Vec<SwitchProblem> {
    let mut found = Vec::new();
    let mut wrong = |at: usize, field: &str, problem: String, fix: &str| {
        found.push(SwitchProblem::new(&format!("routes/{at}/{field}"), problem, fix));
    };
    for (at, route) in routes.iter().enumerate() {
        if route.to == own {
            let fix = "name the switch at the other end of the line";
            wrong(at, "to", "is this switch itself".to_owned(), fix);
        } else if !is_known(&route.to) {
            let shown: String = route.to.chars().take(40).collect();
            let fix = "name a switch that is defined, by its id; define it first";
            wrong(at, "to", format!("\"{shown}\" is no switch of ours"), fix);
        }
        let is_dialled = |text: &str| text.bytes().all(|one| one.is_ascii_digit() || b"*#".contains(&one));
        if route.prefix.is_empty() || route.prefix.len() > PREFIX_MAX || !is_dialled(&route.prefix) {
            let shown: String = route.prefix.chars().take(40).collect();
            let fix = "write 1 to 8 digits, for example \"8\"";
            wrong(at, "prefix", format!("\"{shown}\" is no prefix"), fix);
        } else if routes.iter().take(at).any(|earlier| earlier.prefix == route.prefix) {
            let problem = format!("\"{}\" is the prefix of an earlier route too", route.prefix);
            wrong(at, "prefix", problem, "give each route a prefix of its own");
        }
        let is_number = |text: &str| {
            let digits = text.strip_prefix('+').unwrap_or(text);
            (1..=32).contains(&digits.len()) && digits.bytes().all(|one| one.is_ascii_digit())
        };
        if route.caller_id.as_deref().is_some_and(|number| !is_number(number)) {
            let fix = "write the digits that the other switch shows, for example \"+420555000100\"";
            wrong(at, "caller_id", "is no number".to_owned(), fix);
        }
    }
    if routes.len() > ROUTES_MAX {
        found.push(SwitchProblem::new("routes", "are too many", "name at most 100"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: TEL-04
    #[test]
    fn what_is_wrong_with_a_route_is_named_where_it_stands() {
        let route = |to: &str, prefix: &str, caller_id: Option<&str>| SwitchRoute {
            to: to.to_owned(),
            prefix: prefix.to_owned(),
            caller_id: caller_id.map(str::to_owned),
        };
        let known = |id: &str| ["praha", "mitel"].contains(&id);
        let good = [route("mitel", "8", Some("+420555000100")), route("mitel", "*7", None)];
        assert_eq!(switch_route_problems(&good, "praha", known), []);
        let bad = [
            route("praha", "8", None),
            route("brno", "8", None),
            route("mitel", "", Some("x")),
            route("mitel", "8a", None),
        ];
        let found = switch_route_problems(&bad, "praha", known);
        let fields: Vec<&str> = found.iter().map(|one| one.field.as_str()).collect();
        let wanted = [
            "routes/0/to",
            "routes/1/to",
            "routes/1/prefix",
            "routes/2/prefix",
            "routes/2/caller_id",
            "routes/3/prefix",
        ];
        assert_eq!(fields, wanted);
        let many = vec![route("mitel", "8", None); ROUTES_MAX + 1];
        assert!(switch_route_problems(&many, "praha", known).iter().any(|one| one.field == "routes"));
    }
}
