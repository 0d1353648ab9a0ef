//! The macro behind the typed views: one borrowed struct per event form, one method per header.

/// Declares a view over a message. Each field names how its header is read:
/// `text` (known text), `number` (parsed), `flag` (yes/no), `word` (own enum), `seconds` / `millis` (durations),
/// `escaped` (C-escaped text), `channel` / `bridge` (snapshot with a prefix).
macro_rules! event_view {
    ($(#[$meta:meta])* $name:ident { $($field:ident : $kind:ident $args:tt),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub struct $name<'a>(&'a $crate::Message);

        impl<'a> $name<'a> {
            /// Reads a message in this form, whatever its name.
            pub const fn of(message: &'a $crate::Message) -> Self {
                Self(message)
            }

            /// The message itself.
            pub const fn message(self) -> &'a $crate::Message {
                self.0
            }

            $($crate::event::view::event_field!($field $kind $args);)*
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// One method of a view.
macro_rules! event_field {
    ($field:ident text ($($key:literal),+)) => {
        #[doc = concat!("Text of ", $("`", $key, "` ",)+ "(first known one); `None` if empty or unknown.")]
        pub fn $field(self) -> Option<&'a str> {
            self.0.known_of(&[$($key),+])
        }
    };
    ($field:ident number ($ty:ty, $($key:literal),+)) => {
        #[doc = concat!("Number in ", $("`", $key, "` ",)+ "; `None` if absent or unreadable.")]
        pub fn $field(self) -> Option<$ty> {
            self.0.known_of(&[$($key),+]).and_then(|value| value.trim().parse().ok())
        }
    };
    ($field:ident flag ($($key:literal),+)) => {
        #[doc = concat!("Yes or no in ", $("`", $key, "` ",)+ "; `None` if absent or unreadable.")]
        pub fn $field(self) -> Option<bool> {
            self.0.known_of(&[$($key),+]).and_then($crate::text::flag)
        }
    };
    ($field:ident word ($ty:ty, $key:literal)) => {
        #[doc = concat!("Word of `", $key, "`; `None` if absent.")]
        pub fn $field(self) -> Option<$ty> {
            self.0.known($key).map(<$ty>::from_wire)
        }
    };
    ($field:ident seconds ($key:literal)) => {
        #[doc = concat!("`", $key, "`, which the wire gives in seconds.")]
        pub fn $field(self) -> Option<std::time::Duration> {
            self.0.number($key).map(std::time::Duration::from_secs)
        }
    };
    ($field:ident millis ($key:literal)) => {
        #[doc = concat!("`", $key, "`, which the wire gives in milliseconds.")]
        pub fn $field(self) -> Option<std::time::Duration> {
            self.0.number($key).map(std::time::Duration::from_millis)
        }
    };
    ($field:ident escaped ($key:literal)) => {
        #[doc = concat!("Text of `", $key, "` with its C-escapes undone; empty if absent.")]
        pub fn $field(self) -> std::borrow::Cow<'a, str> {
            $crate::text::unescape(self.0.get($key).unwrap_or_default())
        }
    };
    ($field:ident uri ($key:literal)) => {
        #[doc = concat!("Text of `", $key, "` with its URI-encoding undone; empty if absent.")]
        pub fn $field(self) -> String {
            $crate::text::uri_decode(self.0.get($key).unwrap_or_default())
        }
    };
    ($field:ident channel ($prefix:literal)) => {
        #[doc = concat!("Channel snapshot with prefix `", $prefix, "`, if its id is there.")]
        pub fn $field(self) -> Option<$crate::event::ChannelSnapshot<'a>> {
            $crate::event::ChannelSnapshot::find(self.0, $prefix)
        }
    };
    ($field:ident bridge ($prefix:literal)) => {
        #[doc = concat!("Bridge snapshot with prefix `", $prefix, "`, if its id is there.")]
        pub fn $field(self) -> Option<$crate::event::BridgeSnapshot<'a>> {
            $crate::event::BridgeSnapshot::find(self.0, $prefix)
        }
    };
}

/// Declares an enum of the words a header may hold; unknown words are kept.
macro_rules! wire_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vmeta])* #[doc = concat!("`", $word, "`.")] $variant,)+
            /// A word this crate does not know, as received.
            Other(String),
        }

        impl $name {
            /// Reads the word of the wire, whatever its case.
            pub fn from_wire(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($word) { return Self::$variant; })+
                Self::Other(word.to_owned())
            }

            /// The word as the wire spells it.
            pub fn as_wire(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }
    };
}

pub(crate) use {event_field, event_view, wire_words};
