//! Frames of the stream, subprotocol `tieline.v1`: one JSON object per text frame, told apart by `op`.
//!
//! ```text
//! client: hello ──▶                                        server: welcome, then resumed | reset + snapshot …
//! client: subscribe{topics} ──▶                            server: subscribed | problem, then event … event,
//!                                                          view (whole, then what changed),
//!                                                          unsaved while the journal fails (no cursor, comes again)
//! client: command{ref, name, args} ──▶                     server: ack{ref, command | agent} | problem{ref}
//! client: pop_shown, pop_opened, pop_dismiss ──▶           server: lease, pop{action, pop, open?}
//! client: ack{cursor}, ping ──▶                            server: ping, pong, unsubscribed, draining
//! ```

use axum::extract::ws::{Message, Utf8Bytes};
use cti_core::ids::PopId;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{Problem, ProblemBody};
use crate::view::CommandView;
use crate::view::agent::AgentView;
use crate::view::pop::{PopPageView, PopView};

/// The versioned name of this protocol.
pub(crate) const SUBPROTOCOL: &str = "tieline.v1";

/// Why the server closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseCode {
    /// The client is done.
    Done = 1000,
    /// The daemon stops.
    GoingAway = 1001,
    /// A frame that is none of the protocol.
    Policy = 1008,
    /// Not signed in, or not any more.
    Unauthenticated = 4401,
    /// The person or token has too many streams already.
    TooMany = 4403,
    /// Nothing heard for too long.
    Idle = 4408,
    /// The client takes events too slowly.
    TooSlow = 4429,
}

impl CloseCode {
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::Done => 1000,
            Self::GoingAway => 1001,
            Self::Policy => 1008,
            Self::Unauthenticated => 4401,
            Self::TooMany => 4403,
            Self::Idle => 4408,
            Self::TooSlow => 4429,
        }
    }
}

/// What a client says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ClientFrame {
    /// The first frame, within five seconds.
    Hello {
        /// Session or machine token; not needed with the cookie.
        #[serde(default)]
        token: Option<String>,
        /// What kind of client it is; for the log.
        #[serde(default)]
        client: Option<Value>,
        /// Where it was before it was cut off.
        #[serde(default)]
        resume: Option<Resume>,
        /// Topics to begin with.
        #[serde(default)]
        topics: Vec<String>,
    },
    /// Wants these topics as well.
    Subscribe {
        /// See `desk/topics.rs`.
        topics: Vec<String>,
    },
    /// Wants these topics no more.
    Unsubscribe {
        /// As they were subscribed.
        topics: Vec<String>,
    },
    /// Gives a command.
    Command {
        /// Chosen by the client; the answer quotes it.
        r#ref: Value,
        /// `make_call`, `set_agent_state`, or a command on a call.
        name: String,
        /// As the body of the REST request, with `call_id` or `agent_id` where that has it in its path.
        #[serde(default)]
        args: Value,
        /// Two commands with the same key are one.
        #[serde(default)]
        idempotency_key: Option<String>,
    },
    /// Everything up to here arrived.
    Ack {
        /// Cursor of an event.
        cursor: u64,
    },
    /// A card was painted.
    PopShown {
        /// Its id.
        #[schema(value_type = String)]
        pop: PopId,
    },
    /// The page of a card was opened, or the browser did not let it.
    PopOpened {
        /// Id of the card.
        #[schema(value_type = String)]
        pop: PopId,
        /// True when it is open.
        ok: bool,
    },
    /// The human put a card away.
    PopDismiss {
        /// Its id.
        #[schema(value_type = String)]
        pop: PopId,
    },
    /// Asks for a pong.
    Ping {},
    /// Answers a ping.
    Pong {},
}

/// The place of a client that was cut off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    /// Cursor of the last event it got.
    pub(crate) cursor: u64,
}

/// What the server says. Events and views are not here: they are serialised once for all
/// clients.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum ServerFrame<'a> {
    /// The client is known.
    Welcome {
        /// Names this connection in the log.
        session: &'a str,
        /// How often the server pings.
        heartbeat_ms: u64,
        /// Engine time.
        #[schema(value_type = String, format = DateTime)]
        server_time: Timestamp,
        /// Newest event.
        cursor: u64,
        /// Oldest cursor that can be resumed from.
        oldest_cursor: u64,
        /// What this server can do.
        capabilities: &'a [&'a str],
        /// `leader`: this node owns the switch links.
        role: &'a str,
        /// Rights of the client.
        rights: Vec<&'a str>,
    },
    /// Events after `from` follow; none was lost.
    Resumed {
        /// Cursor of the client.
        from: u64,
        /// Newest event.
        to: u64,
    },
    /// The client must forget what it knows; a new picture follows, and events after `cursor`.
    Reset {
        /// The picture is of this moment.
        cursor: u64,
        /// `fresh`, `cursor_too_old`, `stale_cursor`, `too_slow`, `rights_changed`.
        reason: &'a str,
    },
    /// A part of the picture.
    Snapshot {
        /// `calls`, `queues`, `agents`, `offers`, `devices`, `links`.
        part: &'a str,
        /// The picture is of this moment.
        cursor: u64,
        /// As the REST lists show them.
        items: Vec<Value>,
        /// True on the last frame of the picture.
        last: bool,
    },
    /// These topics are heard now.
    Subscribed {
        /// All topics of the client.
        topics: Vec<&'a str>,
    },
    /// A topic has ended.
    Unsubscribed {
        /// As it was subscribed.
        topic: &'a str,
        /// Why.
        reason: String,
    },
    /// This desk may open windows, ring and notify from now on, or may not any more.
    Lease {
        /// `granted` or `lost`.
        lease: &'a str,
    },
    /// A card of a call.
    Pop {
        /// `show`, `update`, `retract`.
        action: &'a str,
        /// The card as it is now.
        pop: Box<PopView>,
        /// A page to be opened now; only the desk that holds the lease is told, once per human and call.
        #[serde(skip_serializing_if = "Option::is_none")]
        open: Option<PopPageView>,
    },
    /// The command is on its way, or what was wanted is so already.
    Ack {
        /// As the client chose it.
        r#ref: Value,
        /// The command, where a switch had to be asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        command: Option<Box<CommandView>>,
        /// The agent as it is now, where no switch had to be asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<Box<AgentView>>,
    },
    /// Something the client asked for cannot be done.
    Problem {
        /// As the client chose it, for a command.
        #[serde(skip_serializing_if = "Option::is_none")]
        r#ref: Option<Value>,
        /// The topic, for a subscription.
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
        /// As in REST.
        problem: ProblemBody,
    },
    /// Asks for a sign of life.
    Ping {
        /// Engine time.
        #[schema(value_type = String, format = DateTime)]
        server_time: Timestamp,
    },
    /// Answers a ping.
    Pong {
        /// Engine time.
        #[schema(value_type = String, format = DateTime)]
        server_time: Timestamp,
    },
    /// The daemon stops; come back with the cursor.
    Draining {
        /// It closes after this time.
        after_ms: u64,
    },
}

impl ServerFrame<'_> {
    /// As a text frame.
    pub(crate) fn message(&self) -> Message {
        let text = serde_json::to_string(self).unwrap_or_default();
        Message::Text(Utf8Bytes::from(text))
    }
}

/// A problem frame.
pub(crate) fn problem<'a>(
    reference: Option<Value>,
    topic: Option<&'a str>,
    problem: &Problem,
    session: &str,
) -> ServerFrame<'a> {
    ServerFrame::Problem { r#ref: reference, topic, problem: problem.body("/v1/stream", session) }
}
