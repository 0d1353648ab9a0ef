//! Which rule counts for a call.

use cti_core::fact::Direction;
use cti_core::ids::QueueId;
use store::{PopRule, RuleDirection, RuleScope};

/// What a rule is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Which way the call goes.
    pub direction: Direction,
    /// True when it comes to the human.
    pub inbound: bool,
    /// The queue it waits in.
    pub queue: Option<QueueId>,
}

/// The first rule in use that fits; else why no page is opened: `internal` when only the scope was in the way, `no_rule`
/// otherwise.
pub fn choose<'r>(rules: &'r [PopRule], asked: &Asked) -> Result<&'r PopRule, &'static str> {
    let fits = |rule: &&PopRule| {
        let kept = &rule.kept;
        let direction = match kept.direction {
            RuleDirection::Inbound => asked.inbound,
            RuleDirection::Outbound => !asked.inbound,
            RuleDirection::Both => true,
        };
        kept.active && direction && kept.queue.is_none_or(|queue| asked.queue == Some(queue))
    };
    let in_scope = |rule: &&PopRule| match rule.kept.scope {
        RuleScope::External => asked.direction != Direction::Internal,
        RuleScope::Internal => asked.direction == Direction::Internal,
        RuleScope::Both => true,
    };
    let mut fitting = rules.iter().filter(fits).peekable();
    let is_any = fitting.peek().is_some();
    let reason = match asked.direction {
        Direction::Internal if is_any => "internal",
        Direction::Inbound | Direction::Outbound if is_any => "scope",
        Direction::Internal | Direction::Inbound | Direction::Outbound => "no_rule",
    };
    fitting.find(in_scope).ok_or(reason)
}
