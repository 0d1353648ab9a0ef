//! What becomes of a filing after a try.

use cti_core::time::Timestamp;
use store::{Filing, FilingProblem, FilingStep, FilingTrouble};

use super::answer::{Receipt, Trouble};
use super::client::Unreached;

/// Waits between tries; the last one stays.
const WAITS_MS: [i64; 7] = [2_000, 10_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];
/// After this long without success a person must look.
const PATIENCE_MS: u64 = 3 * 86_400_000;

/// What came of sending a document, or of saying that it is handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The document is kept.
    Kept(Receipt),
    /// It is handled, too.
    Handled,
    /// The records service answered otherwise, with this HTTP status.
    Answered(u16, Trouble),
    /// It did not answer.
    Unreached(Unreached),
    /// It cannot be said in the words of the standard.
    Unfit(String),
}

impl Tried {
    /// What went wrong, for a person; none when nothing did.
    pub fn problem(&self) -> Option<FilingProblem> {
        let (kind, code, text) = match self {
            Self::Kept(_) | Self::Handled => return None,
            Self::Answered(_, Trouble::Refused { code, text }) => {
                (FilingTrouble::Refused, Some(code.clone()), text)
            }
            Self::Answered(_, Trouble::Fault { code, text }) => {
                (FilingTrouble::Fault, Some(code.clone()), text)
            }
            Self::Answered(status, Trouble::Unclear(text)) => {
                let code = (*status != 200).then(|| format!("HTTP {status}"));
                (FilingTrouble::Unclear, code, text)
            }
            Self::Unreached(Unreached { text, .. }) => (FilingTrouble::Unreachable, None, text),
            Self::Unfit(text) => (FilingTrouble::Unfit, None, text),
        };
        Some(FilingProblem { kind, code, text: text.clone() })
    }

    /// True when the same try may succeed later without anybody changing anything.
    fn is_passing(&self) -> bool {
        match self {
            Self::Kept(_) | Self::Handled | Self::Unreached(_) => true,
            Self::Unfit(_) | Self::Answered(_, Trouble::Refused { .. }) => false,
            Self::Answered(status, Trouble::Fault { code, .. }) => {
                let ours = ["Client", "VersionMismatch", "MustUnderstand"];
                is_passing(*status) && !ours.contains(&code.as_str())
            }
            Self::Answered(status, Trouble::Unclear(_)) => is_passing(*status),
        }
    }
}

/// What becomes of a filing after a try. A try that may have arrived leaves it unsure, and so does one before it.
pub fn verdict(filing: &Filing, now: Timestamp, tried: &Tried) -> FilingStep {
    let Some(problem) = tried.problem() else {
        return kept(filing, tried);
    };
    if !tried.is_passing() || now.millis_since(filing.created_at) > PATIENCE_MS {
        return FilingStep::Refused(problem);
    }
    let unsure = match tried {
        Tried::Unreached(unreached) => unreached.unsure,
        Tried::Answered(..) => true,
        Tried::Kept(_) | Tried::Handled | Tried::Unfit(_) => false,
    };
    let nth = usize::try_from(filing.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = WAITS_MS.get(nth).or(WAITS_MS.last()).copied().unwrap_or_default();
    FilingStep::Later { at: now.plus_millis(wait), problem, unsure: unsure || filing.unsure }
}

fn kept(filing: &Filing, tried: &Tried) -> FilingStep {
    // A service may give its numbers later; our own identifier finds the document there, too.
    let own = || filing.id.to_string();
    match tried {
        Tried::Kept(receipt) => FilingStep::Kept {
            reference: receipt.reference.clone().unwrap_or_else(own),
            file_reference: receipt.file_reference.clone(),
            whole: !filing.handled,
        },
        Tried::Handled | Tried::Answered(..) | Tried::Unreached(_) | Tried::Unfit(_) => FilingStep::Kept {
            reference: filing.reference.clone().unwrap_or_else(own),
            file_reference: filing.file_reference.clone(),
            whole: true,
        },
    }
}

/// False for an HTTP status that will be the same next time.
const fn is_passing(status: u16) -> bool {
    matches!(status, 200 | 408 | 429 | 500..)
}
