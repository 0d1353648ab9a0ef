//! Identifiers: devices, calls, connections, cross references (ECMA-269 §12.3).

use std::fmt;

/// Id of a request, repeated by its answer. XML: 0 to 9998; ROSE: any INTEGER.
pub type InvokeId = u32;

/// Opaque octets of a switch. XML carries them as text, then these are its UTF-8 octets. Compared octet by octet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Octets(Box<[u8]>);

impl Octets {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text, when every octet is printable ASCII.
    pub fn as_text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.0).ok()?;
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(text)
    }
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        Self(octets.into())
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets.into_boxed_slice())
    }
}

impl From<&str> for Octets {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

/// Printable octets as they are, others as `0x` and hexadecimal digits: a stable key for one switch.
impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_text() {
            return f.write_str(text);
        }
        f.write_str("0x")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets({self})")
    }
}

/// Call id (§12.3.7): unique while the call lives; transfer and conference change it.
pub type CallId = Octets;

/// Monitor cross reference (§12.3.15). XML: decimal text; ASN.1: two or four octets that may be zero.
pub type CrossRef = Octets;

/// In which plan the digits of a device id are (ECMA-285 `DeviceID`, ECMA-323 attribute `typeOfNumber`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum NumberKind {
    /// As a person dials it. What a missing `typeOfNumber` means.
    #[default]
    DialingNumber,
    /// A number of the switch's own, an INTEGER in ASN.1.
    DeviceNumber,
    /// Public number without its type.
    ImplicitPublic,
    /// Public number of this type: 0 unknown, 1 international, 2 national, 3 network specific, 4 subscriber,
    /// 5 abbreviated.
    ExplicitPublic(u8),
    /// Private number without its type.
    ImplicitPrivate,
    /// Private number of this type: 0 unknown, 1–3 level 3 to 1 regional, 4 PTN specific, 5 local, 6 abbreviated.
    ExplicitPrivate(u8),
    /// Another plan; the octets of an OCTET STRING are characters U+0000 to U+00FF of the text.
    Other,
}

/// A device identifier as the switch writes it, decoration included: requests must repeat it exactly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DeviceId {
    /// Plan of the number.
    pub kind: NumberKind,
    /// Digits, or whatever stands there: `1001`, `N<302118840101>;noa=nk`, `1001:switch::0`.
    pub text: String,
}

impl DeviceId {
    /// A number as a person dials it.
    pub fn dialing(number: impl Into<String>) -> Self {
        Self { kind: NumberKind::DialingNumber, text: number.into() }
    }
}

/// The device in a connection id (ECMA-285 `LocalDeviceID`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalDevice {
    /// Known by its number.
    Static(DeviceId),
    /// Known for this call only, a trunk party for example. XML: `typeOfNumber="dynamic"`.
    Dynamic(Octets),
}

/// One device in one call (§12.3.9). Either part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConnectionId {
    /// The call.
    pub call: Option<CallId>,
    /// The device.
    pub device: Option<LocalDevice>,
}

/// A device named in an event: subject, calling, called or redirection device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Party {
    /// This device.
    Device(DeviceId),
    /// The switch does not know it.
    #[default]
    NotKnown,
    /// The caller does not want to be shown.
    Restricted,
    /// There is none: a call that was not redirected.
    NotRequired,
    /// There may be one, the switch does not say.
    NotSpecified,
}

impl Party {
    /// The device, where it is one.
    pub fn device(&self) -> Option<&DeviceId> {
        match self {
            Self::Device(device) => Some(device),
            Self::NotKnown | Self::Restricted | Self::NotRequired | Self::NotSpecified => None,
        }
    }
}

/// Linkage of a call (§12.2.14): the best key to follow it over transfers where the switch sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallLinkage {
    /// Global call linkage id, stable over transfer and conference (Avaya: the UCID).
    pub global: Option<Octets>,
    /// The global id is unique in its switching sub-domain only: another switch may give it to a call of its own.
    pub is_local: bool,
    /// Thread linkage id, stable over the whole interaction.
    pub thread: Option<Octets>,
}

/// Private data of a vendor, verbatim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Private {
    /// XML: the text of one `private` element's content, namespaces declared, or of a `string`.
    Xml(String),
    /// ASN.1: the whole value, tag and length included.
    Ber(Vec<u8>),
}

/// The switch's own time of an event (`CSTASecurityData.timestamp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stamp {
    /// With a zone: a point in time.
    Utc(jiff::Timestamp),
    /// Without a zone: the switch's wall clock.
    Local(jiff::civil::DateTime),
}

/// A password; shown as dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The password itself, for the wire only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_shown_as_text_or_in_hexadecimal() {
        assert_eq!(Octets::from("1169730059").to_string(), "1169730059");
        assert_eq!(Octets::from(&[0x01, 0x42, 0xF9, 0x00][..]).to_string(), "0x0142F900");
        assert_eq!(Octets::default().to_string(), "0x");
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::from("77777")), "…");
    }
}
