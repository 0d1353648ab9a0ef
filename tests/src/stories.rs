//! The stories of architecture §4 as people play them on a real switch.
//!
//! Each is a function of the trade; every step waits for the phone's or the switch's own event. The same functions
//! record the traces and drive the live tests. Letters behind a number are variants: `S08-desk` is S08 done from the
//! desk instead of the phone.

use crate::lab::Lab;
use crate::{Result, Trouble};

mod calls;
mod colleagues;
mod owned;
mod queues;
mod transfers;

pub use calls::customer_talks_to_alice;

/// A story that can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Story {
    /// `S01`, `S05b`, `S08-desk`, …
    pub id: &'static str,
    /// What happens, in one line.
    pub title: &'static str,
}

const fn story(id: &'static str, title: &'static str) -> Story {
    Story { id, title }
}

/// All stories, in the order they are recorded.
pub const ALL: &[Story] = &[
    story("S01", "internal call, answered, the caller clears"),
    story("S01b", "internal call, answered, the called side clears"),
    story("S02", "outside call to a direct number, answered"),
    story("S02b", "call to the outside, answered"),
    story("S03", "click-to-dial: own phone rings, then the target"),
    story("S04", "the caller gives up while the phone rings"),
    story("S05", "the called phone rejects as busy"),
    story("S05b", "the number does not exist"),
    story("S05c", "the number is barred"),
    story("S06", "no answer, forwarded to another phone"),
    story("S06b", "no answer, to voice mail"),
    story("S07", "hold and retrieve at the phone"),
    story("S08", "consult, then transfer, at the phone"),
    story("S08-code", "consult, then transfer, by feature code"),
    story("S08-desk", "consult, then transfer, from the desk through the include file"),
    story("S08-ring", "transfer to a consultation that still rings"),
    story("S09", "consult, alternate, back to the caller"),
    story("S09-desk", "consult, then back to the caller, from the desk"),
    story("S10", "blind transfer at the phone, answered"),
    story("S10-desk", "blind transfer from the desk, answered"),
    story("S11", "blind transfer not answered, returns"),
    story("S12", "three-party conference from the desk, members leave one by one"),
    story("S12b", "conference of an agent and two customers, the agent leaves"),
    story("S13", "queue: wait, ring, answer, wrap-up"),
    story("S14", "queue: the caller gives up waiting"),
    story("S14b", "queue: the caller gives up while an agent's phone rings"),
    story("S15", "queue: one agent does not answer, the next does"),
    story("S16", "queue: time-out, overflow to another queue"),
    story("S17", "ring-all queue: one answers, the others retract"),
    story("S18", "a colleague picks up the call that rings at one phone"),
    story("S18b", "a colleague of the group picks up whatever rings"),
    story("S19", "forwarded at once to another phone"),
    story("S19-phone", "forwarded at once to another phone, by the called phone itself"),
    story("S19b", "forwarded to another phone while busy"),
    story("S19c", "forwarded to another phone when nobody answers"),
    story("S19d", "the called phone is not to be disturbed"),
    story("S19e", "forwarded at once to a number outside"),
    story("S20", "park and retrieve"),
    story("S21", "both phones of one person ring, one answers"),
    story("S22", "an agent signs in, pauses, unpauses and signs out by phone code"),
    story("S22-desk", "an agent signs in, pauses, unpauses and signs out from the desk"),
    story("S23", "a supervisor listens, whispers, joins in"),
    story("S24", "the link starts while a call talks and another waits in a queue"),
    story("S27", "a second call knocks at a busy phone"),
    story("S28", "blind transfer into a queue"),
    story("S28b", "consult with a queue and transfer while it plays music"),
    story("S29", "direct number through a Local channel that is optimised away"),
    story("S29b", "direct number through a Local channel that stays"),
    story("S29c", "queue with Local members"),
    story("S30", "a recorded call, recording paused and resumed"),
];

/// Stories of queues that Tieline owns. What the desk does in them, the daemon does by itself: they are recorded, not
/// played beside it.
pub const OWNED: &[Story] = &[
    story("own-answered", "a caller waits for us, an agent rings and answers"),
    story("own-next", "one agent does not answer, one rejects, one is not there, the next answers"),
    story("own-ring-all", "three agents ring, one answers"),
    story("own-withdrawn", "the ringing of an agent is taken back"),
    story("own-gives-up", "callers give up waiting and while an agent rings"),
    story("own-key", "a caller hears announcements and presses a key"),
    story("own-sent-on", "callers are sent to an extension and to the fallback"),
    story("own-away", "nobody puts off the limit: the caller goes to the fallback"),
    story("own-transfer", "blind transfer into a queue of ours"),
    story("own-consult", "consult with a queue of ours and transfer"),
    story("own-late", "the link starts while a caller waits and an agent rings for another"),
];

/// Finds a story by its id.
pub fn find(id: &str) -> Option<Story> {
    ALL.iter().chain(OWNED).copied().find(|story| story.id == id)
}

/// Plays a story to its end; all calls are over when this returns, though the switch may still be tidying up
/// ([`Lab::quiet`]).
pub async fn play(story: Story, lab: &mut Lab) -> Result<()> {
    match story.id {
        "S01" => calls::internal_caller_clears(lab).await,
        "S01b" => calls::internal_called_clears(lab).await,
        "S02" => calls::from_outside(lab).await,
        "S02b" => calls::to_outside(lab).await,
        "S03" => calls::click_to_dial(lab).await,
        "S04" => calls::caller_gives_up(lab).await,
        "S05" => calls::busy(lab).await,
        "S05b" => calls::no_such_number(lab).await,
        "S05c" => calls::barred(lab).await,
        "S06" => calls::forwarded(lab).await,
        "S06b" => calls::voice_mail(lab).await,
        "S07" => calls::hold_and_retrieve(lab).await,
        "S08" => transfers::attended(lab).await,
        "S08-code" => transfers::attended_by_code(lab).await,
        "S08-desk" => transfers::attended_from_desk(lab).await,
        "S08-ring" => transfers::attended_while_ringing(lab).await,
        "S09" => transfers::alternate(lab).await,
        "S09-desk" => transfers::back_to_caller_from_desk(lab).await,
        "S10" => transfers::blind(lab).await,
        "S10-desk" => transfers::blind_from_desk(lab).await,
        "S11" => transfers::blind_returns(lab).await,
        "S12" => transfers::conference(lab).await,
        "S12b" => transfers::conference_of_two_customers(lab).await,
        "S13" => queues::answered(lab).await,
        "S14" => queues::gives_up_waiting(lab).await,
        "S14b" => queues::gives_up_ringing(lab).await,
        "S15" => queues::next_agent(lab).await,
        "S16" => queues::overflow(lab).await,
        "S17" => queues::ring_all(lab).await,
        "S18" => colleagues::picked_up(lab).await,
        "S18b" => colleagues::picked_up_in_group(lab).await,
        "S19" => colleagues::forwarded_at_once(lab).await,
        "S19-phone" => colleagues::forwarded_by_the_phone(lab).await,
        "S19b" => colleagues::forwarded_while_busy(lab).await,
        "S19c" => colleagues::forwarded_unanswered(lab).await,
        "S19d" => colleagues::not_disturbed(lab).await,
        "S19e" => colleagues::forwarded_outside(lab).await,
        "S20" => transfers::park_and_retrieve(lab).await,
        "S21" => colleagues::two_phones(lab).await,
        "S22" => queues::agent_by_code(lab).await,
        "S22-desk" => queues::agent_from_desk(lab).await,
        "S23" => colleagues::listened_to(lab).await,
        "S24" => queues::link_starts_late(lab).await,
        "S27" => colleagues::knocked_at(lab).await,
        "S28" => queues::transfer_into_queue(lab).await,
        "S28b" => queues::consult_queue(lab).await,
        "S29" => calls::through_local(lab, "610").await,
        "S29b" => calls::through_local(lab, "611").await,
        "S29c" => queues::local_members(lab).await,
        "S30" => colleagues::recorded(lab).await,
        "own-answered" => owned::answered(lab).await,
        "own-next" => owned::next_agents(lab).await,
        "own-ring-all" => owned::ring_all(lab).await,
        "own-withdrawn" => owned::withdrawn(lab).await,
        "own-gives-up" => owned::gives_up(lab).await,
        "own-key" => owned::key_pressed(lab).await,
        "own-sent-on" => owned::sent_on(lab).await,
        "own-away" => owned::nobody_there(lab).await,
        "own-transfer" => owned::transferred_into(lab).await,
        "own-consult" => owned::consulted(lab).await,
        "own-late" => owned::link_starts_late(lab).await,
        other => Err(Trouble::new(format!("story {other} cannot be played yet"))),
    }
}

/// No caller is forgotten in the include file's hold: the agent hangs up, or nobody does anything.
pub async fn held_callers_come_back(lab: &mut Lab) -> Result<()> {
    lab.begin().await?;
    transfers::agent_leaves_held_caller(lab).await?;
    lab.quiet().await?;
    lab.begin().await?;
    transfers::held_caller_is_forgotten(lab).await?;
    lab.quiet().await
}

/// The outside number that leads to a phone (`1001` → `420555000101`) or to a service (`600` → `420555000600`).
pub(crate) fn direct(extension: &str) -> String {
    match extension.strip_prefix("10") {
        Some(last_two) if extension.len() == 4 => format!("4205550001{last_two}"),
        _ => format!("420555000{extension}"),
    }
}
