//! What can go wrong, by the step that failed.

use thiserror::Error;

/// The byte stream cannot be followed any further; the link must end.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The first line is not a manager banner: another service listens there.
    #[error("read the banner: the peer is not an Asterisk manager")]
    NotAsterisk,
    /// One message is larger than the limit in bytes.
    #[error("read a message: larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// One message has more headers than the limit.
    #[error("read a message: more than {limit} headers")]
    TooManyHeaders {
        /// The limit.
        limit: usize,
    },
}

/// An action that must not reach the socket, refused before its first byte.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ActionError {
    /// CR, LF or NUL would start a header of its own on the switch.
    #[error("write {action}: line break or NUL in header {key}")]
    ForbiddenByte {
        /// The action.
        action: String,
        /// The header.
        key: String,
    },
    /// The key is empty or holds a colon or blank.
    #[error("write {action}: header key {key:?} is not a key")]
    BadKey {
        /// The action.
        action: String,
        /// The key.
        key: String,
    },
    /// Asterisk reads lines of at most 1024 bytes, CRLF included.
    #[error("write {action}: header {key} makes a line of {length} bytes, the limit is 1024")]
    LineTooLong {
        /// The action.
        action: String,
        /// The header.
        key: String,
        /// Length of the line in bytes with its CRLF.
        length: usize,
    },
    /// Asterisk reads at most 128 headers.
    #[error("write {action}: {count} headers, the limit is 128")]
    TooManyHeaders {
        /// The action.
        action: String,
        /// Headers there would have been.
        count: usize,
    },
    /// `ActionID` must be printable ASCII of at most 200 bytes (some replies copy it to a small buffer).
    #[error("write {action}: ActionID must be 1 to 200 printable ASCII bytes")]
    BadActionId {
        /// The action.
        action: String,
    },
    /// The switch would ignore the second of two equal keys.
    #[error("write {action}: header {key} twice")]
    DuplicateKey {
        /// The action.
        action: String,
        /// The header.
        key: String,
    },
    /// A value the action cannot carry, e.g. a cause outside 1 to 127.
    #[error("write {action}: {what}")]
    BadValue {
        /// The action.
        action: String,
        /// What is wrong, without the value itself.
        what: &'static str,
    },
}

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The peer could not be reached or the connection broke.
    #[error("connection to the switch: {detail}")]
    Transport {
        /// What the operating system said.
        detail: String,
    },
    /// The TLS handshake failed: wrong certificate, name or protocol.
    #[error("TLS to the switch: {detail}")]
    Tls {
        /// What the TLS library said.
        detail: String,
    },
    /// The switch closed the connection.
    #[error("the switch closed the connection")]
    Closed,
    /// The byte stream broke the protocol.
    #[error("follow the byte stream of the switch")]
    Frame(#[from] FrameError),
    /// The user or the secret is wrong, or the address is not permitted.
    #[error("log in: user or secret refused")]
    AuthenticationFailed,
    /// `allowmultiplelogin=no` and the user is already logged in.
    #[error("log in: the user is already logged in elsewhere")]
    LoginAlreadyInUse,
    /// The login was refused for another reason.
    #[error("log in: refused with {message:?}")]
    LoginRefused {
        /// The text of the switch.
        message: String,
    },
    /// The login could not be written.
    #[error("log in")]
    LoginUnwritable(#[from] ActionError),
    /// Nothing came in time: banner, challenge or login reply.
    #[error("log in: no {awaited} in time")]
    LoginTimeout {
        /// What was waited for.
        awaited: &'static str,
    },
    /// No byte came for three ping intervals.
    #[error("no sign of life from the switch for {silent_ms} ms")]
    Silent {
        /// How long, in milliseconds.
        silent_ms: u64,
    },
    /// Our own side did not take events fast enough; the events up to here are complete, the rest is dropped.
    #[error("events were not consumed in time, {waiting} were waiting")]
    ConsumerTooSlow {
        /// Events waiting at the bound.
        waiting: usize,
    },
    /// We logged off.
    #[error("logged off")]
    LoggedOff,
}

impl LinkError {
    /// Tells whether trying again soon would only be refused again (credentials or a second login).
    pub fn is_login_refusal(&self) -> bool {
        matches!(
            self,
            Self::AuthenticationFailed
                | Self::LoginAlreadyInUse
                | Self::LoginRefused { .. }
                | Self::LoginUnwritable(_)
        )
    }
}
