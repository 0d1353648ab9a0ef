//! What switches pack around the number of a device id.
//!
//! ECMA-269 lets a switch write `N<number>name`; what follows is the vendors' own. The id itself stays as it
//! is: requests must repeat it exactly.

/// A device id taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decorated<'a> {
    /// What tells the device from others: the number with its terminal.
    pub identity: &'a str,
    /// The number, or the whole text when nothing is packed around it.
    pub number: &'a str,
    /// What follows `!` after the number: the terminal at this number, seen on `MiVoice` Office 400.
    pub terminal: Option<&'a str>,
    /// The name shown with it.
    pub name: Option<&'a str>,
    /// `key=value` pairs in order: `displayNumber`, `noa`, `uid`, seen on `OpenScape`; `phone-context` in
    /// telephone addresses. A key without a value has an empty one.
    pub parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Decorated<'a> {
    /// Value of a parameter; keys are compared without case.
    pub fn parameter(&self, key: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| *value)
    }
}

/// Takes a device id apart: `N<number!terminal>name;key=value…`, `tel:number;key=value…`,
/// `sip:user@host;key=value…`, or a number with keys behind it. Never fails: what is none of these is a bare number.
pub fn decoration(text: &str) -> Decorated<'_> {
    let text = text.trim_ascii();
    let packed = text.strip_prefix("N<").and_then(|rest| rest.split_once('>'));
    if let Some((inside, after)) = packed.filter(|(inside, _)| !inside.is_empty()) {
        let (number, terminal) = match inside.split_once('!') {
            Some((number, terminal)) => (number, Some(terminal)),
            None => (inside, None),
        };
        let mut parts = after.split(';');
        let name = parts.next().map(str::trim_ascii).filter(|name| !name.is_empty());
        return Decorated { identity: inside, number, terminal, name, parameters: parameters(parts) };
    }
    match scheme(text) {
        Some(("tel", rest)) => address(rest, rest.len()),
        // The host says where the user is, not who it is.
        Some((_, rest)) => address(rest, rest.find('@').unwrap_or(rest.len())),
        // Some send the keys without the brackets.
        None => address(text, text.len()),
    }
}

/// The part after `tel:`, `sip:` or `sips:`: how Microsoft's and Mitel's TR/87 links name a line.
fn scheme(text: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    ["tel", "sips", "sip"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(scheme))
        .map(|known| (known, rest))
}

/// An address whose user part ends at `user_end`, with the parameters after it.
fn address(rest: &str, user_end: usize) -> Decorated<'_> {
    let (user, _) = rest.split_at_checked(user_end).unwrap_or((rest, ""));
    let (number, _) = user.split_once(';').unwrap_or((user, ""));
    Decorated {
        identity: number,
        number,
        parameters: parameters(rest.split(';').skip(1)),
        ..Decorated::default()
    }
}

fn parameters<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    parts.map(|part| part.split_once('=').unwrap_or((part, ""))).filter(|(key, _)| !key.is_empty()).collect()
}
