//! Checks of the framer, by the rows of the protocol notes.

use proptest::prelude::*;

use super::*;
use crate::_fuzz;

fn read(bytes: &[u8]) -> Vec<Message> {
    let (frames, error) = _fuzz::frames(bytes, &[]);
    assert_eq!(error, None);
    frames
        .into_iter()
        .map(|frame| match frame {
            Frame::Message(message) => message,
            Frame::Banner(banner) => panic!("a banner: {banner}"),
        })
        .collect()
}

fn names(bytes: &[u8]) -> Vec<String> {
    read(bytes).iter().map(|m| m.event_name().unwrap_or("-").to_owned()).collect()
}

// ami.md §11: mixed line ends.
#[test]
fn mixed_line_ends_are_read() {
    let messages = read(b"Event: A\r\nX: 1\nY: 2\r\n\nEvent: B\n\r\nEvent: C\r\n\r\n");
    assert_eq!(messages.iter().map(|m| m.event_name().unwrap()).collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!((messages[0].get("X"), messages[0].get("Y")), (Some("1"), Some("2")));
}

// ami.md §11: empty message.
#[test]
fn an_empty_message_is_skipped() {
    assert_eq!(names(b"\r\n\r\n\nEvent: A\r\n\r\n\r\n\n\r\nEvent: B\r\n\r\n"), ["A", "B"]);
    // A text with a line end of its own makes one empty line too many, some list replies end in `\r\n\n`.
    let parked =
        read(b"Response: Success\r\nMessage: Park successful\n\r\n\r\nEvent: A\r\n\r\n\nEvent: B\r\n\r\n");
    assert_eq!(parked.len(), 3);
    assert_eq!(parked[0].get("Message"), Some("Park successful"));
}

// ami.md §11: value with `: `.
#[test]
fn a_value_keeps_its_colons_and_blanks() {
    let m = &read(b"Event: A\r\nAppData: a: b : c \r\nEmpty: \r\nNone:\r\nTight:x\r\nTwo:  y\r\n\r\n")[0];
    assert_eq!(m.get("AppData"), Some("a: b : c "));
    assert_eq!(
        (m.get("Empty"), m.get("None"), m.get("Tight"), m.get("Two")),
        (Some(""), Some(""), Some("x"), Some(" y"))
    );
}

// ami.md §11: 1 MB Output.
#[test]
fn a_megabyte_of_output_is_one_message() {
    let mut wire = b"Response: Success\r\nActionID: 1\r\nMessage: Command output follows\r\n".to_vec();
    for n in 0..20_000 {
        wire.extend_from_slice(format!("Output: line {n:06} of a very long command output..\r\n").as_bytes());
    }
    wire.extend_from_slice(b"\r\nEvent: After\r\n\r\n");
    assert!(wire.len() > 1_000_000);
    let mut framer = Framer::without_banner();
    let mut messages = Vec::new();
    for piece in wire.chunks(1460) {
        framer.feed(piece);
        while let Some(Frame::Message(message)) = framer.next_frame().unwrap() {
            messages.push(message);
        }
    }
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].output().count(), 20_000);
    assert_eq!(messages[0].output().last(), Some("line 019999 of a very long command output.."));
    assert_eq!(framer.buffered(), 0);
}

// ami.md §11: `Response: Follows`.
#[test]
fn free_text_runs_to_its_marker() {
    let wire = b"Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\nName: x\n\nEvent: no event\n\
                 last--END COMMAND--\r\n\r\nEvent: After\r\n\r\n";
    let messages = read(wire);
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].action_id(), Some("7"));
    assert_eq!(messages[0].output().collect::<Vec<_>>(), ["Name: x", "", "Event: no event", "last"]);
    assert_eq!(messages[0].get("Name"), None);
    assert_eq!(messages[1].event_name(), Some("After"));
    let none = &read(b"response: follows\nPrivilege: Command\n--END COMMAND--\n\n")[0];
    assert_eq!(none.free_text(), Some(""));
}

#[test]
fn the_word_follows_elsewhere_changes_nothing() {
    assert_eq!(names(b"Event: A\r\nResponse: Follows\r\n\r\nEvent: B\r\n\r\n"), ["A", "B"]);
}

#[test]
fn a_bad_line_is_skipped_and_counted() {
    let mut framer = Framer::without_banner();
    framer.feed(
        b"Event: A\r\nno key here\r\n: no key either\r\nX: 1\r\n\r\nonly rubbish\r\n\r\nEvent: B\r\n\r\n",
    );
    let Some(Frame::Message(first)) = framer.next_frame().unwrap() else { panic!("no message") };
    assert_eq!(first.headers().collect::<Vec<_>>(), [("Event", "A"), ("X", "1")]);
    let Some(Frame::Message(second)) = framer.next_frame().unwrap() else { panic!("no message") };
    assert_eq!(second.event_name(), Some("B"));
    assert_eq!(framer.bad_lines(), 3);
}

#[test]
fn the_raw_bytes_of_each_message_are_kept() {
    let messages = read(b"Event: A\nX: \xff\n\nEvent: B\r\n\r\n");
    assert_eq!(messages[0].raw(), b"Event: A\nX: \xff\n\n");
    assert_eq!(messages[1].raw(), b"Event: B\r\n\r\n");
}

#[test]
fn the_banner_comes_first_and_proxies_are_accepted() {
    for banner in ["Asterisk Call Manager/5.0.5", "Asterisk Call Manager Proxy/1.4", "Asterisk Call Manager"]
    {
        let mut framer = Framer::new();
        framer.feed(format!("{banner}\r\nResponse: Success\r\n\r\n").as_bytes());
        assert_eq!(framer.next_frame(), Ok(Some(Frame::Banner(banner.to_owned()))));
        assert!(matches!(framer.next_frame(), Ok(Some(Frame::Message(_)))));
        assert_eq!(framer.next_frame(), Ok(None));
    }
}

#[test]
fn another_service_is_told_at_once() {
    let mut framer = Framer::new();
    framer.feed(b"SSH-2.0-OpenSSH_9.6\r\n");
    assert_eq!(framer.next_frame(), Err(FrameError::NotAsterisk));
    assert_eq!(framer.next_frame(), Err(FrameError::NotAsterisk), "an error stays");
    let mut endless = Framer::new();
    endless.feed(&[b'x'; MAX_BANNER_BYTES + 1]);
    assert_eq!(endless.next_frame(), Err(FrameError::NotAsterisk));
}

#[test]
fn a_message_above_the_limit_ends_the_stream_with_a_typed_error() {
    let mut framer = Framer::without_banner().with_max_message(1000);
    framer.feed(b"Event: Before\r\n\r\nEvent: Big\r\n");
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Message(_)))));
    let mut fed = 0;
    let error = loop {
        match framer.next_frame() {
            Ok(None) => framer.feed(b"Output: xxxxxxxxxxxxxxxx\r\n"),
            Ok(Some(frame)) => panic!("{frame:?}"),
            Err(error) => break error,
        }
        fed += 1;
        assert!(fed < 100, "no limit");
    };
    assert_eq!(error, FrameError::TooLarge { limit: 1000 });
    framer.feed(&[b'x'; 4096]);
    assert!(framer.buffered() == 0, "a dead framer keeps nothing");
}

#[test]
fn a_flood_of_headers_has_a_bound_of_its_own() {
    let mut framer = Framer::without_banner();
    framer.feed("a:\n".repeat(MAX_HEADERS + 1).as_bytes());
    assert_eq!(framer.next_frame(), Err(FrameError::TooManyHeaders { limit: MAX_HEADERS }));
}

/// Pieces that hit the framer's special cases far more often than random bytes do.
fn wire() -> impl Strategy<Value = Vec<u8>> {
    let special = prop_oneof![
        Just(b"Response: Follows\r\n".to_vec()),
        Just(b"Event: X\r\n".to_vec()),
        Just(b"Privilege: Command\r\n".to_vec()),
        Just(b"--END COMMAND--".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b": ".to_vec()),
        Just("K: é\r\n".as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(special, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    // ami.md §11: UTF-8 cut over reads, and every other cut.
    // covers: TEL-02
    #[test]
    fn any_split_gives_the_same_messages(bytes in wire(), cuts in proptest::collection::vec(any::<usize>(), 0..20)) {
        let whole = _fuzz::frames(&bytes, &[]);
        prop_assert_eq!(&_fuzz::frames(&bytes, &cuts), &whole);
        let each: Vec<usize> = (0..bytes.len()).collect();
        prop_assert_eq!(&_fuzz::frames(&bytes, &each), &whole);
    }

    #[test]
    fn whatever_came_the_next_good_message_is_read(bytes in wire()) {
        let mut framer = Framer::without_banner();
        framer.feed(&bytes);
        framer.feed(b"\r\n--END COMMAND--\r\n\r\nEvent: Good\r\nUniqueid: 1.1\r\n\r\n");
        let mut last = None;
        while let Some(frame) = framer.next_frame().unwrap() {
            if let Frame::Message(message) = &frame {
                _fuzz::read_all(message);
            }
            last = Some(frame);
        }
        let Some(Frame::Message(good)) = last else { panic!("nothing read") };
        prop_assert_eq!(good.get("Uniqueid"), Some("1.1"));
        prop_assert_eq!(framer.buffered(), 0);
    }

    #[test]
    fn the_buffer_never_exceeds_the_limit_and_a_chunk(bytes in wire(), chunk in 1_usize..64) {
        let mut framer = Framer::without_banner().with_max_message(200);
        for piece in bytes.chunks(chunk) {
            framer.feed(piece);
            while let Ok(Some(_)) = framer.next_frame() {}
            prop_assert!(framer.buffered() <= 200 + chunk);
        }
    }

    #[test]
    fn headers_written_are_headers_read(
        pairs in proptest::collection::vec(("[A-Za-z][A-Za-z0-9-]{0,15}", "[^\r\n\0]{0,30}"), 1..20)
    ) {
        let pairs: Vec<_> = [("Event".to_owned(), "X".to_owned())].into_iter().chain(pairs).collect();
        let message = Message::from_headers(pairs.iter().map(|(k, v)| (k, v))).unwrap();
        let read = Message::parse(message.raw()).unwrap();
        let headers: Vec<_> = read.headers().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(headers, pairs);
    }

    #[test]
    fn a_trace_of_any_bytes_is_written_with_as_many_blocks(bytes in wire(), at in any::<u16>()) {
        let trace = [format!("+{at} S:\n").as_bytes(), &bytes, b"\n\n+1 C:\n\\\r\r\nAction: X\n\n"].concat();
        let (read, again) = _fuzz::trace(&trace);
        prop_assert_eq!(again, Some(read));
    }
}
