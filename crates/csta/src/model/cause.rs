//! Why an event happened (§12.2.15). Causes are hints: a missing or unknown one never stops a state change.

use std::fmt;

/// Event cause by its ECMA-285 code. Codes beyond the table are kept; what XML spells and we do not know is dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventCause(u16);

impl EventCause {
    /// Somebody talks along.
    pub const ACTIVE_PARTICIPATION: Self = Self(1);
    /// Two calls changed places.
    pub const ALTERNATE: Self = Self(2);
    /// The called device is busy.
    pub const BUSY: Self = Self(3);
    /// A call back.
    pub const CALL_BACK: Self = Self(4);
    /// The caller gave up.
    pub const CALL_CANCELLED: Self = Self(5);
    /// Forwarded at once.
    pub const CALL_FORWARD_IMMEDIATE: Self = Self(6);
    /// Forwarded because the device is busy.
    pub const CALL_FORWARD_BUSY: Self = Self(7);
    /// Forwarded because nobody answered.
    pub const CALL_FORWARD_NO_ANSWER: Self = Self(8);
    /// Forwarded, the switch does not say why.
    pub const CALL_FORWARD: Self = Self(9);
    /// Nobody answered.
    pub const CALL_NOT_ANSWERED: Self = Self(10);
    /// Picked up from another device.
    pub const CALL_PICKUP: Self = Self(11);
    /// Waits for a busy device.
    pub const CAMP_ON: Self = Self(12);
    /// The destination cannot be reached.
    pub const DEST_NOT_OBTAINABLE: Self = Self(13);
    /// The device does not want calls.
    pub const DO_NOT_DISTURB: Self = Self(14);
    /// The destination cannot take this call.
    pub const INCOMPATIBLE_DESTINATION: Self = Self(15);
    /// Done at the phone.
    pub const KEY_OPERATION: Self = Self(17);
    /// The network is full.
    pub const NETWORK_CONGESTION: Self = Self(20);
    /// An ordinary new call.
    pub const NEW_CALL: Self = Self(22);
    /// No agent is there.
    pub const NO_AVAILABLE_AGENTS: Self = Self(23);
    /// Parked.
    pub const PARK: Self = Self(25);
    /// Sent on because a limit was reached.
    pub const OVERFLOW: Self = Self(26);
    /// Comes back to who sent it away.
    pub const RECALL: Self = Self(27);
    /// Redirected.
    pub const REDIRECTED: Self = Self(28);
    /// Reorder tone.
    pub const REORDER_TONE: Self = Self(29);
    /// The switch lacks a resource.
    pub const RESOURCES_NOT_AVAILABLE: Self = Self(30);
    /// Somebody listens in.
    pub const SILENT_PARTICIPATION: Self = Self(31);
    /// Transferred.
    pub const TRANSFER: Self = Self(32);
    /// All lines are busy.
    pub const TRUNKS_BUSY: Self = Self(33);
    /// The connection is blocked after the other party left.
    pub const BLOCKED: Self = Self(35);
    /// A consultation.
    pub const CONSULTATION: Self = Self(37);
    /// Given to a device by distribution.
    pub const DISTRIBUTED: Self = Self(38);
    /// Handed to a distributing device.
    pub const ENTERING_DISTRIBUTION: Self = Self(42);
    /// Made by a computer.
    pub const MAKE_CALL: Self = Self(44);
    /// Ended as calls end.
    pub const NORMAL_CLEARING: Self = Self(48);
    /// The number is another now.
    pub const NUMBER_CHANGED: Self = Self(50);
    /// Joined by a single step.
    pub const SINGLE_STEP_CONFERENCE: Self = Self(51);
    /// Transferred in a single step.
    pub const SINGLE_STEP_TRANSFER: Self = Self(52);
    /// A timer ran out.
    pub const TIMEOUT: Self = Self(56);
    /// Alerted long enough.
    pub const ALERT_TIME_EXPIRED: Self = Self(60);
    /// Wrap-up by itself.
    pub const AUTO_WORK: Self = Self(61);
    /// Made a conference.
    pub const CONFERENCE: Self = Self(63);
    /// The destination is out of order.
    pub const DEST_OUT_OF_ORDER: Self = Self(65);
    /// The switch changed the state of the agent.
    pub const FORCED_TRANSITION: Self = Self(67);
    /// Somebody intruded.
    pub const INTRUDE: Self = Self(68);
    /// Not a number.
    pub const INVALID_NUMBER_FORMAT: Self = Self(69);
    /// Somebody joined.
    pub const JOIN_CALL: Self = Self(70);
    /// Several devices alert.
    pub const MULTIPLE_ALERTING: Self = Self(74);
    /// The network is out of order.
    pub const NETWORK_OUT_OF_ORDER: Self = Self(77);
    /// Nothing special.
    pub const NORMAL: Self = Self(78);
    /// Nobody has this number.
    pub const NUMBER_UNALLOCATED: Self = Self(81);
    /// The queue was emptied.
    pub const QUEUE_CLEARED: Self = Self(82);
    /// Goes on waiting.
    pub const REMAINS_IN_QUEUE: Self = Self(83);
    /// Waited long enough.
    pub const QUEUE_TIME_OVERFLOW: Self = Self(110);
    /// Comes back, the target was busy.
    pub const RECALL_BUSY: Self = Self(111);
    /// Comes back, nobody answered.
    pub const RECALL_NO_ANSWER: Self = Self(113);

    /// The cause with this code, known or not.
    pub const fn from_code(code: u16) -> Self {
        Self(code)
    }

    /// Its ASN.1 code.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The cause with this XML word; editions and ASN.1 spell four of them differently, all spellings are read.
    pub fn from_word(word: &str) -> Option<Self> {
        CAUSES.iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(code, _)| Self(*code)).or(
            match word {
                "notAvaliableBearerService" => Some(Self(79)),
                "voiceUnitInitiator" => Some(Self(34)),
                _ => None,
            },
        )
    }

    /// Its XML word (edition 6); none for a code beyond the table.
    pub fn word(self) -> Option<&'static str> {
        CAUSES.iter().find(|(code, _)| *code == self.0).map(|(_, word)| *word)
    }
}

impl fmt::Debug for EventCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.word() {
            Some(word) => f.write_str(word),
            None => write!(f, "cause {}", self.0),
        }
    }
}

/// Code and XML word of every cause.
#[rustfmt::skip]
const CAUSES: [(u16, &str); 121] = [
    (1, "activeParticipation"),
    (2, "alternate"),
    (3, "busy"),
    (4, "callBack"),
    (5, "callCancelled"),
    (6, "callForwardImmediate"),
    (7, "callForwardBusy"),
    (8, "callForwardNoAnswer"),
    (9, "callForward"),
    (10, "callNotAnswered"),
    (11, "callPickup"),
    (12, "campOn"),
    (13, "destNotObtainable"),
    (14, "doNotDisturb"),
    (15, "incompatibleDestination"),
    (16, "invalidAccountCode"),
    (17, "keyOperation"),
    (18, "lockout"),
    (19, "maintenance"),
    (20, "networkCongestion"),
    (21, "networkNotObtainable"),
    (22, "newCall"),
    (23, "noAvailableAgents"),
    (24, "override"),
    (25, "park"),
    (26, "overflow"),
    (27, "recall"),
    (28, "redirected"),
    (29, "reorderTone"),
    (30, "resourcesNotAvailable"),
    (31, "silentParticipation"),
    (32, "transfer"),
    (33, "trunksBusy"),
    (34, "voiceUnitInitiator"),
    (35, "blocked"),
    (36, "characterCountReached"),
    (37, "consultation"),
    (38, "distributed"),
    (39, "dTMFDigitDetected"),
    (40, "durationExceeded"),
    (41, "endOfMessageDetected"),
    (42, "enteringDistribution"),
    (43, "forcedPause"),
    (44, "makeCall"),
    (45, "messageSizeExceeded"),
    (46, "networkSignal"),
    (47, "nextMessage"),
    (48, "normalClearing"),
    (49, "noSpeechDetected"),
    (50, "numberChanged"),
    (51, "singleStepConference"),
    (52, "singleStepTransfer"),
    (53, "speechDetected"),
    (54, "switchingFunctionTerminated"),
    (55, "terminationCharacterReceived"),
    (56, "timeout"),
    (57, "aCDBusy"),
    (58, "aCDForward"),
    (59, "aCDSaturated"),
    (60, "alertTimeExpired"),
    (61, "autoWork"),
    (62, "campOnTrunks"),
    (63, "conference"),
    (64, "destDetected"),
    (65, "destOutOfOrder"),
    (66, "distributionDelay"),
    (67, "forcedTransition"),
    (68, "intrude"),
    (69, "invalidNumberFormat"),
    (70, "joinCall"),
    (71, "keyOperationInUse"),
    (72, "makePredictiveCall"),
    (73, "messageDurationExceeded"),
    (74, "multipleAlerting"),
    (75, "multipleQueuing"),
    (76, "networkDialling"),
    (77, "networkOutOfOrder"),
    (78, "normal"),
    (79, "notAvailableBearerService"),
    (80, "notSupportedBearerService"),
    (81, "numberUnallocated"),
    (82, "queueCleared"),
    (83, "remainsInQueue"),
    (84, "reserved"),
    (85, "selectedTrunkBusy"),
    (86, "suspend"),
    (87, "unauthorisedBearerService"),
    (88, "activation"),
    (89, "babble"),
    (90, "badAttribute"),
    (91, "badGrammar"),
    (92, "badVoice"),
    (93, "badURI"),
    (94, "busyOverflow"),
    (95, "calendarOverflow"),
    (96, "capacityOverflow"),
    (97, "duplicateDTMF"),
    (98, "earlyStop"),
    (99, "emptyQueue"),
    (100, "interdigitTimeout"),
    (101, "invalidConnection"),
    (102, "invalidConnectionState"),
    (103, "makeConnection"),
    (104, "maxTimeout"),
    (105, "noAudioSaved"),
    (106, "noQueue"),
    (107, "noRule"),
    (108, "outOfGrammar"),
    (109, "pathReplacement"),
    (110, "queueTimeOverflow"),
    (111, "recallBusy"),
    (112, "recallForwarded"),
    (113, "recallNoAnswer"),
    (114, "recallResourcesNotAvailable"),
    (115, "unknownOverflow"),
    (116, "callInterception"),
    (117, "callInterceptionBusy"),
    (118, "callInterceptionForwarded"),
    (119, "callInterceptionNoAnswer"),
    (120, "callInterceptionResourcesNotAvailable"),
    (121, "lawfulInterception"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_lead_back_to_the_cause() {
        for (code, word) in CAUSES {
            assert_eq!(EventCause::from_word(word), Some(EventCause::from_code(code)), "{word}");
            assert_eq!(EventCause::from_code(code).word(), Some(word));
        }
    }

    #[test]
    fn other_spellings_are_read_and_unknown_codes_kept() {
        assert_eq!(EventCause::from_word("camponTrunks"), EventCause::from_word("campOnTrunks"));
        assert_eq!(EventCause::from_word("notAvaliableBearerService").map(EventCause::code), Some(79));
        assert_eq!(EventCause::from_word("somethingNewer"), None);
        assert_eq!(format!("{:?}", EventCause::from_code(4711)), "cause 4711");
    }
}
