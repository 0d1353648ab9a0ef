//! What differs between peers when we write.

use super::write::escape;
use crate::model::{DeviceId, Private, decoration};

/// Namespace of ECMA-354.
const SESSION: &str = "http://www.ecma-international.org/standards/ecma-354/appl_session";
/// Namespace of what Avaya adds.
pub(super) const AVAYA: &str = "http://www.avaya.com/csta";

/// Namespace of what Siemens adds.
const SIEMENS: &str = "http://www.siemens.com/schema/csta";

/// How documents are written for one peer. What we read needs none: names alone decide there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Namespace of the negotiated edition, private suffix included. Where editions differ, edition 6 is
    /// written as such and every other one as edition 3: what 4 and 5 changed is not known for sure.
    pub namespace: String,
    /// Prefix of the root element. Its children stay without: the namespace is declared for both.
    pub root_prefix: Option<String>,
    /// How ECMA-354 messages name their namespace.
    pub session: SessionNamespace,
    /// Set for Avaya: its private elements, its form of device ids.
    pub avaya: Option<Avaya>,
}

/// How ECMA-354 messages name their namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionNamespace {
    /// As the default namespace: Avaya.
    #[default]
    Default,
    /// Declared with the prefix `aps`, which no element then uses: seen on `OpenScape`.
    Declared,
}

/// What Avaya needs to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Avaya {
    /// The switch that a `SystemRegister` is about.
    pub switch_name: String,
}

impl Style {
    /// ECMA-323 of an edition, without anything of a vendor.
    pub fn edition(edition: u8) -> Self {
        Self::of(format!("http://www.ecma-international.org/standards/ecma-323/csta/ed{edition}"))
    }

    /// ECMA-323 in a namespace, without anything of a vendor.
    pub fn of(namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            root_prefix: None,
            session: SessionNamespace::Default,
            avaya: None,
        }
    }

    /// `OpenScape` Voice: edition 4.
    pub fn openscape() -> Self {
        Self { session: SessionNamespace::Declared, ..Self::edition(4) }
    }

    /// `MiVoice` Office 400: edition 5, the root element with a prefix.
    pub fn office400() -> Self {
        Self { root_prefix: Some("csta".to_owned()), ..Self::edition(5) }
    }

    /// Avaya DMCC in the negotiated namespace, about one switch.
    pub fn avaya(namespace: impl Into<String>, switch_name: impl Into<String>) -> Self {
        Self { avaya: Some(Avaya { switch_name: switch_name.into() }), ..Self::of(namespace) }
    }

    /// What the end of a monitor needs beside its cross reference. Quirk 22, seen on `OpenScape`: the device in private
    /// data.
    pub(crate) fn private_of_stop(&self, device: &DeviceId) -> Vec<Private> {
        if self.session != SessionNamespace::Declared || device.text.is_empty() {
            return Vec::new();
        }
        let mut text = format!("<scx:staticOndDN xmlns:scx=\"{SIEMENS}\">");
        escape(decoration(&device.text).number, &mut text);
        text.push_str("</scx:staticOndDN>");
        vec![Private::Xml(text)]
    }

    /// True where edition 6 differs from those before.
    pub(super) fn is_edition_6(&self) -> bool {
        self.namespace.split("/ed").nth(1).is_some_and(|rest| rest.split('/').next() == Some("6"))
    }

    /// Name and attributes of the root element of a message.
    pub(super) fn root(&self, name: &str, family: Family) -> (String, String) {
        let mut attributes = String::with_capacity(96);
        match (family, self.session) {
            (Family::Csta, _) => {
                let Some(prefix) = &self.root_prefix else {
                    declare("xmlns", &self.namespace, &mut attributes);
                    return (name.to_owned(), attributes);
                };
                declare(&format!("xmlns:{prefix}"), &self.namespace, &mut attributes);
                declare("xmlns", &self.namespace, &mut attributes);
                return (format!("{prefix}:{name}"), attributes);
            }
            (Family::Session, SessionNamespace::Default) => declare("xmlns", SESSION, &mut attributes),
            (Family::Session, SessionNamespace::Declared) => declare("xmlns:aps", SESSION, &mut attributes),
            (Family::Avaya, _) => declare("xmlns", AVAYA, &mut attributes),
        }
        (name.to_owned(), attributes)
    }
}

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// ECMA-323.
    Csta,
    /// ECMA-354.
    Session,
    /// Avaya.
    Avaya,
}

impl Family {
    /// The family of a service.
    pub(super) fn of(service: &str) -> Self {
        match service {
            "StartApplicationSession"
            | "StopApplicationSession"
            | "ResetApplicationSessionTimer"
            | "ApplicationSessionTerminated" => Self::Session,
            "GetThirdPartyDeviceId" | "ReleaseDeviceId" => Self::Avaya,
            _ => Self::Csta,
        }
    }
}

/// Appends ` name="value"`.
fn declare(name: &str, value: &str, attributes: &mut String) {
    attributes.push(' ');
    attributes.push_str(name);
    attributes.push_str("=\"");
    escape(value, attributes);
    attributes.push('"');
}
