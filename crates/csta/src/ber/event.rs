//! Event reports, whatever the phase: the report itself, and what most events share.
//!
//! Phase I numbers its events; Phase II and III sort them into groups by tag. In Phase III the tag of the event
//! replaces its SEQUENCE and common arguments stand inside; in Phase II a SEQUENCE stands inside the tag and common
//! arguments beside the event; in Phase I private data stands inside.

use rasn::ber::de::Decoder;
use rasn::types::{Class, Tag};

use super::fields::{COMMON, CROSS_REF, Fields, LOCAL_STATE, USER_DATA};
use super::wire::{Read, Writer, context, integer, missing, octets, peek, reader, whole, within};
use super::{Phase, event_new, event_old, extra};
use crate::model::{ConnectionState, Event, EventCause, EventReport, More, Octets, Private};

/// What of [`More`] an event has, and under which tags.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether the event has one part")]
pub(super) struct Shape {
    /// Group (Phase II, III) and number.
    pub(super) group: u32,
    pub(super) number: u32,
    pub(super) local: bool,
    pub(super) user: bool,
    pub(super) cause: Cause,
    pub(super) account: bool,
    pub(super) correlator: Option<Tag>,
    /// Tag of the linkage, and whether it is a list of two.
    pub(super) linkage: Option<(u32, bool)>,
    /// Numbers of the network.
    pub(super) network: bool,
    /// How many trunks: calling side, called side.
    pub(super) trunks: u8,
    /// Tag of the common arguments; none in Phase I and II.
    pub(super) common: Option<Tag>,
}

/// Whether an event says why.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Never,
    Optional(Tag),
    /// Phase III wants one: `normal` where the model has none.
    Always,
}

/// Reads an event report.
pub(super) fn report(from: &mut Decoder<'_>, phase: Phase) -> Read<EventReport> {
    within(from, Tag::SEQUENCE, |from| {
        let cross_ref: Octets = octets(from, CROSS_REF)?;
        let mut more = More::default();
        let event = match phase {
            Phase::One => numbered(from, &mut more)?,
            Phase::Two | Phase::Three => grouped(from, phase, &mut more)?,
        };
        while let Some(tag) = peek(from)? {
            let beside = whole(from)?;
            if tag == COMMON {
                extra::common(&beside, COMMON, &mut more)?;
            }
        }
        Ok(EventReport { cross_ref, event, more })
    })
}

/// Phase I: the number, then the event.
fn numbered(from: &mut Decoder<'_>, more: &mut More) -> Read<Event> {
    let number = integer(from, context(0))?;
    let Some(shape) = u32::try_from(number).ok().and_then(|number| event_old::shape(0, number)) else {
        return Ok(other(0, number));
    };
    let mut fields = Fields::read(from, Tag::SEQUENCE, Phase::One)?;
    let event = event_old::read(&shape, &mut fields)?;
    read_more(&shape, &mut fields, more)?;
    Ok(event)
}

/// Phase II and III: a group, in it the event.
fn grouped(from: &mut Decoder<'_>, phase: Phase, more: &mut More) -> Read<Event> {
    let Some(group) = peek(from)?.filter(|tag| tag.class == Class::Context) else {
        return Err(missing("event"));
    };
    within(from, group, |from| {
        let Some(tag) = peek(from)?.filter(|tag| tag.class == Class::Context) else {
            return Ok(other(group.value, -1));
        };
        let shape = match phase {
            Phase::Three => event_new::shape(group.value, tag.value),
            Phase::One | Phase::Two => event_old::shape_by_tag(group.value, tag.value),
        };
        let Some(shape) = shape else { return Ok(other(group.value, tag.value.into())) };
        if phase == Phase::Three {
            let mut fields = Fields::read(from, tag, phase)?;
            let event = event_new::read(&shape, &mut fields)?;
            read_more(&shape, &mut fields, more)?;
            return Ok(event);
        }
        let mut fields = within(from, tag, |from| Fields::read(from, Tag::SEQUENCE, phase))?;
        let event = event_old::read(&shape, &mut fields)?;
        read_more(&shape, &mut fields, more)?;
        Ok(event)
    })
}

fn other(group: u32, number: i64) -> Event {
    Event::Other { name: format!("event {group}/{number}") }
}

/// Names of Phase III events by group and tag, and of call events of Phase II by tag.
#[rustfmt::skip]
const NAMES: [&[&str]; 6] = [
    &["bridged", "callCleared", "conferenced", "connectionCleared", "delivered", "digitsDialed", "diverted",
        "established", "failed", "held", "networkCapabilitiesChanged", "networkReached", "offered", "originated",
        "queued", "retrieved", "serviceInitiated", "transferred"],
    &["callInformation", "charging", "digitsGenerated", "telephonyTonesGenerated", "serviceCompletionFailure"],
    &[],
    &["buttonInformation", "buttonPress", "displayUpdated", "hookswitch", "lampMode", "messageWaiting",
        "microphoneGain", "microphoneMute", "ringerStatus", "speakerMute", "speakerVolume"],
    &["agentBusy", "agentLoggedOn", "agentLoggedOff", "agentNotReady", "agentReady", "agentWorkingAfterCall",
        "autoAnswer", "autoWorkMode", "callBack", "callBackMessage", "callerIDStatus", "doNotDisturb",
        "forwarding", "routeingMode", "presenceState"],
    &["backInService", "deviceCapabilityChanged", "outOfService", "partiallyInService"],
];
#[rustfmt::skip]
const OLD_NAMES: [&str; 14] = [
    "callCleared", "conferenced", "connectionCleared", "delivered", "diverted", "established", "failed", "held",
    "networkReached", "originated", "queued", "retrieved", "serviceInitiated", "transferred",
];

/// The name of an event, where its tags are known.
pub(crate) fn name(phase: Option<Phase>, group: u32, tag: u32) -> Option<&'static str> {
    let (group, tag) = (usize::try_from(group).ok()?, usize::try_from(tag).ok()?);
    match phase {
        Some(Phase::Three) => NAMES.get(group)?.get(tag).copied(),
        Some(Phase::Two) if group == 0 => OLD_NAMES.get(tag).copied(),
        Some(Phase::One | Phase::Two) | None => None,
    }
}

/// Takes what an event shares with others.
fn read_more(shape: &Shape, fields: &mut Fields, more: &mut More) -> Read<()> {
    more.local_connection = fields.number(LOCAL_STATE)?.and_then(ConnectionState::from_code);
    let cause = match shape.cause {
        Cause::Optional(tag) => fields.number(tag)?,
        Cause::Always => fields.number(Tag::ENUMERATED)?,
        Cause::Never => None,
    };
    more.cause = cause.and_then(|code| u16::try_from(code).ok()).map(EventCause::from_code);
    if let Some(tag) = shape.correlator {
        more.correlator = fields.octets(tag)?;
    }
    if shape.account {
        more.account = fields.octets(context(0))?;
    }
    more.associated_calling = fields.party_opt(5);
    more.associated_called = fields.party_opt(6);
    more.network_calling = fields.party_opt(7);
    more.network_called = fields.party_opt(8);
    if let Some((number, list)) = shape.linkage
        && let Some(value) = fields.raw(context(number))
    {
        more.linkage = extra::linkage(&value, context(number), list)?;
    }
    if let Some(value) = fields.raw(USER_DATA) {
        if fields.phase == Phase::One {
            more.private = vec![Private::Ber(value.into_bytes())];
        } else {
            let data =
                within(&mut reader(value.as_bytes()), USER_DATA, |from| octets(from, Tag::OCTET_STRING));
            more.user_data = Some(data?);
        }
    }
    if let Some(tag) = shape.common
        && let Some(value) = fields.raw(tag)
    {
        extra::common(&value, tag, more)?;
    }
    Ok(())
}

impl Writer<'_> {
    /// An event report. Parts of [`More`] that the event does not have in this phase are left out.
    pub(super) fn report(&mut self, report: &EventReport) {
        let shape = match self.phase {
            Phase::Three => event_new::shape_of(&report.event),
            Phase::One => event_old::shape_of(&report.event),
            Phase::Two => {
                event_old::shape_of(&report.event).filter(|shape| event_old::tag_of(shape).is_some())
            }
        };
        let Some(shape) = shape else { return self.no_service() };
        self.within(Tag::SEQUENCE, |w| {
            w.octets(CROSS_REF, report.cross_ref.as_bytes());
            w.event(&shape, &report.event, &report.more);
            if w.phase == Phase::Two {
                w.common(COMMON, &report.more);
            }
        });
    }

    fn event(&mut self, shape: &Shape, event: &Event, more: &More) {
        match self.phase {
            Phase::One => {
                self.integer(context(0), shape.number.into());
                self.within(Tag::SEQUENCE, |w| {
                    w.old_event(event);
                    w.more(shape, more);
                    w.old_private(more);
                });
            }
            Phase::Two => {
                let number = event_old::tag_of(shape).unwrap_or_default();
                self.within(context(shape.group), |w| {
                    w.within(context(number), |w| {
                        w.within(Tag::SEQUENCE, |w| {
                            w.old_event(event);
                            w.more(shape, more);
                        });
                    });
                });
            }
            Phase::Three => self.within(context(shape.group), |w| {
                w.within(context(shape.number), |w| {
                    w.new_event(event);
                    w.more(shape, more);
                });
            }),
        }
    }

    /// What an event shares with others, in the order in which all of them have it.
    fn more(&mut self, shape: &Shape, more: &More) {
        if let Some(state) = more.local_connection.filter(|_| shape.local) {
            self.integer(LOCAL_STATE, state.code());
        }
        if let Some(account) = more.account.as_ref().filter(|_| shape.account) {
            self.octets(context(0), account.as_bytes());
        }
        if let (Some(tag), Some(correlator)) = (shape.correlator, &more.correlator) {
            self.octets(tag, correlator.as_bytes());
        }
        self.user_data(more.user_data.as_ref().filter(|_| shape.user));
        match (shape.cause, more.cause) {
            (Cause::Always, cause) => {
                let cause = cause.unwrap_or(EventCause::NORMAL);
                self.integer(Tag::ENUMERATED, cause.code().into());
            }
            (Cause::Optional(tag), Some(cause)) => self.integer(tag, cause.code().into()),
            (Cause::Optional(_), None) | (Cause::Never, _) => {}
        }
        self.party_opt(7, more.network_calling.as_ref().filter(|_| shape.network));
        self.party_opt(8, more.network_called.as_ref().filter(|_| shape.network));
        self.party_opt(5, more.associated_calling.as_ref().filter(|_| shape.trunks > 0));
        self.party_opt(6, more.associated_called.as_ref().filter(|_| shape.trunks > 1));
        if let Some((number, list)) = shape.linkage {
            self.linkage(context(number), list, more.linkage.as_ref());
        }
        if let Some(tag) = shape.common {
            self.common(tag, more);
        }
    }

    /// User data.
    pub(super) fn user_data(&mut self, data: Option<&Octets>) {
        if let Some(data) = data {
            self.within(USER_DATA, |w| w.octets(Tag::OCTET_STRING, data.as_bytes()));
        }
    }

    /// Phase I has room for the private data of one manufacturer, with a tag of its own.
    fn old_private(&mut self, more: &More) {
        match more.private.as_slice() {
            [] => {}
            // Application 29, constructed.
            [Private::Ber(value)] if value.first() == Some(&0x7D) => self.raw("privateData", value),
            _ => self.fail("privateData", "is one value with the tag APPLICATION 29"),
        }
    }
}
