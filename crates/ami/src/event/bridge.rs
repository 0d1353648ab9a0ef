//! Bridges: who is in which, and the list items of `BridgeList` and `BridgeInfo`.

use super::view::event_view;

event_view! {
    /// `BridgeCreate`, `BridgeDestroy`, and the list items `BridgeListItem`, `BridgeInfoComplete`.
    BridgeEvent { bridge: bridge("") }
}

event_view! {
    /// `BridgeEnter`: the channel is in. With `swap_uniqueid` it takes the place of that channel, whose leave
    /// comes before or after: no gap may be shown.
    BridgeEnter { bridge: bridge(""), channel: channel(""), swap_uniqueid: text("SwapUniqueid") }
}

event_view! {
    /// `BridgeLeave`: the channel is out.
    BridgeLeave { bridge: bridge(""), channel: channel("") }
}

event_view! {
    /// `BridgeMerge`: all channels of `from` moved to `to`.
    BridgeMerge { to: bridge("To"), from: bridge("From") }
}

event_view! {
    /// `BridgeVideoSourceUpdate`.
    BridgeVideoSourceUpdate { bridge: bridge(""), previous_source: text("BridgePreviousVideoSource") }
}

event_view! {
    /// `BridgeInfoChannel` list item: one member of the bridge asked about.
    BridgeInfoChannel { channel: channel("") }
}
