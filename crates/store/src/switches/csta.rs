//! What a CSTA switch needs beyond what every switch has.

use serde::{Deserialize, Serialize};

use super::SwitchProblem;

/// Queues that may be named.
const QUEUES_MAX: usize = 1_000;
/// Ranges of stations that may be named.
const STATIONS_MAX: usize = 1_000;
/// Longest wrap-up, seconds.
const WRAP_UP_MAX_S: u64 = 3_600;

/// How a CSTA switch speaks, and which of its devices are followed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CstaSettings {
    /// Name of the dialect; the standard's when none.
    #[serde(default)]
    pub dialect: Option<String>,
    /// Framing, where the dialect lets choose.
    #[serde(default)]
    pub framing: Option<String>,
    /// Phase of ASN.1, where the dialect lets choose.
    #[serde(default)]
    pub phase: Option<u8>,
    /// Start of the session, where the dialect lets choose.
    #[serde(default)]
    pub session: Option<String>,
    /// Avaya: name of the switch behind the server.
    #[serde(default)]
    pub switch_name: String,
    /// Numbers and ranges of phones that are followed beside those of people, for example `1001-1020`.
    #[serde(default)]
    pub stations: Vec<String>,
    /// Queues of the switch.
    #[serde(default)]
    pub queues: Vec<CstaQueue>,
    /// Route points whose calls we route.
    #[serde(default)]
    pub route_points: Vec<CstaRoutePoint>,
}

/// A route point or pilot of a CSTA switch: we say where its calls shall go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CstaRoutePoint {
    /// Its number.
    pub device: String,
    /// The number its calls go to; none where we distribute them ourselves.
    #[serde(default)]
    pub target: Option<String>,
    /// How the switch holds its calls for us; the usual way of the dialect when none.
    #[serde(default)]
    pub held_by: Option<String>,
}

/// A queue of a CSTA switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CstaQueue {
    /// Its number.
    pub number: String,
    /// Name shown to people; the number when none.
    #[serde(default)]
    pub name: Option<String>,
    /// Wrap-up that the switch gives after each call, seconds.
    #[serde(default)]
    pub wrap_up_s: u64,
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Everything that is wrong with the route points of a switch.
pub fn route_point_problems(points: &[CstaRoutePoint]) -> Vec<SwitchProblem> {
    let mut found = Vec::new();
    let mut wrong = |at: usize, field: &str, problem: String, fix: &str| {
        found.push(SwitchProblem::new(&format!("csta/route_points/{at}/{field}"), problem, fix));
    };
    let target = |device: &str| points.iter().find(|one| one.device == device)?.target.as_deref();
    for (at, point) in points.iter().enumerate() {
        let numbers = point.target.iter().map(|target| ("target", target));
        for (field, number) in [("device", &point.device)].into_iter().chain(numbers) {
            if !is_number(number) {
                let shown: String = number.chars().take(40).collect();
                wrong(at, field, format!("\"{shown}\" is no number"), "write digits, for example \"800\"");
            }
        }
        if points.iter().take(at).any(|earlier| earlier.device == point.device) {
            let problem = format!("\"{}\" is an earlier route point too", point.device);
            wrong(at, "device", problem, "name each route point once");
        }
        if point.target.is_some() && point.held_by.is_some() {
            let fix = "leave out the target, so that the calls are distributed, or this";
            wrong(at, "held_by", "stands beside a target".into(), fix);
        }
        // A call would be sent round for ever.
        let mut way = std::iter::successors(point.target.as_deref(), |at| target(at)).take(points.len());
        if way.any(|at| at == point.device) {
            let problem = format!("leads back to \"{}\"", point.device);
            wrong(at, "target", problem, "name a phone, a group or another device where calls end");
        }
    }
    found
}

impl CstaSettings {
    /// What is wrong with them, whatever the dialect; whether the choice of dialect makes sense says the daemon.
    pub(super) fn problems(&self) -> Vec<SwitchProblem> {
        let mut found = Vec::new();
        for (at, queue) in self.queues.iter().enumerate() {
            if !is_number(&queue.number) {
                let field = format!("csta/queues/{at}/number");
                let fix = "write digits, for example \"600\"";
                found.push(SwitchProblem::new(&field, "is no number", fix));
            }
            if queue.wrap_up_s > WRAP_UP_MAX_S {
                let field = format!("csta/queues/{at}/wrap_up_s");
                let problem = format!("is {}", queue.wrap_up_s);
                found.push(SwitchProblem::new(&field, problem, "choose a whole number from 0 to 3600"));
            }
        }
        found.extend(route_point_problems(&self.route_points));
        let is_range = |text: &String| match text.split_once('-') {
            None => is_number(text),
            Some((from, to)) => is_number(from) && is_number(to) && from.len() == to.len() && from <= to,
        };
        if let Some(at) = self.stations.iter().position(|range| !is_range(range)) {
            let field = format!("csta/stations/{at}");
            found.push(SwitchProblem::new(
                &field,
                "is no number or range",
                "write \"1001\" or \"1001-1020\"",
            ));
        }
        if self.queues.len().max(self.route_points.len()) > QUEUES_MAX || self.stations.len() > STATIONS_MAX {
            found.push(SwitchProblem::new(
                "csta",
                "names too many devices",
                "name at most 1000 queues and ranges",
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_followed_is_named() {
        let good =
            CstaSettings { stations: vec!["1001-1020".into(), "1105".into()], ..CstaSettings::default() };
        assert_eq!(good.problems(), []);
        let queues = vec![CstaQueue { number: "6O0".into(), name: None, wrap_up_s: 4_000 }];
        let point = |device: &str, target: Option<&str>| CstaRoutePoint {
            device: device.into(),
            target: target.map(Into::into),
            held_by: Some("route_loop".into()),
        };
        let route_points = vec![point("800", None), point("800", None), point("", Some("x"))];
        let bad = CstaSettings { stations: vec!["1020-1001".into()], queues, route_points, ..good };
        let fields: Vec<_> = bad.problems().into_iter().map(|problem| problem.field).collect();
        let wanted = [
            "csta/queues/0/number",
            "csta/queues/0/wrap_up_s",
            "csta/route_points/1/device",
            "csta/route_points/2/device",
            "csta/route_points/2/target",
            "csta/route_points/2/held_by",
            "csta/stations/0",
        ];
        assert_eq!(fields, wanted);
    }

    #[test]
    fn route_points_that_send_a_call_round_are_named() {
        let points = |all: &[(&str, &str)]| -> Vec<CstaRoutePoint> {
            let point = |(device, target): &(&str, &str)| CstaRoutePoint {
                device: (*device).into(),
                target: Some((*target).into()),
                held_by: None,
            };
            all.iter().map(point).collect()
        };
        let fields = |all: &[(&str, &str)]| -> Vec<String> {
            route_point_problems(&points(all)).into_iter().map(|problem| problem.field).collect()
        };
        assert_eq!(fields(&[("800", "801"), ("801", "600")]), [""; 0]);
        assert_eq!(fields(&[("800", "800")]), ["csta/route_points/0/target"]);
        let round = [("800", "801"), ("801", "802"), ("802", "800"), ("803", "800")];
        let wanted = [0, 1, 2].map(|at| format!("csta/route_points/{at}/target"));
        assert_eq!(fields(&round), wanted);
    }
}
