//! Tells from the first octets of a connection how its messages are framed.

use super::Framing;
use super::find::is_unit_tag;

/// What the first octets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// A framing of ours.
    Framing(Framing),
    /// BER behind a length of four octets: said of some switches, never seen; not spoken.
    Length4,
    /// `P`: an Alcatel `OmniPCX` Office answers our `B`; BER follows.
    OmniPcxOffice,
    /// CSTA in SIP (TR/87).
    UaCsta,
    /// Avaya TSAPI: its wire is not published; DMCC of the same server is what to use.
    Tsapi,
    /// Too little to say.
    More,
    /// None of these.
    Unknown,
}

/// Tells the framing from the first octets a peer sends. Nine octets always suffice.
pub fn recognise(octets: &[u8]) -> Recognised {
    match octets {
        [] | [0 | 3 | 0x26 | 0xEF] | [0, 0] | [0, 0, _] | [0, 0, _, _] | [0xEF, 0xBB] => Recognised::More,
        [0, 0, _, _, tag, ..] if is_unit_tag(*tag) => Recognised::Length4,
        [0, 0, _, _, digits @ ..] if digits.iter().take(4).all(u8::is_ascii_digit) => match digits.get(4) {
            Some(b'<' | 0xEF | b' ' | b'\r' | b'\n' | b'\t') => Recognised::Framing(Framing::Xml),
            Some(_) => Recognised::Unknown,
            None => Recognised::More,
        },
        [3, 0, ..] => Recognised::Framing(Framing::Tpkt),
        [0x26, high, ..] if high & 0x80 != 0 => Recognised::Framing(Framing::HiPath),
        [b'<', ..] | [0xEF, 0xBB, 0xBF, ..] => Recognised::Framing(Framing::NulXml),
        [b'P'] => Recognised::OmniPcxOffice,
        _ => other(octets),
    }
}

/// What needs more than its first octets.
fn other(octets: &[u8]) -> Recognised {
    for word in [&b"INVITE sip:"[..], b"SIP/2.0"] {
        let seen = octets.len().min(word.len());
        if octets.get(..seen) == word.get(..seen) {
            return if seen == word.len() { Recognised::UaCsta } else { Recognised::More };
        }
    }
    match octets {
        [_, _, 0, 0, 1, 0, ..] => Recognised::Tsapi,
        [_] | [_, _] | [_, _, 0] | [_, _, 0, 0] | [_, _, 0, 0, 1] => Recognised::More,
        [_, _, tag, ..] if is_unit_tag(*tag) => Recognised::Framing(Framing::Length2),
        _ => Recognised::Unknown,
    }
}
