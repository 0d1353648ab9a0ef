//! Records systems, as the web layer sees them: calls are handed over to them.

use std::fmt;

use cti_core::input::Actor;
use cti_core::time::Timestamp;
use store::{CallDetail, FilingProblem};

/// A records system of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsSystem {
    /// Its id in ours.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Whether it answers; none until it was asked for the first time.
    pub works: Option<bool>,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// When it was last asked.
    pub asked_at: Option<Timestamp>,
    /// What was wrong then.
    pub problem: Option<FilingProblem>,
}

/// A call to be handed over.
#[derive(Debug)]
pub struct FilingWish {
    /// The call as the book has it.
    pub call: CallDetail,
    /// Who hands it over.
    pub author: Actor,
    /// What the records system is told who that is: a login or the name of a token.
    pub acting: String,
    /// Name of that person, for the document.
    pub acting_name: String,
    /// Two wishes with one key are one.
    pub request_key: Option<String>,
    /// Which records system.
    pub records: String,
    /// Title; made of the call when it is empty.
    pub title: String,
    /// What is written of the call.
    pub text: String,
    /// The file of the records system it is put in: identifier and who gave it.
    pub within: Option<(String, String)>,
    /// True to have it marked as handled.
    pub handled: bool,
    /// Attachments.
    pub attachments: Vec<Attachment>,
}

/// A file that goes along.
#[derive(Clone)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// A customer's, so it stays out of logs.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.media_type, self.content.len())
    }
}

/// Why a call cannot be handed over as it was wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingRefusal {
    /// JSON pointer of the field.
    pub pointer: &'static str,
    /// What is wrong with it, in words.
    pub detail: String,
}
