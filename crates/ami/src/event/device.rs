//! Devices, extensions, presence, registrations.

use super::view::{event_view, wire_words};

wire_words! {
    /// `State` of a device.
    DeviceState {
        Unknown = "UNKNOWN",
        NotInUse = "NOT_INUSE",
        InUse = "INUSE",
        Busy = "BUSY",
        Invalid = "INVALID",
        Unavailable = "UNAVAILABLE",
        Ringing = "RINGING",
        RingInUse = "RINGINUSE",
        OnHold = "ONHOLD",
    }
}

event_view! {
    /// `DeviceStateChange`, also the list item of `DeviceStateList`. Repeats are possible.
    DeviceStateChange { device: text("Device"), state: word(DeviceState, "State") }
}

event_view! {
    /// `ExtensionStatus`, also the list item of `ExtensionStateList`.
    ExtensionStatus {
        exten: text("Exten"),
        context: text("Context"),
        hint: text("Hint"),
        status: number(i32, "Status"),
        status_text: text("StatusText"),
    }
}

/// Bits of an extension's `Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionBits(i32);

impl ExtensionBits {
    /// Bit 1: some device of the hint is in use.
    pub const fn is_in_use(self) -> bool {
        self.0 & 1 != 0
    }

    /// Bit 2: all are busy.
    pub const fn is_busy(self) -> bool {
        self.0 & 2 != 0
    }

    /// Bit 4: unavailable.
    pub const fn is_unavailable(self) -> bool {
        self.0 & 4 != 0
    }

    /// Bit 8: ringing.
    pub const fn is_ringing(self) -> bool {
        self.0 & 8 != 0
    }

    /// Bit 16: on hold.
    pub const fn is_on_hold(self) -> bool {
        self.0 & 16 != 0
    }
}

impl ExtensionStatus<'_> {
    /// `Status` as bits; `None` if absent, or negative because the hint or extension was removed.
    pub fn bits(self) -> Option<ExtensionBits> {
        self.status().filter(|status| *status >= 0).map(ExtensionBits)
    }
}

event_view! {
    /// `PresenceStatus`, and `PresenceStateChange` (which has `presentity` instead of an extension).
    PresenceStatus {
        exten: text("Exten"),
        context: text("Context"),
        hint: text("Hint"),
        presentity: text("Presentity"),
        status: text("Status"),
        subtype: text("Subtype"),
        text: text("Message"),
    }
}

wire_words! {
    /// `PeerStatus`.
    PeerState {
        Registered = "Registered",
        Unregistered = "Unregistered",
        Reachable = "Reachable",
        Unreachable = "Unreachable",
        Lagged = "Lagged",
        Rejected = "Rejected",
    }
}

event_view! {
    /// `PeerStatus`: PJSIP sends one per endpoint.
    PeerStatus {
        channel_type: text("ChannelType"),
        peer: text("Peer"),
        state: word(PeerState, "PeerStatus"),
        address: text("Address"),
        cause: text("Cause"),
        time: text("Time"),
    }
}

wire_words! {
    /// Status of a contact.
    ContactState {
        Created = "Created",
        Reachable = "Reachable",
        Unreachable = "Unreachable",
        Unknown = "Unknown",
        NonQualified = "NonQualified",
        Updated = "Updated",
        Removed = "Removed",
    }
}

event_view! {
    /// `ContactStatus`: a phone registered, became reachable or went away.
    ContactStatus {
        uri: text("URI"),
        state: word(ContactState, "ContactStatus"),
        aor: text("AOR"),
        endpoint: text("EndpointName"),
        round_trip_us: number(u64, "RoundtripUsec"),
    }
}

event_view! {
    /// `ContactList` (item of `PJSIPShowContacts`) and `ContactStatusDetail` (item of `PJSIPShowEndpoint`).
    Contact {
        uri: text("URI", "Uri"),
        state: word(ContactState, "Status"),
        aor: text("AOR", "Aor"),
        endpoint: text("EndpointName", "Endpoint"),
        user_agent: text("UserAgent"),
        via_address: text("ViaAddress", "ViaAddr"),
        round_trip_us: number(u64, "RoundtripUsec"),
        expires_at: number(i64, "RegExpire", "ExpirationTime"),
    }
}

event_view! {
    /// `EndpointList` (item of `PJSIPShowEndpoints`) and `EndpointDetail` (item of `PJSIPShowEndpoint`).
    Endpoint {
        name: text("ObjectName"),
        transport: text("Transport"),
        aors: text("Aor", "Aors"),
        auths: text("Auths", "Auth"),
        device_state: text("DeviceState"),
        active_channels: text("ActiveChannels"),
    }
}
