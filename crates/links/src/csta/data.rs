//! Data that computers and users bind to a call (TEL-26).

use std::collections::BTreeMap;
use std::sync::Arc;

use csta::model::{CallLinkage, ConnectionId, Octets};
use cti_core::hops::{LINKAGE, UCID};
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;

use super::model::is_blank;
use super::{About, CstaTranslator};

/// ECMA-269 §12.2.11: correlator data are at most 32 octets.
const CORRELATOR_MAX: usize = 32;

impl CstaTranslator {
    pub(super) fn on_information(&mut self, about: &About<'_>, raw: &ConnectionId) {
        if let Some(call) = self.live_call(raw) {
            self.take_data(about, &call);
        }
    }

    /// Tells what is new in the data of an event. Only a call that the Domain knows has data.
    pub(super) fn take_data(&mut self, about: &About<'_>, call: &Native) {
        let more = about.more;
        let mark = more.linkage.as_ref().and_then(|linkage| mark(linkage, self.config.habits.ucid));
        let linkage = more.linkage.as_ref().and_then(|linkage| linkage.global.clone());
        let Some(found) = self.model.call_mut(call) else { return };
        let is_told = found.is_told();
        let mut data = BTreeMap::new();
        for (name, octets) in
            [("correlator", &more.correlator), ("user_data", &more.user_data), ("account", &more.account)]
        {
            if let Some(octets) = octets {
                read(name, octets, &mut data);
            }
        }
        data.extend(mark);
        if is_told {
            data.retain(|key, value| found.data.get(key) != Some(value));
            found.data.extend(data.clone());
        }
        let is_linked = found.linkage.is_some();
        if !is_linked {
            self.model.link(call, linkage);
        }
        if is_told && !data.is_empty() {
            self.say(SwitchEvent::CallData { call: call.clone(), data });
        }
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `key=value;key=value` as we write it; anything else is one value.
fn read(name: &str, octets: &Octets, data: &mut BTreeMap<Arc<str>, Arc<str>>) {
    let text = String::from_utf8_lossy(octets.as_bytes());
    let pairs: Option<Vec<(&str, &str)>> =
        text.split(';').map(|pair| pair.split_once('=').filter(|(key, _)| is_key(key))).collect();
    match pairs {
        Some(pairs) => data.extend(pairs.into_iter().map(|(key, value)| (key.into(), value.into()))),
        None if octets.as_bytes().is_empty() => {}
        None if std::str::from_utf8(octets.as_bytes()).is_ok() => {
            data.insert(name.into(), text.as_ref().into());
        }
        None => {
            data.insert(name.into(), octets.to_string().into());
        }
    }
}

/// What names the call at other switches, too: Avaya's UCID, else an id that is unique beyond this switch.
fn mark(linkage: &CallLinkage, is_ucid: bool) -> Option<(Arc<str>, Arc<str>)> {
    let global = linkage.global.as_ref().filter(|id| !linkage.is_local && !is_blank(id))?;
    let name = if is_ucid { UCID } else { LINKAGE };
    Some((name.into(), global.to_string().into()))
}

/// Data of ours as correlator data; none when they do not fit, or would be read as others than they are.
pub(super) fn write(data: &BTreeMap<Arc<str>, Arc<str>>) -> Option<Octets> {
    if data.iter().any(|(key, value)| !is_key(key) || value.contains(';')) {
        return None;
    }
    let pairs: Vec<String> = data.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let text = pairs.join(";");
    (!text.is_empty() && text.len() <= CORRELATOR_MAX).then(|| Octets::from(text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_fit_come_back_as_they_were_written() {
        let data = BTreeMap::from([("case".into(), "4711".into()), ("crm".into(), "a-1".into())]);
        let octets = write(&data).unwrap();
        let mut back = BTreeMap::new();
        read("correlator", &octets, &mut back);
        assert_eq!(back, data);
        assert_eq!(write(&BTreeMap::from([("key".into(), "x".repeat(40).as_str().into())])), None);
        assert_eq!(write(&BTreeMap::new()), None);
        // What would come back as other data than were given, such as the mark of another call.
        for (key, value) in [("case", "1;hop=t-1"), ("a=1;hop", "t-1"), ("", "x")] {
            assert_eq!(write(&BTreeMap::from([(key.into(), value.into())])), None, "{key}");
        }
    }

    #[test]
    fn foreign_data_are_one_value() {
        for (octets, wanted) in [
            (Octets::from("urn:nena:callid:1"), Some("urn:nena:callid:1")),
            (Octets::from(&[0xFF_u8, 0x00][..]), Some("0xFF00")),
            (Octets::default(), None),
        ] {
            let mut data = BTreeMap::new();
            read("correlator", &octets, &mut data);
            assert_eq!(data.get("correlator").map(|value| &**value), wanted);
        }
    }
}
