//! Negative answers (ECMA-269 §12.2.12 universalFailure) and what they mean for a command.

mod words;

use std::fmt;

use super::service::SessionRefusal;
pub(crate) use words::{PRIVATE_DATA_ERROR, fault_code, fault_word};

/// Category of a universalFailure. In ECMA-285 an explicit tag 0 to 7, in XML an element of `CSTAErrorCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultCategory {
    /// The request does not fit the object.
    Operation,
    /// A rule of security is broken.
    Security,
    /// The object is in the wrong state.
    StateIncompatibility,
    /// The switch lacks something.
    SystemResource,
    /// What we are allowed to use at once is used up.
    SubscribedResource,
    /// Too much is asked in too short a time.
    Performance,
    /// Private to the vendor.
    Private,
    /// The switch does not say.
    Unspecified,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// universalFailure.
    Failure {
        /// Category.
        category: FaultCategory,
        /// ECMA-285 code within the category, where it is known; else 0.
        code: u16,
        /// The word of the XML schema, or what the peer wrote there.
        word: String,
    },
    /// ROSE Reject (X.880): the peer could not read the message. Problem group 0 general, 1 invoke, 2 result, 3 error.
    Reject {
        /// Group of the problem.
        group: u8,
        /// The problem.
        problem: i64,
    },
    /// A refusal of ECMA-354.
    Session(SessionRefusal),
    /// An error of the peer that is no universalFailure: a ROSE error other than 1, `CSTAException`.
    Other {
        /// What the peer wrote.
        detail: String,
    },
}

/// What a refusal means for the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A call, device, connection or cross reference does not exist, or no longer.
    WrongId,
    /// The object is in the wrong state.
    WrongState,
    /// No right or no licence.
    NoRight,
    /// May work later.
    RetryLater,
    /// The switch does not have the service.
    NotSupported,
    /// Anything else; the words say more.
    Refused,
}

impl Fault {
    /// True when the switch says that what we may use at once is used up: its licences.
    pub const fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::Failure { category: FaultCategory::SubscribedResource, .. }
                | Self::Failure { category: FaultCategory::SystemResource, code: 7 | 26 | 27, .. }
        )
    }

    /// The peer's own word for it, as an administrator finds it in the vendor's books.
    pub fn word(&self) -> String {
        match self {
            Self::Failure { word, .. } if !word.is_empty() => word.clone(),
            Self::Failure { .. } | Self::Reject { .. } | Self::Session(_) | Self::Other { .. } => {
                self.to_string()
            }
        }
    }

    /// What it means for the one who asked.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Failure { category, code, .. } => failure_outcome(*category, *code),
            Self::Session(refusal) => match refusal {
                SessionRefusal::InvalidSessionId => Outcome::WrongId,
                SessionRefusal::ServerResourcesBusy | SessionRefusal::MaxNumberSessions => {
                    Outcome::RetryLater
                }
                SessionRefusal::ProtocolVersionNotSupported => Outcome::NotSupported,
                SessionRefusal::InvalidApplicationInfo
                | SessionRefusal::CannotResetTimer
                | SessionRefusal::Other(_) => Outcome::Refused,
            },
            // Invoke problem 1: unrecognised operation.
            Self::Reject { group: 1, problem: 1 } => Outcome::NotSupported,
            Self::Reject { .. } | Self::Other { .. } => Outcome::Refused,
        }
    }
}

/// Characters of a text of the switch that are shown.
const SHOWN_MAX: usize = 200;

/// A text of the switch as people and logs are shown it: in one line, and not longer than anybody reads.
pub fn shown(text: &str) -> String {
    let plain = text.chars().map(|one| if one.is_control() { ' ' } else { one });
    let mut short: String = plain.take(SHOWN_MAX).collect();
    if short.len() < text.len() && text.chars().nth(SHOWN_MAX).is_some() {
        short.push('…');
    }
    short
}

/// In the words of the wire, for an administrator.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure { category, word, code } if word.is_empty() => {
                write!(f, "{category:?} error {code}")
            }
            Self::Failure { category, word, .. } => write!(f, "{category:?} error {}", shown(word)),
            Self::Reject { group, problem } => write!(f, "rejected (group {group}, problem {problem})"),
            Self::Session(SessionRefusal::Other(text)) => f.write_str(&shown(text)),
            Self::Session(refusal) => write!(f, "{refusal:?}"),
            Self::Other { detail } => f.write_str(&shown(detail)),
        }
    }
}

/// Groups the codes by what one can do about them; the numbers are ECMA-285 `UniversalFailure`.
fn failure_outcome(category: FaultCategory, code: u16) -> Outcome {
    match (category, code) {
        (FaultCategory::Operation, 4..=6 | 11..=14 | 17 | 60 | 71 | 72 | 89 | 90 | 91 | 93) => {
            Outcome::WrongId
        }
        (FaultCategory::StateIncompatibility, _) | (FaultCategory::Operation, 2 | 145..=156) => {
            Outcome::WrongState
        }
        (FaultCategory::Operation, 8..=10 | 19)
        | (FaultCategory::SubscribedResource | FaultCategory::Security, _)
        | (FaultCategory::SystemResource, 7 | 26 | 27) => Outcome::NoRight,
        (FaultCategory::Performance, _)
        | (FaultCategory::SystemResource, 2 | 3 | 5)
        | (FaultCategory::Operation, 1) => Outcome::RetryLater,
        (FaultCategory::Operation, 50 | 122) => Outcome::NotSupported,
        (
            FaultCategory::Operation
            | FaultCategory::SystemResource
            | FaultCategory::Private
            | FaultCategory::Unspecified,
            _,
        ) => Outcome::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(category: FaultCategory, code: u16) -> Outcome {
        Fault::Failure { category, code, word: String::new() }.outcome()
    }

    #[test]
    fn what_a_switch_writes_is_one_short_line() {
        let forged =
            Fault::Other { detail: format!("no\n2026-11-27 INFO all is well\r{}", "x".repeat(60_000)) };
        let text = forged.to_string();
        assert!(!text.contains(['\n', '\r']) && text.chars().count() == SHOWN_MAX + 1, "{text}");
        assert_eq!(shown("invalidCallID"), "invalidCallID");
        assert_eq!(shown(&"ř".repeat(SHOWN_MAX)), "ř".repeat(SHOWN_MAX));
    }

    #[test]
    fn refusals_say_what_can_be_done() {
        assert_eq!(failure(FaultCategory::Operation, 13), Outcome::WrongId);
        assert_eq!(failure(FaultCategory::Operation, 9), Outcome::NoRight);
        assert_eq!(failure(FaultCategory::Operation, 1), Outcome::RetryLater);
        assert_eq!(failure(FaultCategory::Operation, 50), Outcome::NotSupported);
        assert_eq!(failure(FaultCategory::StateIncompatibility, 7), Outcome::WrongState);
        assert_eq!(failure(FaultCategory::SystemResource, 7), Outcome::NoRight);
        assert_eq!(failure(FaultCategory::SystemResource, 5), Outcome::RetryLater);
        assert_eq!(failure(FaultCategory::SubscribedResource, 2), Outcome::NoRight);
        assert_eq!(failure(FaultCategory::Performance, 1), Outcome::RetryLater);
        assert_eq!(failure(FaultCategory::Private, 1), Outcome::Refused);
        assert_eq!(Fault::Reject { group: 1, problem: 1 }.outcome(), Outcome::NotSupported);
    }
}
