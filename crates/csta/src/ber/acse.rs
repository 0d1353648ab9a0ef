//! Associations (ACSE, X.227) as CSTA links use them: a name and a password, the versions, an end.

use rasn::Decoder as _;
use rasn::ber::de::Decoder;
use rasn::types::{Class, Tag};

use super::Phase;
use super::wire::{
    Read, Writer, application, bits, context, integer, missing, octets, peek, skip, within,
    write as write_value, wrong,
};
use crate::error::Unencodable;
use crate::model::{Octets, Secret};

/// Application context that also Phase III switches name: ECMA-218. Nobody is refused for another.
pub const CONTEXT: [u32; 5] = [1, 3, 12, 0, 218];

/// EXTERNAL.
const EXTERNAL: Tag = Tag::EXTERNAL;

/// One message about the association.
#[derive(Debug, Clone, PartialEq)]
pub enum Apdu {
    /// AARQ: a client wants an association.
    Associate(Associate),
    /// AARE: whether it has one.
    Associated(Associated),
    /// RLRQ: an orderly end is wanted.
    Release {
        /// Why.
        reason: Option<i64>,
    },
    /// RLRE: the end is agreed.
    Released {
        /// Why.
        reason: Option<i64>,
    },
    /// ABRT: the end, now. How clients were seen to end.
    Abort {
        /// 0 the user of ACSE, 1 ACSE itself.
        source: i64,
        /// 1 no reason given, 2 protocol error, 3 authentication mechanism not recognised, 4 not supplied,
        /// 5 authentication failed or required, …
        diagnostic: Option<i64>,
    },
}

/// AARQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Associate {
    /// Application context.
    pub context: Vec<u32>,
    /// User name and password.
    pub login: Option<(String, Secret)>,
    /// What the client can speak.
    pub user: Option<UserInformation>,
}

/// AARE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Associated {
    /// Application context.
    pub context: Vec<u32>,
    /// Whether there is an association.
    pub result: Outcome,
    /// Why: source (1 the switch's application, 2 ACSE) and code.
    pub diagnostic: Option<(u32, i64)>,
    /// What the switch tells about itself: seen were a time and a release.
    pub authentication: Vec<Octets>,
    /// What the switch will speak.
    pub user: Option<UserInformation>,
}

/// Whether there is an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There is.
    Accepted,
    /// There is none, and asking again will not help.
    RejectedPermanent,
    /// There is none now.
    RejectedTransient,
}

/// `ACSEUserInformationForCSTA`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserInformation {
    /// True for the form of Phase I and II, which has no tag and always has the maps.
    pub old: bool,
    /// `CSTAVersion`: bit 0 ECMA-180, 1 ECMA-218, 2 ECMA-285, 3 ISO/IEC 18052, 4, 14, 18 later editions of ECMA-285.
    pub versions: u32,
    /// Services that the application wants.
    pub required: Option<Functionality>,
    /// Services that the sender has.
    pub supplied: Option<Functionality>,
    /// Versions of private data; new form only.
    pub private_versions: Vec<i64>,
}

/// `CSTAFunctionality`: maps of services by tag: 0 switching, 1 events, 2 computing, 3 both ways, 4 status, 5 I/O,
/// 6 voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Functionality(pub [u64; 7]);

/// Reads a message with this tag.
pub(super) fn read(from: &mut Decoder<'_>, tag: Tag) -> Read<Apdu> {
    within(from, tag, |from| match tag.value {
        0 => associate(from).map(Apdu::Associate),
        1 => associated(from).map(Apdu::Associated),
        2 | 3 => {
            let mut reason = None;
            while let Some(found) = peek(from)? {
                if found == context(0) { reason = Some(integer(from, found)?) } else { skip(from)? }
            }
            Ok(if tag.value == 2 { Apdu::Release { reason } } else { Apdu::Released { reason } })
        }
        4 => {
            let (mut source, mut diagnostic) = (0, None);
            while let Some(found) = peek(from)? {
                match (found.class, found.value) {
                    (Class::Context, 0) => source = integer(from, found)?,
                    (Class::Context, 1) => diagnostic = Some(integer(from, found)?),
                    _ => skip(from)?,
                }
            }
            Ok(Apdu::Abort { source, diagnostic })
        }
        other => Err(wrong(format!("APPLICATION {other} is no message of ACSE"))),
    })
}

fn associate(from: &mut Decoder<'_>) -> Read<Associate> {
    let mut found = Associate { context: Vec::new(), login: None, user: None };
    while let Some(tag) = peek(from)? {
        match (tag.class, tag.value) {
            (Class::Context, 1) => found.context = oid(from, tag)?,
            (Class::Context, 12) => {
                let mut parts = authentication(from, tag)?.into_iter();
                let text = |octets: Octets| String::from_utf8_lossy(octets.as_bytes()).into_owned();
                if let (Some(user), Some(password)) = (parts.next(), parts.next()) {
                    found.login = Some((text(user), Secret::from(text(password).as_str())));
                }
            }
            (Class::Context, 30) => found.user = user_information(from, tag)?,
            _ => skip(from)?,
        }
    }
    Ok(found)
}

fn associated(from: &mut Decoder<'_>) -> Read<Associated> {
    let mut result = None;
    let mut found = Associated {
        context: Vec::new(),
        result: Outcome::Accepted,
        diagnostic: None,
        authentication: Vec::new(),
        user: None,
    };
    while let Some(tag) = peek(from)? {
        match (tag.class, tag.value) {
            (Class::Context, 1) => found.context = oid(from, tag)?,
            (Class::Context, 2) => result = Some(within(from, tag, |from| integer(from, Tag::INTEGER))?),
            (Class::Context, 3) => found.diagnostic = diagnostic(from, tag)?,
            (Class::Context, 10) => found.authentication = authentication(from, tag)?,
            (Class::Context, 30) => found.user = user_information(from, tag)?,
            _ => skip(from)?,
        }
    }
    found.result = match result.ok_or_else(|| missing("result"))? {
        0 => Outcome::Accepted,
        1 => Outcome::RejectedPermanent,
        _ => Outcome::RejectedTransient,
    };
    Ok(found)
}

fn oid(from: &mut Decoder<'_>, tag: Tag) -> Read<Vec<u32>> {
    within(from, tag, |from| from.decode_object_identifier(Tag::OBJECT_IDENTIFIER)).map(|oid| oid.to_vec())
}

fn diagnostic(from: &mut Decoder<'_>, tag: Tag) -> Read<Option<(u32, i64)>> {
    within(from, tag, |from| {
        let Some(source) = peek(from)? else { return Ok(None) };
        let code = within(from, source, |from| integer(from, Tag::INTEGER))?;
        Ok(Some((source.value, code)))
    })
}

/// Every OCTET STRING of an authentication value: `[2]` EXTERNAL, in it `[0]`, in it a CHOICE with `[0]`.
fn authentication(from: &mut Decoder<'_>, tag: Tag) -> Read<Vec<Octets>> {
    within(from, tag, |from| {
        let mut found = Vec::new();
        strings(from, &mut found, 6)?;
        Ok(found)
    })
}

/// OCTET STRINGs at any depth up to `depth`.
fn strings(from: &mut Decoder<'_>, found: &mut Vec<Octets>, depth: u8) -> Read<()> {
    while let Some(tag) = peek(from)? {
        let constructed = from.remaining().first().is_some_and(|octet| octet & 0x20 != 0);
        match (tag, depth.checked_sub(1)) {
            (Tag::OCTET_STRING, _) => found.push(octets(from, tag)?),
            (_, Some(depth)) if constructed => within(from, tag, |from| strings(from, found, depth))?,
            _ => skip(from)?,
        }
    }
    Ok(())
}

fn user_information(from: &mut Decoder<'_>, tag: Tag) -> Read<Option<UserInformation>> {
    within(from, tag, |from| {
        if peek(from)? != Some(EXTERNAL) {
            return Ok(None);
        }
        within(from, EXTERNAL, |from| {
            // A reference may stand before the value.
            while peek(from)?.is_some_and(|tag| tag != context(0)) {
                skip(from)?;
            }
            if peek(from)?.is_none() {
                return Ok(None);
            }
            within(from, context(0), |from| match peek(from)? {
                Some(form @ (Tag::SEQUENCE | NEW_FORM)) => {
                    within(from, form, |from| information(from, form == Tag::SEQUENCE)).map(Some)
                }
                _ => Ok(None),
            })
        })
    })
}

/// `newDefinition`.
const NEW_FORM: Tag = context(0);

fn information(from: &mut Decoder<'_>, old: bool) -> Read<UserInformation> {
    let mut found = UserInformation { old, ..UserInformation::default() };
    while let Some(tag) = peek(from)? {
        match (tag.class, tag.value) {
            (Class::Universal, 3) => {
                found.versions = u32::try_from(bits(from, tag)? & u64::from(u32::MAX)).unwrap_or(0);
            }
            (Class::Universal, 16) if old && found.required.is_none() => {
                found.required = Some(functionality(from, tag)?);
            }
            (Class::Universal, 16) if old => found.supplied = Some(functionality(from, tag)?),
            (Class::Context, 0) => found.required = Some(functionality(from, tag)?),
            (Class::Context, 1) => found.supplied = Some(functionality(from, tag)?),
            (Class::Context, 2) => found.private_versions = private_versions(from, tag)?,
            _ => skip(from)?,
        }
    }
    Ok(found)
}

fn functionality(from: &mut Decoder<'_>, tag: Tag) -> Read<Functionality> {
    within(from, tag, |from| {
        let mut found = Functionality::default();
        while let Some(tag) = peek(from)? {
            let number = usize::try_from(tag.value).unwrap_or(usize::MAX);
            match found.0.get_mut(number).filter(|_| tag.class == Class::Context) {
                Some(map) => *map = bits(from, tag)?,
                None => skip(from)?,
            }
        }
        Ok(found)
    })
}

fn private_versions(from: &mut Decoder<'_>, tag: Tag) -> Read<Vec<i64>> {
    within(from, tag, |from| {
        let mut found = Vec::new();
        while let Some(tag) = peek(from)? {
            if tag == Tag::INTEGER { found.push(integer(from, tag)?) } else { skip(from)? }
        }
        Ok(found)
    })
}

/// Writes a message.
pub(super) fn write(apdu: &Apdu) -> Result<Vec<u8>, Unencodable> {
    write_value(Phase::Three, "ACSE", |w| match apdu {
        Apdu::Associate(associate) => w.within(application(0), |w| w.associate(associate)),
        Apdu::Associated(associated) => w.within(application(1), |w| w.associated(associated)),
        Apdu::Release { reason } => w.release(application(2), *reason),
        Apdu::Released { reason } => w.release(application(3), *reason),
        Apdu::Abort { source, diagnostic } => w.within(application(4), |w| {
            w.integer(context(0), *source);
            if let Some(diagnostic) = diagnostic {
                w.integer(context(1), *diagnostic);
            }
        }),
    })
}

impl Writer<'_> {
    fn associate(&mut self, associate: &Associate) {
        self.context_name(&associate.context);
        if let Some((user, password)) = &associate.login {
            // The functional unit of authentication: bit 0 of two.
            self.octets(context(10), &[6, 0x80]);
            self.authentication(12, &[user.as_bytes(), password.reveal().as_bytes()]);
        }
        self.user_information(associate.user.as_ref());
    }

    fn associated(&mut self, associated: &Associated) {
        self.context_name(&associated.context);
        let result = match associated.result {
            Outcome::Accepted => 0,
            Outcome::RejectedPermanent => 1,
            Outcome::RejectedTransient => 2,
        };
        self.within(context(2), |w| w.integer(Tag::INTEGER, result));
        if let Some((source, code)) = associated.diagnostic {
            self.within(context(3), |w| w.within(context(source), |w| w.integer(Tag::INTEGER, code)));
        }
        // The functional unit of authentication, of which switches write one bit only.
        self.octets(context(8), &[7, 0x80]);
        if !associated.authentication.is_empty() {
            let parts: Vec<&[u8]> = associated.authentication.iter().map(Octets::as_bytes).collect();
            self.authentication(10, &parts);
        }
        self.user_information(associated.user.as_ref());
    }

    fn release(&mut self, tag: Tag, reason: Option<i64>) {
        self.within(tag, |w| {
            if let Some(reason) = reason {
                w.integer(context(0), reason);
            }
        });
    }

    fn context_name(&mut self, name: &[u32]) {
        self.within(context(1), |w| w.object_identifier(name));
    }

    fn authentication(&mut self, tag: u32, parts: &[&[u8]]) {
        self.within(context(tag), |w| {
            w.within(context(2), |w| {
                w.within(context(0), |w| {
                    w.within(context(0), |w| parts.iter().for_each(|part| w.octets(Tag::OCTET_STRING, part)));
                });
            });
        });
    }

    fn user_information(&mut self, information: Option<&UserInformation>) {
        let Some(information) = information else { return };
        self.within(context(30), |w| {
            w.within(EXTERNAL, |w| w.within(context(0), |w| w.information(information)));
        });
    }

    fn information(&mut self, information: &UserInformation) {
        let maps = [information.required, information.supplied];
        if information.old {
            if !information.private_versions.is_empty() {
                self.fail("cSTAPrivateDataVersionList", "is not in the old form");
            }
            return self.within(Tag::SEQUENCE, |w| {
                w.versions(information.versions);
                for map in maps {
                    w.functionality(Tag::SEQUENCE, &map.unwrap_or_default());
                }
            });
        }
        self.within(NEW_FORM, |w| {
            w.versions(information.versions);
            for (map, tag) in maps.iter().zip(0..) {
                if let Some(map) = map {
                    w.functionality(context(tag), map);
                }
            }
            if !information.private_versions.is_empty() {
                w.within(context(2), |w| {
                    for version in &information.private_versions {
                        w.integer(Tag::INTEGER, *version);
                    }
                });
            }
        });
    }

    /// Two octets, as the first clients sent them; three for the newest editions.
    fn versions(&mut self, versions: u32) {
        self.bits_of(Tag::BIT_STRING, versions.into(), 16);
    }

    fn functionality(&mut self, tag: Tag, maps: &Functionality) {
        self.within(tag, |w| {
            for (map, tag) in maps.0.iter().zip(0..) {
                if *map != 0 {
                    w.bits_of(context(tag), *map, 8);
                }
            }
        });
    }
}
