//! Monitor filters. The model numbers the events of a group as Phase III tags them; the bits on the wire have an order
//! of their own: Phase II's first, what came later behind.
//!
//! Phase I and II have other groups. Their features are call information, do not disturb, forwarding and message
//! waiting, which are in three groups of Phase III; their agents are a part of the logical features.

use rasn::Decoder as _;
use rasn::types::{Any, Class, Tag};

use super::Phase;
use super::wire::{Read, Writer, context, peek, reader, short_bits, skip, within};
use crate::model::MonitorFilter;

/// Numbers of the events in the order of their bits: call control.
const CALL: [u32; 18] = [1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 14, 15, 16, 17, 5, 0, 10, 12];
/// Maintenance: out of service came before the change of capabilities.
const MAINTENANCE: [u32; 4] = [0, 2, 1, 3];
/// Voice unit; the model has the order of the XML schema.
const VOICE: [u32; 18] = [13, 6, 14, 8, 15, 9, 16, 0, 1, 2, 3, 4, 5, 7, 10, 11, 12, 17];
/// Groups whose bits have the order of the numbers.
const PLAIN: [u32; 32] = {
    let mut order = [0; 32];
    let mut bit = 0_u32;
    let mut rest: &mut [u32] = &mut order;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = bit;
        bit += 1;
        rest = tail;
    }
    order
};
/// Events of Phase I and II calls.
const OLD_CALLS: usize = 14;

/// From bits to numbers.
fn from_wire(bits: u32, order: &[u32]) -> u32 {
    order
        .iter()
        .zip(0..)
        .filter(|(_, bit)| bits >> bit & 1 == 1)
        .fold(0, |map, (number, _)| map | 1 << number)
}

/// From numbers to bits.
fn to_wire(map: u32, order: &[u32]) -> u32 {
    order
        .iter()
        .zip(0..)
        .filter(|(number, _)| map >> **number & 1 == 1)
        .fold(0, |bits, (_, bit)| bits | 1 << bit)
}

/// Reads a monitor filter with this tag.
pub(super) fn filter(value: &Any, tag: Tag, phase: Phase) -> Read<MonitorFilter> {
    within(&mut reader(value.as_bytes()), tag, |from| {
        let mut found = MonitorFilter::default();
        while let Some(tag) = peek(from)? {
            if tag.class != Class::Context {
                skip(from)?;
            } else if phase == Phase::Three {
                match group(&mut found, tag.value) {
                    Some((group, order)) => *group = Some(from_wire(short_bits(from, tag)?, order)),
                    None => skip(from)?,
                }
            } else if tag.value == 4 {
                found.private = Some(u32::from(from.decode_bool(tag)?));
            } else {
                let bits = short_bits(from, tag)?;
                old_group(&mut found, tag.value, bits);
            }
        }
        Ok(found)
    })
}

/// The group of Phase III with this tag, and the order of its bits.
fn group(filter: &mut MonitorFilter, tag: u32) -> Option<(&mut Option<u32>, &'static [u32])> {
    Some(match tag {
        0 => (&mut filter.call_control, &CALL),
        3 => (&mut filter.maintenance, &MAINTENANCE),
        4 => (&mut filter.private, &PLAIN),
        5 => (&mut filter.voice, &VOICE),
        6 => (&mut filter.call_associated, &PLAIN),
        7 => (&mut filter.media, &PLAIN),
        8 => (&mut filter.physical, &PLAIN),
        9 => (&mut filter.logical, &PLAIN),
        _ => return None,
    })
}

/// Features of Phase I and II by bit: call information, do not disturb, forwarding, message waiting.
const DO_NOT_DISTURB: u32 = 11;
const FORWARDING: u32 = 12;
const MESSAGE_WAITING: u32 = 5;
/// Agents by bit: logged on, logged off, not ready, ready, and two kinds of work after a call.
const AGENTS: [u32; 6] = [1, 2, 3, 4, 5, 5];

/// Sorts a group of Phase I or II into those of Phase III.
fn old_group(filter: &mut MonitorFilter, tag: u32, bits: u32) {
    match tag {
        0 => filter.call_control = Some(from_wire(bits, CALL.get(..OLD_CALLS).unwrap_or_default())),
        1 => {
            filter.call_associated = Some(bits & 1);
            filter.physical = Some((bits >> 3 & 1) << MESSAGE_WAITING);
            let logical = (bits >> 1 & 1) << DO_NOT_DISTURB | (bits >> 2 & 1) << FORWARDING;
            filter.logical = Some(filter.logical.unwrap_or(0) | logical);
        }
        2 => filter.logical = Some(filter.logical.unwrap_or(0) | from_wire(bits, &AGENTS)),
        3 => filter.maintenance = Some(from_wire(bits, &MAINTENANCE)),
        5 => filter.voice = Some(from_wire(bits, &VOICE)),
        _ => {}
    }
}

impl Writer<'_> {
    /// A monitor filter.
    pub(super) fn filter(&mut self, tag: Tag, filter: &MonitorFilter) {
        match self.phase {
            Phase::Three => self.within(tag, |w| {
                let mut filter = *filter;
                for number in [0, 6, 7, 8, 9, 3, 5, 4] {
                    if let Some((map, order)) = group(&mut filter, number)
                        && let Some(map) = *map
                    {
                        w.bits(context(number), to_wire(map, order));
                    }
                }
            }),
            Phase::One | Phase::Two => self.within(tag, |w| w.old_filter(filter)),
        }
    }

    /// Phase I and II leave no group out: what is not said suppresses nothing.
    fn old_filter(&mut self, filter: &MonitorFilter) {
        let [call, associated, physical, logical, maintenance, voice, private] = [
            filter.call_control,
            filter.call_associated,
            filter.physical,
            filter.logical,
            filter.maintenance,
            filter.voice,
            filter.private,
        ]
        .map(Option::unwrap_or_default);
        self.bits(context(0), to_wire(call, CALL.get(..OLD_CALLS).unwrap_or_default()));
        let features = associated & 1
            | (logical >> DO_NOT_DISTURB & 1) << 1
            | (logical >> FORWARDING & 1) << 2
            | (physical >> MESSAGE_WAITING & 1) << 3;
        self.bits(context(1), features);
        self.bits(context(2), to_wire(logical, &AGENTS));
        self.bits(context(3), to_wire(maintenance, &MAINTENANCE));
        if self.phase == Phase::Two {
            self.bits(context(5), to_wire(voice, &VOICE));
        }
        self.boolean(context(4), private != 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_bit() {
        for order in [&CALL[..], &MAINTENANCE, &VOICE, &PLAIN] {
            let all: u32 = (0..order.len()).fold(0, |map, bit| map | 1 << bit);
            assert_eq!(from_wire(all, order), all);
            assert_eq!(to_wire(all, order), all);
        }
        // Digits dialed is event 5 and bit 14.
        assert_eq!(to_wire(1 << 5, &CALL), 1 << 14);
        assert_eq!(from_wire(1 << 3, &CALL), 1 << 4);
    }
}
