//! What many messages share: common arguments, linkage of calls.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use rasn::types::{Any, Tag};

use super::Phase;
use super::fields::Fields;
use super::wire::{Read, Writer, context, peek, reader, text, whole, within};
use crate::model::{CallLinkage, More, Octets, Private, Stamp};

/// Reads `CSTACommonArguments` whose tag is `tag`.
pub(super) fn common(value: &Any, tag: Tag, more: &mut More) -> Read<()> {
    let mut fields = Fields::parse(value, tag, Phase::Three)?;
    if let Some(security) = fields.raw(context(0)) {
        let mut security = Fields::parse(&security, context(0), Phase::Three)?;
        for tag in [Tag::GENERALIZED_TIME, Tag::UTC_TIME] {
            if let Some(time) = security.raw(tag) {
                more.at = stamp(&text(&mut reader(time.as_bytes()), tag)?, tag == Tag::UTC_TIME);
            }
        }
    }
    if let Some(list) = fields.raw(context(1)) {
        more.private = privates(&list, context(1))?;
    }
    Ok(())
}

/// Reads a list of private data, verbatim.
pub(super) fn privates(value: &Any, tag: Tag) -> Read<Vec<Private>> {
    within(&mut reader(value.as_bytes()), tag, |from| {
        let mut list = Vec::new();
        while peek(from)?.is_some() {
            list.push(Private::Ber(whole(from)?.into_bytes()));
        }
        Ok(list)
    })
}

/// `CCYYMMDDHHMMSS`, a two-digit year in a `UTCTime`, with or without fraction and zone. A time that cannot be read is
/// left out: it never costs the event.
fn stamp(text: &str, short_year: bool) -> Option<Stamp> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(digits)?;
    let century = if !short_year {
        ""
    } else if digits < "50" {
        "20"
    } else {
        "19"
    };
    let digits = format!("{century}{digits}");
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i8>().ok();
    let seconds = if digits.len() == 12 { 0 } else { part(12, 14)? };
    let (nanoseconds, zone) = fraction(rest)?;
    let at = DateTime::new(
        digits.get(..4)?.parse().ok()?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        seconds,
        nanoseconds,
    )
    .ok()?;
    Some(match zone {
        "" => Stamp::Local(at),
        zone => Stamp::Utc(offset(zone)?.to_timestamp(at).ok()?),
    })
}

/// A fraction of a second in nanoseconds, and what follows it.
fn fraction(rest: &str) -> Option<(i32, &str)> {
    let Some(rest) = rest.strip_prefix(['.', ',']) else { return Some((0, rest)) };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, zone) = rest.split_at_checked(end)?;
    let nine: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
    Some((nine.parse().ok()?, zone))
}

/// `Z` or `+hhmm`.
fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let hours: i32 = zone.get(..3)?.parse().ok()?;
    let minutes: i32 = zone.get(3..5).unwrap_or("00").parse().ok()?;
    Offset::from_seconds((hours * 60 + minutes * hours.signum()) * 60).ok()
}

/// Reads `CallLinkageData`, or the first of a list of two, the new call's.
pub(super) fn linkage(value: &Any, tag: Tag, list: bool) -> Read<Option<CallLinkage>> {
    let mut fields = Fields::parse(value, tag, Phase::Three)?;
    if list {
        return match fields.raw(Tag::SEQUENCE) {
            Some(new) => linkage(&new, Tag::SEQUENCE, false),
            None => Ok(None),
        };
    }
    let mut id = || fields.raw(Tag::SEQUENCE).map_or(Ok((None, false)), |data| linkage_id(&data));
    let (global, is_local) = id()?;
    let (thread, _) = id()?;
    Ok(Some(CallLinkage { global, is_local, thread }))
}

/// The globally unique id `[1]`, or the one in a domain `[0]`; true for that.
fn linkage_id(value: &Any) -> Read<(Option<Octets>, bool)> {
    let mut fields = Fields::parse(value, Tag::SEQUENCE, Phase::Three)?;
    if let Some(id) = fields.octets(context(1))? {
        return Ok((Some(id), false));
    }
    let local = fields.octets(context(0))?;
    let is_local = local.is_some();
    Ok((local, is_local))
}

impl Writer<'_> {
    /// Common arguments; nothing when there is nothing to say.
    pub(super) fn common(&mut self, tag: Tag, more: &More) {
        if more.at.is_none() && more.private.is_empty() {
            return;
        }
        self.within(tag, |w| {
            if let Some(at) = more.at {
                w.within(context(0), |w| w.stamp(at));
            }
            if !more.private.is_empty() {
                w.within(context(1), |w| w.privates(&more.private));
            }
        });
    }

    /// Values of private data, as they are.
    pub(super) fn privates(&mut self, list: &[Private]) {
        for private in list {
            match private {
                Private::Ber(value) => self.raw("privateData", value),
                Private::Xml(_) => self.fail("privateData", "is XML"),
            }
        }
    }

    /// Phase II writes a `UTCTime` of whole seconds, Phase III a `GeneralizedTime`.
    fn stamp(&mut self, at: Stamp) {
        let (at, zone) = match at {
            Stamp::Utc(at) => (Offset::UTC.to_datetime(at), "Z"),
            Stamp::Local(at) => (at, ""),
        };
        let seconds = at.strftime("%m%d%H%M%S");
        if self.phase != Phase::Three {
            let year = at.year().rem_euclid(100);
            return self.text(Tag::UTC_TIME, "timestamp", &format!("{year:02}{seconds}{zone}"));
        }
        let fraction = match at.subsec_nanosecond() {
            0 => String::new(),
            nanoseconds => format!(".{nanoseconds:09}").trim_end_matches('0').to_owned(),
        };
        self.text(Tag::GENERALIZED_TIME, "timestamp", &format!("{:04}{seconds}{fraction}{zone}", at.year()));
    }

    /// Linkage of a call. A list names the old call's linkage too; what is stable over both calls is written twice.
    pub(super) fn linkage(&mut self, tag: Tag, list: bool, linkage: Option<&CallLinkage>) {
        let Some(linkage) = linkage else { return };
        self.within(tag, |w| {
            if list {
                w.within(Tag::SEQUENCE, |w| w.linkage_ids(linkage));
                w.within(Tag::SEQUENCE, |w| w.linkage_ids(linkage));
            } else {
                w.linkage_ids(linkage);
            }
        });
    }

    fn linkage_ids(&mut self, linkage: &CallLinkage) {
        match &linkage.global {
            Some(global) => {
                let form = context(u32::from(!linkage.is_local));
                self.within(Tag::SEQUENCE, |w| w.octets(form, global.as_bytes()));
            }
            None => self.fail("callLinkageData", "needs a global id"),
        }
        if let Some(thread) = &linkage.thread {
            self.within(Tag::SEQUENCE, |w| w.octets(context(1), thread.as_bytes()));
        }
    }
}
