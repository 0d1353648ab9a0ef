//! Actions on what a channel hears, says and has recorded.

use std::time::Duration;

use super::macros::{actions, word_field};

word_field! {
    /// Which direction of a recording is silenced.
    MuteDirection { #[default] Both = "both", Read = "read", Write = "write" }
}

word_field! {
    /// Which audio direction of a channel is muted.
    AudioDirection { #[default] All = "all", In = "in", Out = "out" }
}

word_field! {
    /// `on` or `off`.
    OnOff { #[default] On = "on", Off = "off" }
}

word_field! {
    /// What to do with a running `CONTROL STREAM FILE`.
    PlaybackControl {
        #[default] Stop = "stop",
        Forward = "forward",
        Reverse = "reverse",
        Pause = "pause",
        Restart = "restart",
    }
}

actions! {
    /// `PlayDTMF`: one digit to the party, or with `is_received` as if from it.
    PlayDtmf = "PlayDTMF" {
        channel: String = "Channel",
        digit: String = "Digit",
        duration: Option<Duration> = "Duration",
        is_received: Option<bool> = "Receive",
    }
    /// `MixMonitor`: records a channel. Its `Command` header, which runs a shell, is left out on purpose.
    MixMonitor = "MixMonitor" {
        channel: String = "Channel",
        file: String = "File",
        /// `i(VAR)` makes the reply carry `MixMonitorID`.
        options: Option<String> = "Options",
    }
    /// `StopMixMonitor`: not before `MixMonitorStart` was seen.
    StopMixMonitor = "StopMixMonitor" { channel: String = "Channel", id: Option<String> = "MixMonitorID" }
    /// `MixMonitorMute`: writes silence while muted.
    MixMonitorMute = "MixMonitorMute" {
        channel: String = "Channel",
        direction: MuteDirection = "Direction",
        /// 1 mutes, 0 restores.
        state: u8 = "State",
        /// 18 and later.
        id: Option<String> = "MixMonitorID",
    }
    /// `MuteAudio`: needs `res_mutestream`.
    MuteAudio = "MuteAudio" {
        channel: String = "Channel",
        direction: AudioDirection = "Direction",
        state: OnOff = "State",
    }
    /// `ControlPlayback`: only while a controllable playback runs.
    ControlPlayback = "ControlPlayback" { channel: String = "Channel", control: PlaybackControl = "Control" }
}
