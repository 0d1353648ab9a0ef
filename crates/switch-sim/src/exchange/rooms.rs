//! Conferences that phones make of their calls.

use csta::model::{ConnectionState, EventCause};

use super::bridges::Leaving;
use super::channel::Doing;
use super::desk::At;
use super::dials::Kind;
use super::{ChanId, Exchange, Originate, Place};
use crate::plan::Target;

/// Context of the include file in which a channel joins a room.
const CONFERENCE: &str = "tieline-conference";
/// How the rooms of phones begin: unlike those of the dialplan they end with their last but one.
const OWN_ROOM: &str = "00";
/// How long who is asked along rings, seconds.
const INVITE_S: u32 = 20;

impl Exchange {
    /// Takes pairs apart and brings all of these into a new room, which is given.
    pub(super) fn mixes(&mut self, pairs: &[(ChanId, ChanId)], all: &[ChanId]) -> String {
        let room = format!("{OWN_ROOM}{}", self.number());
        for (one, other) in pairs {
            let bridge = self.channels.get(one).and_then(|channel| channel.bridge);
            if let Some(bridge) = bridge {
                self.talk_ends(bridge, *one, Leaving::Moves);
            }
            self.leave(*one);
            self.leave(*other);
            if let Some(bridge) = bridge {
                self.destroy_if_empty(bridge);
            }
        }
        for id in all {
            self.place_at(*id, CONFERENCE, &room);
        }
        for id in all {
            self.run(*id);
        }
        room
    }

    /// Calls a phone into a room.
    pub(super) fn invites(&mut self, extension: &str, room: &str, by: &At, cause: EventCause) {
        let order = Originate {
            channel: format!("PJSIP/{extension}"),
            place: Place { context: CONFERENCE.to_owned(), exten: room.to_owned() },
            ring_s: INVITE_S,
            caller_id: Some((by.device.number().to_owned(), String::new())),
            variables: Vec::new(),
            uid: None,
            action_id: String::new(),
        };
        self.book.invited = Some((by.clone(), cause));
        let kind = Kind::Origin(Box::new(super::orders::Origin::new(order)));
        self.dial(None, &[(Target::Phone(extension.to_owned()), String::new())], INVITE_S, kind);
        self.book.invited = None;
    }

    /// Who was called into a room rings, as part of the call.
    pub(super) fn invited_rings(&mut self, id: ChanId) -> bool {
        let Some((by, cause)) = self.book.invited.clone() else { return false };
        if let Some(call) = self.call_mut(by.call) {
            call.onward = Some(cause);
        }
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.call = by.call;
            channel.invited_by = Some((by.device, cause));
            channel.is_silent = cause == EventCause::SILENT_PARTICIPATION;
        }
        self.leg_rings(id, None);
        true
    }

    /// He answered: the call is a conference.
    pub(super) fn invited_answers(&mut self, id: ChanId) {
        let by = self.channels.get_mut(&id).and_then(|channel| channel.invited_by.take());
        let (Some((by, cause)), Some(call)) = (by, self.call_of(id)) else { return };
        if self.leg_becomes(id, ConnectionState::Connected).is_some() {
            self.call_widened(call, (by, cause), id);
        }
    }

    /// Somebody left a room of phones: who is left alone there hears nobody, and who only listens is nobody to talk to.
    pub(super) fn room_empties(&mut self, room: &str, members: &[ChanId]) {
        let talks = |id: &&ChanId| self.channels.get(id).is_some_and(|one| !one.is_silent);
        if !room.starts_with(OWN_ROOM) || members.iter().filter(talks).count() > 1 {
            return;
        }
        for last in members {
            if self.channels.get(last).is_some_and(|one| matches!(one.doing, Doing::Conference(_))) {
                self.end(*last, 16);
            }
        }
    }
}
