//! The text of a `view` frame, put together from items that are serialised already.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;

use crate::desk::snapshot::PART_ITEMS;
use crate::desk::views::Part;

/// JSON of a thing; an empty object when it cannot be written, which no view is.
pub(super) fn json(thing: &impl Serialize) -> String {
    serde_json::to_string(thing).unwrap_or_else(|_| "{}".to_owned())
}

fn begin(part: Part, cursor: u64, is_whole: bool) -> String {
    format!(r#"{{"op":"view","part":"{part}","cursor":{cursor},"whole":{is_whole},"items":["#)
}

fn add<T: AsRef<str>>(frame: &mut String, items: impl IntoIterator<Item = T>) -> usize {
    let mut added = 0;
    for item in items {
        if added > 0 {
            frame.push(',');
        }
        frame.push_str(item.as_ref());
        added += 1;
    }
    added
}

/// A whole view in frames of a bounded number of items, the last one marked.
pub(super) fn whole<T: AsRef<str>>(
    part: Part,
    cursor: u64,
    items: impl IntoIterator<Item = T>,
) -> Vec<Utf8Bytes> {
    let mut frames = Vec::new();
    let mut rest = items.into_iter().peekable();
    loop {
        let mut frame = begin(part, cursor, true);
        add(&mut frame, rest.by_ref().take(PART_ITEMS));
        let last = rest.peek().is_none();
        frame.push_str(if last { r#"],"last":true}"# } else { r#"],"last":false}"# });
        frames.push(Utf8Bytes::from(frame));
        if last {
            return frames;
        }
    }
}

/// What has changed in a view and what is gone from it; none when that is nothing.
pub(super) fn change<T: AsRef<str>>(
    part: Part,
    cursor: u64,
    items: impl IntoIterator<Item = T>,
    gone: impl IntoIterator<Item = String>,
) -> Option<Utf8Bytes> {
    let mut frame = begin(part, cursor, false);
    let changed = add(&mut frame, items);
    frame.push_str(r#"],"gone":["#);
    let gone = add(&mut frame, gone.into_iter().map(|id| json(&id)));
    frame.push_str("]}");
    (changed + gone > 0).then(|| Utf8Bytes::from(frame))
}
