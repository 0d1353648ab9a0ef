//! Conferences: ConfBridge and the older `MeetMe`.

use super::view::event_view;

event_view! {
    /// `ConfbridgeStart`, `End`, `Join`, `Leave`, `Mute`, `Unmute`, `Talking`, `Record`, `StopRecord`, `Lock`,
    /// `Unlock`, and the list item `ConfbridgeList`.
    Confbridge {
        conference: text("Conference"),
        bridge: bridge(""),
        channel: channel(""),
        is_admin: flag("Admin"),
        is_talking: flag("TalkingStatus", "Talking"),
        is_muted: flag("Muted"),
    }
}

event_view! {
    /// `ConfbridgeListRooms` list item.
    ConfbridgeRoom {
        conference: text("Conference"),
        parties: number(u32, "Parties"),
        marked: number(u32, "Marked"),
        is_locked: flag("Locked"),
        is_muted: flag("Muted"),
    }
}

event_view! {
    /// `MeetmeJoin`, `Leave`, `End`, `Mute`, `Talking`, `TalkRequest` (deprecated application).
    Meetme {
        conference: text("Meetme"),
        user: text("Usernum", "User"),
        channel: channel(""),
        is_talking: flag("TalkingStatus", "Status"),
    }
}
