//! The parking lot.

use super::bridges::Purpose;
use super::channel::{Doing, Party};
use super::event::{Class, Part, field};
use super::{ChanId, Exchange, Micros, SECOND, Timer};

/// A call that waits at a place.
#[derive(Debug, Clone)]
pub(crate) struct Parked {
    pub(crate) channel: ChanId,
    /// Who parked it: `PJSIP/1001`.
    pub(crate) parker: String,
    pub(crate) since: Micros,
}

impl Exchange {
    /// Parks a channel at the first free place; false when there is none.
    pub(crate) fn park(&mut self, id: ChanId, parker: Option<String>) -> bool {
        let Some(lot) = self.plan.parking.clone() else { return false };
        let [first, last] = lot.places;
        let Some(place) = (first..=last).find(|place| !self.parked.contains_key(place)) else { return false };
        let transferrer = self.channels.get(&id).map(|one| one.variable("BLINDTRANSFER").to_owned());
        let device = transferrer
            .as_deref()
            .and_then(|name| name.rsplit_once('-'))
            .map(|(device, _)| device.to_owned());
        let parker = parker.or(device).unwrap_or_default();
        let bridge = self.parking_bridge();
        self.parked.insert(place, Parked { channel: id, parker, since: self.now });
        self.does(id, Doing::Parked(place));
        if let Some(parker) = self.parked.get(&place).map(|parked| parked.parker.clone()) {
            self.call_parked(id, place, &parker);
        }
        self.tell_parked("ParkedCall", place, None);
        self.application(id, "Park", "");
        self.enter(bridge, id, None);
        if self.channels.get(&id).is_some_and(|channel| !channel.variable("BLINDTRANSFER").is_empty()) {
            self.set_variable(id, "BLINDTRANSFER", "");
        }
        self.music_starts(id);
        let token = self.channels.get(&id).map_or(0, |channel| channel.token);
        self.after(i64::from(lot.timeout_s) * SECOND, Timer::ParkingEnds(id, token));
        true
    }

    fn parking_bridge(&mut self) -> super::BridgeId {
        let found =
            self.bridges.iter().find(|(_, bridge)| bridge.purpose == Purpose::Parking).map(|(id, _)| *id);
        found.unwrap_or_else(|| self.make_bridge(Purpose::Parking))
    }

    fn tell_parked(&mut self, name: &'static str, place: u32, retriever: Option<ChanId>) {
        let parts = self.parked_parts(place, retriever);
        self.say(Class::Call, name, parts);
    }

    /// What a row or an event tells of a place.
    pub(crate) fn parked_parts(&self, place: u32, retriever: Option<ChanId>) -> Vec<Part> {
        let Some(parked) = self.parked.get(&place) else { return Vec::new() };
        let timeout = self.plan.parking.as_ref().map_or(0, |lot| lot.timeout_s);
        let mut parts: Vec<Part> = self.shot("Parkee", parked.channel).into_iter().collect();
        parts.extend(retriever.and_then(|id| self.shot("Retriever", id)));
        parts.extend([
            field("ParkerDialString", &parked.parker),
            field("Parkinglot", "default"),
            field("ParkingSpace", place),
            field("ParkingTimeout", timeout),
            field("ParkingDuration", (self.now - parked.since) / SECOND),
        ]);
        parts
    }

    /// A phone dialled a place: it talks to who waits there. False when nobody does.
    pub(crate) fn take_parked(&mut self, retriever: ChanId, place: u32) -> bool {
        let Some(parkee) = self.parked.get(&place).map(|parked| parked.channel) else { return false };
        self.call_unparked(parkee, retriever);
        let bridge = self.make_bridge(Purpose::Talk);
        self.music_stops(parkee);
        self.tell_parked("UnParkedCall", place, Some(retriever));
        self.parked.remove(&place);
        self.leave(parkee);
        for id in [parkee, retriever] {
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.goes_on = false;
            }
            self.enter(bridge, id, None);
        }
        self.let_go(bridge);
        let (one, other) = (self.id_of(retriever), self.id_of(parkee));
        self.connect_line(retriever, other);
        self.connect_line(parkee, one);
        true
    }

    /// A parked channel ends or is taken elsewhere.
    pub(crate) fn unpark_gone(&mut self, id: ChanId, place: u32) {
        self.tell_parked("ParkedCallGiveUp", place, None);
        self.parked.remove(&place);
        self.leave(id);
    }

    /// Nobody took it: it goes back to who parked it.
    pub(crate) fn parking_ends(&mut self, id: ChanId, token: u32) {
        let Some(channel) = self.channels.get(&id).filter(|channel| channel.token == token) else { return };
        let Doing::Parked(place) = channel.doing else { return };
        self.tell_parked("ParkedCallTimeOut", place, None);
        let parker = self.parked.remove(&place).map(|parked| parked.parker).unwrap_or_default();
        self.leave(id);
        let phones = self.plan.dialplan.phones.clone();
        let extension = parker.strip_prefix("PJSIP/").unwrap_or_default().to_owned();
        self.parking_over(id, &extension);
        self.send_to(id, &phones, &extension);
    }

    /// The device at the far end of a channel, as a dial string.
    pub(crate) fn dial_string_of(&self, id: ChanId) -> Option<String> {
        match &self.channels.get(&id)?.party {
            Party::Phone(extension) => Some(format!("PJSIP/{extension}")),
            Party::Outside(_) => Some(self.device_of_trunk()),
            Party::Local { .. } => None,
        }
    }
}
