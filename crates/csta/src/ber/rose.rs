//! ROSE (X.880): what is invoked, and what comes of it.

use rasn::ber::de::Decoder;
use rasn::types::{Class, Tag};

use super::fields::CROSS_REF;
use super::operation::{EVENT_REPORT, code, service};
use super::wire::{
    Read, Writer, context, integer, octets, peek, reader, skip, within, write as write_value, wrong,
};
use super::{Phase, answer_name, answer_new, answer_old, argument_new, event, fault, request_old};
use crate::error::Unencodable;
use crate::model::{Event, Fault, InvokeId, Message, Octets, Response};

const INVOKE: Tag = context(1);
const RESULT: Tag = context(2);
const ERROR: Tag = context(3);
const REJECT: Tag = context(4);
/// The only ROSE error of CSTA.
const UNIVERSAL_FAILURE: i64 = 1;

/// Reads a ROSE message that begins with this tag.
pub(super) fn read(from: &mut Decoder<'_>, tag: Tag, phase: Phase) -> Read<Message> {
    within(from, tag, |from| match tag {
        INVOKE => invoke(from, phase),
        RESULT => result(from, phase),
        ERROR => {
            let id = Some(id(from)?);
            let code = integer(from, Tag::INTEGER)?;
            let fault = if code == UNIVERSAL_FAILURE {
                fault::failure(from, phase)?
            } else {
                Fault::Other { detail: format!("ROSE error {code}") }
            };
            Ok(Message::Fault { id, fault })
        }
        REJECT => {
            // NULL: the peer could not even read the id.
            let id =
                if peek(from)? == Some(Tag::NULL) { skip(from).map(|()| None)? } else { Some(id(from)?) };
            Ok(Message::Fault { id, fault: fault::problem(from)? })
        }
        other => Err(wrong(format!("{other} is no ROSE message"))),
    })
}

/// An invoke id of up to four octets. Switches count with sixteen bits and forget the leading zero: what reads as
/// negative keeps its two's complement, and is written back as it came.
fn id(from: &mut Decoder<'_>) -> Read<InvokeId> {
    let id = integer(from, Tag::INTEGER)?;
    u32::try_from(id)
        .or_else(|_| i32::try_from(id).map(i32::cast_unsigned))
        .map_err(|_| wrong("invoke id of more than 32 bits"))
}

fn invoke(from: &mut Decoder<'_>, phase: Phase) -> Read<Message> {
    let id = id(from)?;
    // X.880 has a linked id here; CSTA never uses it.
    if peek(from)? == Some(context(0)) {
        skip(from)?;
    }
    if peek(from)? != Some(Tag::INTEGER) {
        return Ok(Message::Unknown { id: Some(id), name: "global operation".to_owned() });
    }
    let code = integer(from, Tag::INTEGER)?;
    if code == EVENT_REPORT {
        return event::report(from, phase).map(|report| Message::Event(Box::new(report)));
    }
    let request = match phase {
        Phase::Three => argument_new::read(from, code)?,
        Phase::One | Phase::Two => request_old::read(from, code, phase)?,
    };
    Ok(match request {
        Some(request) => Message::Request { id, request },
        None => unknown(id, code),
    })
}

fn unknown(id: InvokeId, code: i64) -> Message {
    Message::Unknown { id: Some(id), name: format!("operation {code}") }
}

fn result(from: &mut Decoder<'_>, phase: Phase) -> Read<Message> {
    let id = id(from)?;
    if peek(from)? != Some(Tag::SEQUENCE) {
        return Ok(Message::Response { id, response: Response::Ack { service: None } });
    }
    within(from, Tag::SEQUENCE, |from| {
        let code = integer(from, Tag::INTEGER)?;
        if service(code, phase).is_none() {
            return Ok(unknown(id, code));
        }
        let response = match phase {
            Phase::Three => answer_new::read(from, code)?,
            Phase::One | Phase::Two => answer_old::read(from, code, phase)?,
        };
        Ok(Message::Response { id, response })
    })
}

/// What a message is, for errors: as much of it as can be read.
pub(super) fn context_of(octets: &[u8]) -> String {
    let kind = match octets.first() {
        Some(0xA1) => "invoke",
        Some(0xA2) => "result",
        Some(0xA3) => "error",
        Some(0xA4) => "reject",
        _ => return "frame".to_owned(),
    };
    let mut code = None;
    let _broken =
        within(&mut reader(octets), context(u32::from(octets.first().map_or(0, |tag| tag & 0x1F))), |from| {
            skip(from)?;
            code = Some(match peek(from)? {
                Some(Tag::SEQUENCE) => within(from, Tag::SEQUENCE, |from| integer(from, Tag::INTEGER))?,
                _ => integer(from, Tag::INTEGER)?,
            });
            Ok(())
        });
    match code {
        Some(code) => format!("ROSE {kind} {code}"),
        None => format!("ROSE {kind}"),
    }
}

/// See [`super::phase_of`].
pub(super) fn phase_of(frame: &[u8]) -> Read<Option<Phase>> {
    within(&mut reader(frame), INVOKE, |from| {
        skip(from)?;
        if integer(from, Tag::INTEGER)? != EVENT_REPORT {
            return Ok(None);
        }
        within(from, Tag::SEQUENCE, |from| {
            let _cross_ref: Octets = octets(from, CROSS_REF)?;
            let Some(group) = peek(from)?.filter(|tag| tag.class == Class::Context) else { return Ok(None) };
            // Bit 6: constructed.
            if from.remaining().first().is_some_and(|octet| octet & 0x20 == 0) {
                return Ok(Some(Phase::One));
            }
            within(from, group, |from| {
                let Some(event) = peek(from)? else { return Ok(None) };
                within(from, event, |from| {
                    Ok(Some(if peek(from)? == Some(Tag::SEQUENCE) { Phase::Two } else { Phase::Three }))
                })
            })
        })
    })
}

/// Writes a ROSE message.
pub(super) fn write(message: &Message, phase: Phase) -> Result<Vec<u8>, Unencodable> {
    match message {
        Message::Request { id, request } => write_value(phase, request.name(), |w| {
            let Some(code) = code(request.name(), phase) else { return w.no_service() };
            w.within(INVOKE, |w| {
                w.id(*id);
                w.integer(Tag::INTEGER, code);
                match phase {
                    Phase::Three => w.new_argument(request),
                    Phase::One | Phase::Two => w.old_argument(request),
                }
            });
        }),
        Message::Response { id, response } => write_response(*id, response, phase),
        Message::Fault { id, fault } => write_value(phase, "fault", |w| w.fault(*id, fault)),
        // Event reports are never answered: their invoke ids mean nothing.
        Message::Event(report) => write_value(phase, "event", |w| {
            w.within(INVOKE, |w| {
                w.id(1);
                w.integer(Tag::INTEGER, EVENT_REPORT);
                w.report(report);
            });
        })
        .map_err(|error| name_event(error, &report.event)),
        Message::Unknown { name, .. } => {
            Err(Unencodable::NoSuchService { service: name.clone(), encoding: phase.encoding() })
        }
    }
}

/// Puts the event's name where only "event" stands.
fn name_event(mut error: Unencodable, event: &Event) -> Unencodable {
    let text = format!("{event:?}");
    let variant = text.split([' ', '{']).next().unwrap_or_default();
    let name = if let Event::Other { name } = event { name.as_str() } else { variant };
    match &mut error {
        Unencodable::NoSuchService { service, .. } | Unencodable::Value { service, .. } => {
            name.clone_into(service);
        }
    }
    error
}

fn write_response(id: InvokeId, response: &Response, phase: Phase) -> Result<Vec<u8>, Unencodable> {
    let name = answer_name(response);
    write_value(phase, name.unwrap_or("answer"), |w| {
        w.within(RESULT, |w| {
            w.id(id);
            let Some(name) = name else { return };
            let Some(code) = code(name, phase) else { return w.no_service() };
            w.within(Tag::SEQUENCE, |w| {
                w.integer(Tag::INTEGER, code);
                match phase {
                    Phase::Three => w.new_answer(response),
                    Phase::One | Phase::Two => w.old_answer(response),
                }
            });
        });
    })
}

impl Writer<'_> {
    fn id(&mut self, id: InvokeId) {
        self.integer(Tag::INTEGER, id.cast_signed().into());
    }

    fn fault(&mut self, id: Option<InvokeId>, fault: &Fault) {
        match (id, fault) {
            (id, Fault::Reject { group, problem }) => self.within(REJECT, |w| {
                match id {
                    Some(id) => w.id(id),
                    None => w.null(Tag::NULL),
                }
                w.problem(*group, *problem);
            }),
            (Some(id), fault) => self.within(ERROR, |w| {
                w.id(id);
                w.integer(Tag::INTEGER, UNIVERSAL_FAILURE);
                w.failure(fault);
            }),
            (None, _) => self.fail("invokeID", "only a reject has none"),
        }
    }
}
