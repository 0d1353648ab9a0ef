//! Topics a client names: `agent:me`, `queue:*`, `call:mine`, `call:call_…`, `device:*`, `*`, `view:calls`, ….

use cti_core::ids::UserId;

use crate::desk::sight::EventSight;
use crate::desk::views::{self, Part};
use crate::log::Topic;

/// Most topics of one client.
pub(crate) const TOPICS_MAX: usize = 500;

/// Cards of the signed-in person.
pub(crate) const POPS: &str = "pop:me";

/// Reads a topic; the words say what is wrong with it, or that it is not for this caller.
pub(crate) fn read(text: &str, me: Option<UserId>, sight: &EventSight) -> Result<Vec<Topic>, String> {
    if text == "*" {
        return Ok(vec![Topic::Everything]);
    }
    let (area, which) = text
        .split_once(':')
        .ok_or_else(|| format!("`{text}` is no topic; write for example `queue:*` or `call:mine`"))?;
    let own = || me.map(Topic::User).ok_or_else(|| format!("`{text}` needs a signed-in person"));
    let areas = |names: &[&str]| names.iter().map(|name| Topic::Area((*name).into())).collect();
    let wrong = |error: &dyn std::fmt::Display| format!("topic `{text}`: {error}");
    if text.starts_with(views::TOPIC) {
        let part = Part::of_topic(text).ok_or_else(|| {
            let names = Part::ALL.map(Part::name).join(", ");
            format!("`{text}` is no view; views are {names}")
        })?;
        if part.is_of_a_person() {
            own()?;
        }
        // A view comes by frames of its own, not as events.
        return Ok(Vec::new());
    }
    Ok(match (area, which) {
        ("agent", "me") | ("call" | "command", "mine") => vec![own()?],
        // Cards come by frames of their own, not as events.
        ("pop", "me") => own().map(|_| Vec::new())?,
        ("call", "*") => areas(&["call", "offer"]),
        ("queue", "*") => areas(&["queue", "offer"]),
        ("link", "*") => areas(&["link", "switch"]),
        ("agent" | "device" | "command" | "config" | "offer", "*") => areas(&[area]),
        ("call", id) => vec![Topic::Call(id.parse().map_err(|error| wrong(&error))?)],
        ("queue", id) => {
            let queue = id.parse().map_err(|error| wrong(&error))?;
            if !sight.sees_queue(queue) {
                return Err(format!("there is no queue `{id}`, or you may not see it"));
            }
            vec![Topic::Queue(queue)]
        }
        ("agent", id) => vec![Topic::Agent(id.parse().map_err(|error| wrong(&error))?)],
        ("device", id) => vec![Topic::Device(id.parse().map_err(|error| wrong(&error))?)],
        _ => {
            return Err(format!(
                "`{text}` is no topic; areas are agent, call, command, config, device, link, offer, pop, queue, view"
            ));
        }
    })
}
