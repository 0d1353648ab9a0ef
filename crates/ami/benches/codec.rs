//! Time per event of the codec on a realistic stream: 36 kinds of events, about 500 bytes each.

use std::{fmt::Write, hint::black_box};

use ami::{Event, Frame, Framer, event::ChannelSnapshot};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// The kinds, with what they carry beside their snapshots.
const KINDS: [(&str, &[&str], &str); 36] = [
    ("Newchannel", &[""], ""),
    ("Newstate", &[""], ""),
    ("NewCallerid", &[""], "CID-CallingPres: 0 (Presentation Allowed, Not Screened)\r\n"),
    ("NewConnectedLine", &[""], ""),
    ("NewAccountCode", &[""], "OldAccountCode: \r\n"),
    ("Newexten", &[""], "Extension: 1001\r\nApplication: Dial\r\nAppData: PJSIP/1001,20,tT\r\n"),
    ("VarSet", &[""], "Variable: DIALSTATUS\r\nValue: ANSWER\r\n"),
    ("DialBegin", &["", "Dest"], "DialString: 1001\r\n"),
    ("DialState", &["", "Dest"], "DialStatus: RINGING\r\n"),
    ("DialEnd", &["", "Dest"], "DialStatus: ANSWER\r\n"),
    ("BridgeCreate", &[], BRIDGE),
    ("BridgeEnter", &[""], BRIDGE),
    ("BridgeLeave", &[""], BRIDGE),
    ("BridgeDestroy", &[], BRIDGE),
    ("Hold", &[""], "MusicClass: default\r\n"),
    ("Unhold", &[""], ""),
    ("MusicOnHoldStart", &[""], "Class: default\r\n"),
    ("MusicOnHoldStop", &[""], ""),
    ("HangupRequest", &[""], "Cause: 16\r\n"),
    ("SoftHangupRequest", &[""], "Cause: 32\r\n"),
    ("Hangup", &[""], "Cause: 16\r\nCause-txt: Normal Clearing\r\n"),
    ("DTMFBegin", &[""], "Digit: 5\r\nDirection: Received\r\n"),
    ("DTMFEnd", &[""], "Digit: 5\r\nDurationMs: 120\r\nDirection: Received\r\n"),
    ("QueueCallerJoin", &[""], "Queue: sales\r\nPosition: 1\r\nCount: 1\r\n"),
    ("QueueCallerLeave", &[""], "Queue: sales\r\nPosition: 1\r\nCount: 0\r\n"),
    ("QueueCallerAbandon", &[""], "Queue: sales\r\nPosition: 1\r\nOriginalPosition: 1\r\nHoldTime: 33\r\n"),
    ("AgentCalled", &["", "Dest"], "Queue: sales\r\nInterface: PJSIP/1001\r\nMemberName: 1001\r\n"),
    (
        "AgentConnect",
        &["", "Dest"],
        "Queue: sales\r\nInterface: PJSIP/1001\r\nHoldTime: 12\r\nRingTime: 4\r\n",
    ),
    ("AgentComplete", &["", "Dest"], "Queue: sales\r\nHoldTime: 12\r\nTalkTime: 60\r\nReason: caller\r\n"),
    ("AgentRingNoAnswer", &["", "Dest"], "Queue: sales\r\nRingTime: 15000\r\n"),
    ("QueueMemberStatus", &[], MEMBER),
    ("QueueMemberPause", &[], MEMBER),
    ("DeviceStateChange", &[], "Device: PJSIP/1001\r\nState: INUSE\r\n"),
    (
        "ExtensionStatus",
        &[],
        "Exten: 1001\r\nContext: hints\r\nHint: PJSIP/1001\r\nStatus: 1\r\nStatusText: InUse\r\n",
    ),
    ("LocalBridge", &["LocalOne", "LocalTwo"], "Context: q\r\nExten: 1001\r\nLocalOptimization: Yes\r\n"),
    (
        "BlindTransfer",
        &["Transferer", "Transferee"],
        "Result: Success\r\nIsExternal: Yes\r\nContext: c\r\nExtension: 9\r\n",
    ),
];

const BRIDGE: &str = "BridgeUniqueid: 5f0c2c8c-6a9e-4a53-8f7e-1c2a6f1c9e10\r\nBridgeType: basic\r\n\
    BridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\nBridgeName: <unknown>\r\nBridgeNumChannels: 2\r\n\
    BridgeVideoSourceMode: none\r\n";
const MEMBER: &str = "Queue: sales\r\nMemberName: 1001\r\nInterface: PJSIP/1001\r\nStateInterface: PJSIP/1001\r\n\
    Membership: dynamic\r\nPenalty: 0\r\nCallsTaken: 3\r\nLastCall: 1700000000\r\nLastPause: 0\r\nLoginTime: 1700000000\r\n\
    InCall: 0\r\nStatus: 2\r\nPaused: 0\r\nPausedReason: \r\nRinginuse: 0\r\nWrapuptime: 15\r\n";

fn snapshot(prefix: &str, n: usize) -> String {
    [
        ("Channel", format!("PJSIP/1001-{n:08x}")),
        ("ChannelState", "6".to_owned()),
        ("ChannelStateDesc", "Up".to_owned()),
        ("CallerIDNum", "1001".to_owned()),
        ("CallerIDName", "Desk 1001".to_owned()),
        ("ConnectedLineNum", "420555000111".to_owned()),
        ("ConnectedLineName", "<unknown>".to_owned()),
        ("Language", "en".to_owned()),
        ("AccountCode", String::new()),
        ("Context", "from-internal".to_owned()),
        ("Exten", "1001".to_owned()),
        ("Priority", "1".to_owned()),
        ("Uniqueid", format!("1700000000.{n}")),
        ("Linkedid", format!("1700000000.{}", n & !1)),
    ]
    .iter()
    .fold(String::new(), |mut text, (key, value)| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{prefix}{key}: {value}\r\n");
        text
    })
}

/// A stream of `count` events.
fn stream(count: usize) -> Vec<u8> {
    let mut wire = String::new();
    for (n, (name, prefixes, rest)) in KINDS.iter().cycle().take(count).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(wire, "Event: {name}\r\nPrivilege: call,all\r\nTimestamp: 1700000000.{n:06}\r\n");
        for prefix in *prefixes {
            wire.push_str(&snapshot(prefix, n));
        }
        wire.push_str(rest);
        wire.push_str("\r\n");
    }
    wire.into_bytes()
}

/// Reads the stream in pieces as a socket gives them; `look` sees each event.
fn decode(wire: &[u8], mut look: impl FnMut(&ami::Message)) -> usize {
    let mut framer = Framer::without_banner();
    let mut count = 0;
    for piece in wire.chunks(16 * 1024) {
        framer.feed(piece);
        while let Ok(Some(frame)) = framer.next_frame() {
            if let Frame::Message(message) = frame {
                look(&message);
                count += 1;
            }
        }
    }
    count
}

fn codec(c: &mut Criterion) {
    const EVENTS: usize = 36 * 100;
    const ELEMENTS: u64 = 36 * 100;
    let wire = stream(EVENTS);
    let mut group = c.benchmark_group(format!("codec, {} events of {} bytes", EVENTS, wire.len() / EVENTS));
    group.throughput(Throughput::Elements(ELEMENTS));
    group.bench_function("frame", |b| {
        b.iter(|| {
            let count = decode(&wire, |message| {
                black_box(message);
            });
            assert_eq!(count, EVENTS);
        });
    });
    group.bench_function("frame and read what a translator reads", |b| {
        b.iter(|| {
            let count = decode(&wire, |message| {
                black_box(Event::of(message));
                black_box(message.timestamp_us());
                for prefix in ["", "Dest"] {
                    if let Some(channel) = ChannelSnapshot::find(message, prefix) {
                        black_box((channel.uniqueid(), channel.linkedid(), channel.name(), channel.state()));
                        black_box((channel.caller_id_num(), channel.exten()));
                    }
                }
            });
            assert_eq!(count, EVENTS);
        });
    });
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
