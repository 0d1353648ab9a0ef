//! What a channel name tells: technology and endpoint, Local pairs, internal helpers.

/// A channel name, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// A channel of a device: `PJSIP/1001` of `PJSIP/1001-0000000a`.
    Party(&'a str),
    /// One half of a Local pair: the name both halves share, and whether it is `;2`.
    Local(&'a str, bool),
    /// A helper of Asterisk: it is nobody and connects nobody.
    Internal,
}

/// Technologies whose channels are Asterisk's own helpers.
const INTERNAL: [&str; 18] = [
    "Announcer",
    "AsyncGoto",
    "AudioSocket",
    "Bridge",
    "CBAnn",
    "CBRec",
    "Message",
    "MulticastRTP",
    "Null",
    "OutgoingSpoolFailed",
    "Parked",
    "Playback",
    "Recorder",
    "Snoop",
    "Surrogate",
    "UnicastRTP",
    "VoicemailMessage",
    "WebSocket",
];

/// Reads a channel name.
pub(super) fn read(name: &str) -> Name<'_> {
    // `<ZOMBIE>` and `<MASQ>` mark channels that another one has taken the place of.
    if name.ends_with('>') {
        return Name::Internal;
    }
    let Some((technology, rest)) = name.split_once('/') else { return Name::Internal };
    if technology == "Local" {
        return match name.rsplit_once(';') {
            Some((pair, half)) => Name::Local(pair, half == "2"),
            None => Name::Internal,
        };
    }
    if rest.is_empty() || INTERNAL.contains(&technology) {
        return Name::Internal;
    }
    let device = match name.rsplit_once('-') {
        Some((device, serial)) if device.len() > technology.len() + 1 && is_serial(serial) => device,
        _ => name,
    };
    if technology == "DAHDI"
        && let Some((group, _)) = rest.split_once('/')
    {
        // `DAHDI/i1/5550101-2`: the line is the span, what follows was dialled.
        return Name::Party(device.get(..technology.len() + 1 + group.len()).unwrap_or(device));
    }
    Name::Party(device)
}

fn is_serial(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The device in an interface or state interface of a queue member or hint (`PJSIP/1001`), if it names one.
pub(super) fn interface_device(interface: &str) -> Option<&str> {
    let first = interface.split(['&', ',']).next().unwrap_or(interface).trim();
    let (technology, rest) = first.split_once('/')?;
    let is_device = technology != "Local"
        && !technology.is_empty()
        && technology.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !rest.is_empty()
        && !INTERNAL.contains(&technology);
    is_device.then_some(first)
}

/// Endpoint part of a device: `1001` of `PJSIP/1001`.
pub(super) fn endpoint(device: &str) -> &str {
    device.split_once('/').map_or(device, |(_, endpoint)| endpoint)
}

/// The number in a dial string: `5550101` of `5550101@trunk` or `PJSIP/trunk/sip:5550101@host`.
pub(super) fn dialled_number(dial_string: &str) -> Option<&str> {
    let (left, _) = dial_string.split_once('@')?;
    let left = left.rsplit(['/', ':']).next().unwrap_or(left);
    let is_number =
        !left.is_empty() && left.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte));
    is_number.then_some(left)
}

/// Tells whether an extension is something a person dials (not `s`, `i`, `h` and the like).
pub(super) fn is_dialled(exten: &str) -> bool {
    exten.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte))
}

/// Tells whether `number` fits a pattern of the number plan: `X` is any digit, `|` parts alternatives.
pub(super) fn fits(pattern: &str, number: &str) -> bool {
    pattern.split('|').map(str::trim).any(|one| {
        one.len() == number.len()
            && !one.is_empty()
            && one.bytes().zip(number.bytes()).all(|(wanted, found)| {
                if wanted.eq_ignore_ascii_case(&b'X') { found.is_ascii_digit() } else { wanted == found }
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: TEL-02
    #[test]
    fn a_name_gives_its_device() {
        let cases = [
            ("PJSIP/1001-0000000a", Name::Party("PJSIP/1001")),
            ("PJSIP/trunk-praha-0000001b", Name::Party("PJSIP/trunk-praha")),
            ("SIP/2001-00ab", Name::Party("SIP/2001")),
            ("IAX2/branch-4711", Name::Party("IAX2/branch")),
            ("DAHDI/1-1", Name::Party("DAHDI/1")),
            ("DAHDI/i1/5550101-2", Name::Party("DAHDI/i1")),
            ("Console/dsp", Name::Party("Console/dsp")),
            ("Local/1001@phones-00000003;1", Name::Local("Local/1001@phones-00000003", false)),
            ("Local/1001@phones-00000003;2", Name::Local("Local/1001@phones-00000003", true)),
            ("PJSIP/1001-0000000a<ZOMBIE>", Name::Internal),
            ("AsyncGoto/PJSIP/1001-0000000a", Name::Internal),
            ("CBAnn/8000-00000001;2", Name::Internal),
            ("nonsense", Name::Internal),
        ];
        for (name, read_as) in cases {
            assert_eq!(read(name), read_as, "{name}");
        }
    }

    #[test]
    fn numbers_and_interfaces_are_read() {
        assert_eq!(dialled_number("5550101@trunk"), Some("5550101"));
        assert_eq!(dialled_number("PJSIP/trunk/sip:+420555@host"), Some("+420555"));
        assert_eq!(dialled_number("1001"), None);
        assert_eq!(interface_device("PJSIP/1001&PJSIP/1001-web"), Some("PJSIP/1001"));
        assert_eq!(interface_device("Local/1001@from-queue/n"), None);
        assert_eq!(interface_device("hint:1001@ext"), None);
        assert_eq!(interface_device("Custom:DND1001,CustomPresence:1001"), None);
        assert!(fits("1XXX|20XX", "2017") && fits("1xxx", "1234"));
        assert!(!fits("1XXX|20XX", "3017") && !fits("", "") && !fits("XXX", "12a"));
    }
}
