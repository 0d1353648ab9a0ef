//! Events of a channel's life (Newchannel to Hangup) and what happens on it.

use std::borrow::Cow;

use super::{
    ChannelSnapshot,
    view::{event_view, wire_words},
};
use crate::text;

event_view! {
    /// An event that says nothing beyond its channel: `Newchannel`, `Newstate`, `NewConnectedLine`, `Unhold`,
    /// `MusicOnHoldStop`, `Flash`, `Wink`, `MixMonitorStart`, `MixMonitorStop`, `ChannelTalkingStart`.
    ChannelEvent { channel: channel("") }
}

event_view! {
    /// `NewCallerid`: the caller id of this channel changed after creation.
    NewCallerid { channel: channel(""), presentation: text("CID-CallingPres") }
}

event_view! {
    /// `NewAccountCode`: the account really changed.
    NewAccountCode { channel: channel(""), old_account_code: text("OldAccountCode") }
}

event_view! {
    /// `Newexten`: one dialplan step.
    Newexten {
        channel: channel(""),
        extension: text("Extension"),
        application: text("Application"),
        app_data: text("AppData"),
    }
}

event_view! {
    /// `VarSet`: a variable was set; [`channel`](VarSet::channel) is `None` for a global one (`Channel: none`).
    VarSet { channel: channel(""), variable: text("Variable"), value: escaped("Value") }
}

event_view! {
    /// `HangupRequest`: the party on this channel hung up (BYE, CANCEL). `cause` is a Q.850 number.
    HangupRequest { channel: channel(""), cause: number(u32, "Cause"), tech_cause: number(u32, "TechCause") }
}

event_view! {
    /// `SoftHangupRequest`: Asterisk or an action asked this channel to end. What its `Cause` counts is not settled:
    /// the sources name flag bits (1 device, 4 shutdown, 8 timeout, 16 application unload, 32 explicit), recordings
    /// show the Q.850 cause of the later hang-up (16, 1). Nothing may depend on it.
    SoftHangupRequest { channel: channel(""), cause: number(u32, "Cause") }
}

event_view! {
    /// `HangupHandlerPush`, `HangupHandlerPop`, `HangupHandlerRun`: a dialplan handler for the hang-up.
    HangupHandler { channel: channel(""), handler: text("Handler") }
}

event_view! {
    /// `Hangup`: the channel is gone. `cause` is a Q.850 number (0 unknown), `tech_cause` the SIP status
    /// (20.17, 22.7, 23.1 and later).
    Hangup {
        channel: channel(""),
        cause: number(u32, "Cause"),
        cause_text: text("Cause-txt"),
        tech_cause: number(u32, "TechCause"),
    }
}

event_view! {
    /// `Rename`: the name changed, the `Uniqueid` did not. No snapshot.
    Rename { old_name: text("Channel"), new_name: text("Newname"), uniqueid: text("Uniqueid") }
}

wire_words! {
    /// Direction of a DTMF digit or a muted audio path.
    Direction { Received = "Received", Sent = "Sent", Read = "read", Write = "write", Both = "both" }
}

event_view! {
    /// `DTMFBegin`, `DTMFEnd`; the duration comes with the end only.
    Dtmf {
        channel: channel(""),
        digit: text("Digit"),
        direction: word(Direction, "Direction"),
        duration: millis("DurationMs"),
    }
}

event_view! {
    /// `MusicOnHoldStart`: this channel hears music (hold, queue, parking alike).
    MusicOnHoldStart { channel: channel(""), class: text("Class") }
}

event_view! {
    /// `Hold`: the party on this channel pressed hold. May repeat: a level, not an edge.
    Hold { channel: channel(""), music_class: text("MusicClass") }
}

event_view! {
    /// `ChanSpyStart`, `ChanSpyStop`; the stop may lack the spied channel.
    ChanSpy { spyer: channel("Spyer"), spyee: channel("Spyee") }
}

event_view! {
    /// `MixMonitorMute`: recorded audio of a direction was silenced or restored.
    MixMonitorMute { channel: channel(""), direction: word(Direction, "Direction"), is_muted: flag("State") }
}

event_view! {
    /// `ChannelTalkingStop`: the party stopped talking after this time.
    ChannelTalkingStop { channel: channel(""), duration: millis("Duration") }
}

event_view! {
    /// `Pickup`: the channel takes the place of the ringing leg `target`.
    Pickup { channel: channel(""), target: channel("Target") }
}

event_view! {
    /// `UserEvent`: free text of the dialplan or of another manager user.
    UserEvent { name: text("UserEvent") }
}

impl<'a> UserEvent<'a> {
    /// The free headers: those after `UserEvent`. Their content is untrusted client text, so nothing else is
    /// ever taken from it.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.message().headers().skip_while(|(key, _)| !key.eq_ignore_ascii_case("UserEvent")).skip(1)
    }

    /// The channel that raised it, present only when the dialplan did. A free header that merely looks like a
    /// snapshot (it stands after `UserEvent`) is not taken for one.
    pub fn channel(self) -> Option<ChannelSnapshot<'a>> {
        let is_own = self
            .message()
            .headers()
            .take_while(|(key, _)| !key.eq_ignore_ascii_case("UserEvent"))
            .any(|(key, _)| key.eq_ignore_ascii_case("Uniqueid"));
        if is_own { ChannelSnapshot::find(self.message(), "") } else { None }
    }
}

event_view! {
    /// `Status` list item: a channel with its variables.
    ChannelStatus {
        channel: channel(""),
        channel_type: text("Type"),
        dnid: text("DNID"),
        effective_connected_line_num: text("EffectiveConnectedLineNum"),
        effective_connected_line_name: text("EffectiveConnectedLineName"),
        time_to_hangup: number(i64, "TimeToHangup"),
        bridge_id: text("BridgeID"),
        application: text("Application"),
        data: text("Data"),
        call_group: text("Callgroup"),
        pickup_group: text("Pickupgroup"),
        age: seconds("Seconds"),
    }
}

impl<'a> ChannelStatus<'a> {
    /// `Variable` pairs, in order. Unlike `ChanVariable` these are not escaped by Asterisk.
    pub fn variables(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.message().get_all("Variable").filter_map(|pair| pair.split_once('='))
    }
}

event_view! {
    /// `CoreShowChannel` list item.
    CoreShowChannel {
        channel: channel(""),
        application: text("Application"),
        application_data: text("ApplicationData"),
        bridge_id: text("BridgeId"),
    }
}

impl CoreShowChannel<'_> {
    /// `Duration` (`HH:MM:SS`): how long the channel has existed.
    pub fn age(self) -> Option<std::time::Duration> {
        let mut seconds: u64 = 0;
        for part in self.message().known("Duration")?.split(':') {
            seconds = seconds.checked_mul(60)?.checked_add(part.trim().parse().ok()?)?;
        }
        Some(std::time::Duration::from_secs(seconds))
    }
}

event_view! {
    /// `Cel`: one channel event log entry, when `cel_manager` is enabled.
    Cel {
        name: text("EventName"),
        account_code: text("AccountCode"),
        caller_id_num: text("CallerIDnum"),
        caller_id_name: text("CallerIDname"),
        caller_id_ani: text("CallerIDani"),
        caller_id_rdnis: text("CallerIDrdnis"),
        caller_id_dnid: text("CallerIDdnid"),
        exten: text("Exten"),
        context: text("Context"),
        channel_name: text("Channel"),
        application: text("Application"),
        app_data: text("AppData"),
        event_time: text("EventTime"),
        uniqueid: text("UniqueID"),
        linkedid: text("LinkedID"),
        user_field: text("Userfield"),
        peer: text("Peer"),
        peer_account: text("PeerAccount"),
        extra: text("Extra"),
    }
}

event_view! {
    /// `Cdr`: one call detail record; several per call, no `Linkedid` unless mapped.
    Cdr {
        account_code: text("AccountCode"),
        source: text("Source"),
        destination: text("Destination"),
        destination_context: text("DestinationContext"),
        caller_id: text("CallerID"),
        channel_name: text("Channel"),
        destination_channel: text("DestinationChannel"),
        last_application: text("LastApplication"),
        last_data: text("LastData"),
        start_time: text("StartTime"),
        answer_time: text("AnswerTime"),
        end_time: text("EndTime"),
        duration: seconds("Duration"),
        billable: seconds("BillableSeconds"),
        disposition: text("Disposition"),
        ama_flags: text("AMAFlags"),
        uniqueid: text("UniqueID"),
        user_field: text("UserField"),
    }
}

/// Splits a caller id of the form `"Name" <number>` into name and number; plain text is a number.
pub fn split_caller_id(value: &str) -> (Option<Cow<'_, str>>, Option<&str>) {
    let Some((name, number)) = value.rsplit_once('<') else {
        return (None, text::known(value.trim()));
    };
    let number = text::known(number.trim_end().trim_end_matches('>'));
    let name = name.trim();
    let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or(name);
    (text::known(name).map(text::unescape), number)
}
