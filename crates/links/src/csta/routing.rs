//! Route points: the switch asks where a call shall go, and a fixed target answers (ECMA-269 §20).
//!
//! Calls that we distribute ourselves are not answered here: `holding` knows who waits at their points.
//!
//! Every question is answered at once, so the reply time-out of the switch never counts. What has no target here is
//! given back: the switch then does what its own plan says.

use std::collections::{BTreeMap, BTreeSet};

use csta::model::{DeviceId, Octets, Party, Request, Response, decoration};
use csta::session::{RequestId, Settled};

/// The dialogues of one link.
#[derive(Debug, Default)]
pub struct Router {
    /// Targets by route point.
    targets: BTreeMap<String, String>,
    /// All route points that ask us, those without a target too: the translator answers for them.
    points: Vec<String>,
    /// Registrations that are asked for, with their route point.
    asked: BTreeMap<RequestId, String>,
    /// Dialogues that we answered with a target; the switch ends them.
    open: BTreeSet<Octets>,
}

/// Dialogues that are remembered; a switch that never ends them does not fill the memory.
const OPEN_MAX: usize = 4_096;

impl Router {
    /// Answers with these targets, by route point; registers all these points.
    pub fn new(targets: BTreeMap<String, String>, points: Vec<String>) -> Self {
        Self { targets, points, asked: BTreeMap::new(), open: BTreeSet::new() }
    }

    /// A link serves: what to register, each with its route point. Earlier dialogues went with the earlier link.
    pub fn begin(&mut self) -> Vec<(String, Request)> {
        self.asked.clear();
        self.open.clear();
        let register = |device: &String| {
            (device.clone(), Request::RouteRegister { device: Some(DeviceId::dialing(device.as_str())) })
        };
        self.points.iter().map(register).collect()
    }

    /// A registration is under way.
    pub fn asked(&mut self, id: RequestId, device: String) {
        self.asked.insert(id, device);
    }

    /// The outcome of a registration; the route point and the words of a refusal. None when it was none of ours.
    pub fn settled(&mut self, id: RequestId, outcome: &Settled) -> Option<(String, Option<String>)> {
        let device = self.asked.remove(&id)?;
        let refusal = match outcome {
            Settled::Done(Response::RouteRegister { .. } | Response::Ack { .. }) => None,
            Settled::Done(other) => Some(format!("the answer {other:?} belongs to another service")),
            Settled::Refused(fault) => Some(fault.to_string()),
            Settled::Unknown { why } => Some((*why).to_owned()),
            Settled::NeverSent { why } => Some(why.clone()),
        };
        Some((device, refusal))
    }

    /// The answer to what the switch asks; none where nothing is due.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other service belongs to a dialogue")]
    pub fn answer(&mut self, request: &Request) -> Option<Request> {
        match request {
            Request::RouteRequest { cross_ref, register, current, routeing_device, .. } => {
                let (cross_ref, register) = (cross_ref.clone(), register.clone());
                let target =
                    routeing_device.iter().chain([current]).filter_map(Party::device).find_map(|point| {
                        self.targets.get(decoration(&point.text).identity.split(':').next()?)
                    });
                let Some(target) = target else {
                    return Some(Request::RouteEnd { cross_ref, register, fault: None });
                };
                let route = DeviceId::dialing(target.as_str());
                if self.open.len() < OPEN_MAX {
                    self.open.insert(cross_ref.clone());
                }
                Some(Request::RouteSelect { cross_ref, register, route, route_used: false })
            }
            // The only target there is did not take the call.
            Request::ReRoute { cross_ref, register, .. } => {
                let (cross_ref, register) = (cross_ref.clone(), register.clone());
                self.open.remove(&cross_ref);
                Some(Request::RouteEnd { cross_ref, register, fault: None })
            }
            // Also one that we never saw (quirk 24).
            Request::RouteEnd { cross_ref, .. } => {
                self.open.remove(cross_ref);
                None
            }
            _ => None,
        }
    }

    /// Calls that were given a target and whose dialogue the switch has not ended.
    pub fn open(&self) -> usize {
        self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use csta::dialect;
    use csta::model::{Fault, FaultCategory};
    use csta::session::{Config, Session};

    fn router() -> Router {
        Router::new([("650".to_owned(), "1003".to_owned())].into(), vec!["650".to_owned()])
    }

    fn question(cross_ref: &str, current: &str, point: Option<&str>) -> Request {
        let party = |text: &str| Party::Device(DeviceId::dialing(text));
        Request::RouteRequest {
            cross_ref: Octets::from(cross_ref),
            register: Some(Octets::from("reg1")),
            current: party(current),
            calling: None,
            routeing_device: point.map(party),
            call: None,
            reply_timeout_ms: Some(3_000),
            correlator: None,
            linkage: None,
        }
    }

    fn to(answer: Option<Request>) -> String {
        match answer {
            Some(Request::RouteSelect { cross_ref, register, route, route_used: false }) => {
                assert_eq!(register, Some(Octets::from("reg1")));
                format!("{} to {}", cross_ref.as_text().unwrap(), route.text)
            }
            Some(Request::RouteEnd { cross_ref, fault: None, .. }) => {
                format!("{} back", cross_ref.as_text().unwrap())
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_question_is_answered_with_the_target_of_its_route_point_or_given_back() {
        let mut router = router();
        let table = [
            (question("r1", "650", Some("650")), "r1 to 1003"),
            // Some switches name the route point only as the number that the call goes to now.
            (question("r2", "650", None), "r2 to 1003"),
            (question("r3", "420555000650", Some("650")), "r3 to 1003"),
            (question("r4", "N<650>Hotline", None), "r4 to 1003"),
            (question("r5", "651", Some("651")), "r5 back"),
        ];
        for (request, wanted) in table {
            assert_eq!(to(router.answer(&request)), wanted, "{request:?}");
        }
        assert_eq!(router.open(), 4);
    }

    #[test]
    fn a_target_that_does_not_take_the_call_gives_it_back_and_ends_are_heard() {
        let mut router = router();
        router.answer(&question("r1", "650", None));
        router.answer(&question("r2", "650", None));
        let (cross_ref, register) = (Octets::from("r1"), Some(Octets::from("reg1")));
        let again = Request::ReRoute { cross_ref, register, reply_timeout_ms: None };
        assert_eq!(to(router.answer(&again)), "r1 back");
        for cross_ref in ["r2", "never seen"] {
            let end = Request::RouteEnd { cross_ref: cross_ref.into(), register: None, fault: None };
            assert_eq!(router.answer(&end), None);
        }
        assert_eq!(router.open(), 0);
    }

    #[test]
    fn every_route_point_is_registered_on_every_link_and_a_refusal_is_told() {
        let mut router = router();
        let dialect = *dialect::named("ecma-323").unwrap();
        let mut session = Session::new(Config::new(dialect), Duration::ZERO);
        for _link in 0..2 {
            let begun = router.begin();
            let [(device, Request::RouteRegister { device: Some(asked) })] = begun.as_slice() else {
                panic!("{begun:?}")
            };
            assert_eq!((device.as_str(), &*asked.text), ("650", "650"));
            let id = session.submit(Duration::ZERO, begun[0].1.clone());
            router.asked(id, device.clone());
            let fault = Fault::Failure { category: FaultCategory::Operation, code: 12, word: "x".to_owned() };
            let (device, refusal) = router.settled(id, &Settled::Refused(fault)).unwrap();
            assert!(device == "650" && refusal.is_some());
            assert_eq!(router.settled(id, &Settled::Unknown { why: "late" }), None);
        }
    }
}
