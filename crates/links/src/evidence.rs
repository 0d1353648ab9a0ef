//! What a wire said, kept as it was said: the proof of a call's figures, and a field bug's fixture.

use std::sync::Arc;

use ami::Message;
use csta::model::MonitorObject;

/// Before the device whose monitor told an event: an event does not say it, only the monitor's own number.
const MONITOR: &str = "Monitor: ";

/// One message of a wire.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// Of a manager interface.
    Manager(Message),
    /// Of CSTA: a line with the monitored device, then an XML document, or `BER ` and hexadecimal digits.
    Csta(Arc<str>),
}

/// One event of CSTA as it stands in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CstaEvidence {
    /// The device whose monitor told it, where the trace says so.
    pub monitor: Option<String>,
    /// Octets of the body.
    pub body: Vec<u8>,
}

impl Evidence {
    /// The body of an event as evidence, with the object of its monitor.
    pub fn csta(object: &MonitorObject, body: &[u8]) -> Self {
        let mut text = match object {
            MonitorObject::Device(device) => format!("{MONITOR}{}\n", device.text),
            MonitorObject::Call(_) => String::new(),
        };
        match std::str::from_utf8(body) {
            Ok(document) if document.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') => {
                text.push_str(document);
            }
            _ => hexadecimal(&mut text, body),
        }
        Self::Csta(text.into())
    }

    /// Its text in a trace.
    pub fn raw(&self) -> &[u8] {
        match self {
            Self::Manager(message) => message.raw(),
            Self::Csta(text) => text.as_bytes(),
        }
    }

    /// The event of CSTA that stands in a trace like this; none when it is something else.
    pub fn read_csta(text: &str) -> Option<CstaEvidence> {
        let text = text.trim();
        let (monitor, text) = match text.strip_prefix(MONITOR).and_then(|rest| rest.split_once('\n')) {
            Some((monitor, rest)) => (Some(monitor.trim().to_owned()), rest.trim_start()),
            None => (None, text),
        };
        let Some(digits) = text.strip_prefix("BER ") else {
            let is_document = text.trim_start_matches('\u{FEFF}').starts_with('<');
            return is_document.then(|| CstaEvidence { monitor, body: text.as_bytes().to_vec() });
        };
        let pairs = digits.as_bytes().chunks(2);
        let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        Some(CstaEvidence { monitor, body: pairs.map(octet).collect::<Option<_>>()? })
    }
}

fn hexadecimal(text: &mut String, body: &[u8]) {
    use std::fmt::Write as _;
    text.push_str("BER ");
    for octet in body {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02X}");
    }
}

#[cfg(test)]
mod tests {
    use csta::model::{ConnectionId, DeviceId};

    use super::*;

    #[test]
    fn an_event_of_csta_comes_back_from_its_trace_with_its_monitor() {
        let phone = MonitorObject::Device(DeviceId::dialing("1001"));
        let call = MonitorObject::Call(ConnectionId { call: Some("c1".into()), device: None });
        for (object, monitor) in [(phone, Some("1001".to_owned())), (call, None)] {
            for body in [&b"<a>\xC5\x99</a>"[..], &[0xA1, 0x03, 0x02, 0x01, 0x00]] {
                let evidence = Evidence::csta(&object, body);
                let text = std::str::from_utf8(evidence.raw()).unwrap().replace('\n', "\r\n");
                let read = CstaEvidence { monitor: monitor.clone(), body: body.to_vec() };
                assert_eq!(Evidence::read_csta(&text), Some(read), "{text}");
            }
        }
        assert_eq!(Evidence::read_csta("Event: Hangup"), None);
        assert_eq!(Evidence::read_csta("BER A1Z"), None);
    }
}
