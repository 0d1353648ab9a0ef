//! Values that stand for placeholders, and how ours become them.

use std::sync::Arc;

use cti_core::ids::{
    AgentId, AssignmentId, CallId, CommandId, ContactId, DeviceId, EntryId, EventId, ExtensionId,
    InteractionId, LegId, Native, NoteId, OfferId, PopId, PopRuleId, QueueId, SwitchId, UserId, WebhookId,
};
use cti_core::time::Timestamp;
use serde::Serialize;

/// A value for a placeholder. `None` is NULL of that type, which PostgreSQL wants to know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Whole numbers, times in microseconds, and flags as 0 and 1.
    Int(Option<i64>),
    /// Text, ids, words of enums, JSON.
    Text(Option<String>),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// What can stand for a placeholder.
pub(crate) trait Bind {
    /// The value.
    fn value(&self) -> Value;
    /// NULL of the same type.
    fn null() -> Value;
}

impl<T: Bind> Bind for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or_else(T::null, Bind::value)
    }

    fn null() -> Value {
        T::null()
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn value(&self) -> Value {
        (*self).value()
    }

    fn null() -> Value {
        T::null()
    }
}

impl Bind for str {
    /// PostgreSQL refuses NUL in a text, and a caller's name must not stop the book.
    fn value(&self) -> Value {
        Value::Text(Some(if self.contains('\0') { self.replace('\0', "\u{FFFD}") } else { self.to_owned() }))
    }

    fn null() -> Value {
        Value::Text(None)
    }
}

impl Bind for Arc<str> {
    fn value(&self) -> Value {
        (**self).value()
    }

    fn null() -> Value {
        Value::Text(None)
    }
}

impl Bind for String {
    fn value(&self) -> Value {
        self.as_str().value()
    }

    fn null() -> Value {
        Value::Text(None)
    }
}

impl Bind for [u8] {
    fn value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }

    fn null() -> Value {
        Value::Bytes(Vec::new())
    }
}

macro_rules! bind_ints {
    ($($kind:ty: $value:ident => $int:expr;)*) => {$(
        impl Bind for $kind {
            fn value(&self) -> Value {
                let $value = *self;
                Value::Int(Some($int))
            }

            fn null() -> Value {
                Value::Int(None)
            }
        }
    )*};
}

bind_ints! {
    i64: value => value;
    u32: value => i64::from(value);
    bool: value => i64::from(value);
    u64: value => i64::try_from(value).unwrap_or(i64::MAX);
    Timestamp: value => value.as_micros();
}

macro_rules! bind_texts {
    ($($kind:ty),*) => {$(
        impl Bind for $kind {
            fn value(&self) -> Value {
                self.to_string().as_str().value()
            }

            fn null() -> Value {
                Value::Text(None)
            }
        }
    )*};
}

bind_texts!(
    AgentId,
    AssignmentId,
    CallId,
    CommandId,
    ContactId,
    DeviceId,
    EntryId,
    EventId,
    InteractionId,
    ExtensionId,
    LegId,
    NoteId,
    OfferId,
    PopId,
    PopRuleId,
    QueueId,
    UserId,
    Native,
    SwitchId,
    WebhookId
);

/// The serde word of a plain enum value, for example `no_answer`.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => {
            debug_assert!(false, "not a word: {other:?}");
            String::new()
        }
    }
}

/// A value as JSON text.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    // Only own types with text keys are written; they cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Values of a statement in the order of its placeholders.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Bind::value(&$value)),*] };
}
pub(crate) use values;
