//! Everything ever recorded from a real switch must read, whole and without remainder.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::{_fuzz, Event, Frame, Framer, Message, MessageKind, Response, event::ChannelSnapshot, trace::*};

/// All recordings: path and blocks.
fn recordings() -> Vec<(PathBuf, Vec<TraceBlock>)> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/ami"));
    let mut found = Vec::new();
    for folder in fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "trace") {
                let blocks = read_blocks(&fs::read(&file).unwrap())
                    .unwrap_or_else(|error| panic!("{file:?}: {error}"));
                found.push((file, blocks));
            }
        }
    }
    assert!(!found.is_empty(), "no recordings in {}", root.display());
    found
}

#[test]
fn every_recorded_message_reads_by_its_side() {
    let mut events = 0;
    for (file, blocks) in recordings() {
        for block in &blocks {
            let at = format!("{} +{}", file.display(), block.at_ms);
            let Some(message) = block.message() else {
                assert!(block.bytes.starts_with(b"Asterisk Call Manager"), "{at}");
                continue;
            };
            assert!(_fuzz::read_all(&message) > 0);
            match (block.side, message.kind()) {
                (Side::Client, MessageKind::Action(_)) => {}
                (Side::Server, MessageKind::Event(_)) => events += 1,
                (Side::Server, MessageKind::Response(_)) => assert!(Response::of(&message).is_some(), "{at}"),
                (side, kind) => panic!("{at}: {side:?} sent {kind:?}"),
            }
        }
    }
    assert!(events > 1000, "{events} events only");
}

// covers: TEL-02
#[test]
fn recorded_talks_cut_anywhere_give_the_same_messages_and_no_bad_line() {
    for (file, blocks) in recordings() {
        let wire: Vec<u8> =
            blocks.iter().filter(|b| b.side == Side::Server).flat_map(|b| b.bytes.iter().copied()).collect();
        let mut framer = Framer::without_banner();
        let mut messages = Vec::new();
        for piece in wire.chunks(7) {
            framer.feed(piece);
            while let Some(frame) = framer.next_frame().unwrap() {
                messages.push(frame);
            }
        }
        assert_eq!(framer.bad_lines(), 0, "{}", file.display());
        let whole: Vec<Message> =
            blocks.iter().filter(|b| b.side == Side::Server).filter_map(TraceBlock::message).collect();
        assert!(
            messages.iter().eq(whole.iter().map(|m| Frame::Message(m.clone())).collect::<Vec<_>>().iter())
        );
    }
}

#[test]
fn recorded_events_have_views_and_their_channels_are_found() {
    let mut unknown = BTreeSet::new();
    for (file, blocks) in recordings() {
        for message in blocks.iter().filter_map(TraceBlock::message) {
            if let Some(Event::Unknown(_)) = Event::of(&message) {
                let name = message.event_name().unwrap_or_default();
                if !name.ends_with("Complete") {
                    unknown.insert(name.to_owned());
                }
            }
            if message.get("ChannelStateDesc").is_some() {
                let channel = ChannelSnapshot::find(&message, "").unwrap_or_else(|| {
                    panic!("{}: {:?} has no channel", file.display(), message.event_name())
                });
                assert!(
                    channel.linkedid().is_some() && channel.name().is_some() && channel.state().is_some()
                );
            }
        }
    }
    assert_eq!(unknown, BTreeSet::new());
}
