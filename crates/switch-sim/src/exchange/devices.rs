//! States of phones and lines, told when they change: to everybody, to queues and to busy lamps.

use super::channel::{RING, RINGING, UP};
use super::event::{Class, field};
use super::{ChanId, Exchange};

/// State of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    NotInUse,
    InUse,
    Ringing,
    RingInUse,
    OnHold,
    Unavailable,
}

impl State {
    /// As `DeviceStateChange` says it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NotInUse => "NOT_INUSE",
            Self::InUse => "INUSE",
            Self::Ringing => "RINGING",
            Self::RingInUse => "RINGINUSE",
            Self::OnHold => "ONHOLD",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// As `PJSIPShowEndpoints` says it.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::NotInUse => "Not in use",
            Self::InUse => "In use",
            Self::Ringing => "Ringing",
            Self::RingInUse => "Ring+Inuse",
            Self::OnHold => "On Hold",
            Self::Unavailable => "Unavailable",
        }
    }

    /// As `QueueMemberStatus` counts it.
    pub(crate) const fn member_status(self) -> u8 {
        match self {
            Self::NotInUse => 1,
            Self::InUse => 2,
            Self::Unavailable => 5,
            Self::Ringing => 6,
            Self::RingInUse => 7,
            Self::OnHold => 8,
        }
    }

    /// As `ExtensionStatus` counts and names it.
    pub(crate) const fn lamp(self) -> (u8, &'static str) {
        match self {
            Self::NotInUse => (0, "Idle"),
            Self::InUse => (1, "InUse"),
            Self::Unavailable => (4, "Unavailable"),
            Self::Ringing => (8, "Ringing"),
            Self::RingInUse => (9, "InUse&Ringing"),
            Self::OnHold => (16, "Hold"),
        }
    }
}

impl Exchange {
    /// Something about this channel changed; its device is looked at when the deed is done.
    pub(crate) fn stir(&mut self, id: ChanId) {
        if let Some(channel) = self.channels.get(&id)
            && !channel.is_local()
        {
            self.stirred.insert(channel.device.clone());
        }
    }

    pub(crate) fn device_of_trunk(&self) -> String {
        format!("PJSIP/{}", self.plan.dialplan.trunk)
    }

    /// State of a device by its channels and its registration.
    pub(crate) fn device_state(&self, device: &str) -> State {
        let (mut rings, mut busy, mut talks, mut held) = (false, false, 0_u32, 0_u32);
        for channel in self.channels.values().filter(|channel| channel.device == device) {
            match channel.state {
                RINGING => rings = true,
                RING => busy = true,
                UP => {
                    talks += 1;
                    held += u32::from(channel.is_held);
                }
                _ => {}
            }
        }
        let extension = device.strip_prefix("PJSIP/").unwrap_or(device);
        match (rings, busy || talks > 0) {
            (true, true) => State::RingInUse,
            (true, false) => State::Ringing,
            (false, true) if !busy && held == talks => State::OnHold,
            (false, true) => State::InUse,
            (false, false) => match self.phones.get(extension) {
                Some(phone) if !phone.is_registered => State::Unavailable,
                _ => State::NotInUse,
            },
        }
    }

    /// Tells the devices that changed since the last time.
    pub(crate) fn tell_devices(&mut self) {
        for device in std::mem::take(&mut self.stirred) {
            let state = self.device_state(&device);
            if self.devices.insert(device.clone(), state) == Some(state) {
                continue;
            }
            let parts = vec![field("Device", &device), field("State", state.word())];
            self.say(Class::Call, "DeviceStateChange", parts);
            self.tell_members(&device, state.member_status());
            let extension = device.strip_prefix("PJSIP/").unwrap_or(&device);
            if self.plan.phone(extension).is_some() {
                let (status, text) = state.lamp();
                let parts = vec![
                    field("Exten", extension),
                    field("Context", &self.plan.dialplan.phones),
                    field("Hint", &device),
                    field("Status", status),
                    field("StatusText", text),
                ];
                self.say(Class::Call, "ExtensionStatus", parts);
            }
        }
    }
}
