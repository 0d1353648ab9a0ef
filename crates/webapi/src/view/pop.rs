//! Cards of pops, and the log of them.

use cti_core::fact::Direction;
use cti_core::ids::{CallId, DeviceId, PopId, PopRuleId, QueueId, UserId};
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{PopMoment, PopRow, PopState, User};
use utoipa::ToSchema;

use crate::ports::bridges::{PopCard, PopCardState};
use crate::view::contact::{HistoryView, LookupView, history};
use crate::view::{NumberView, PartyView};

/// Earlier calls on a card.
const HISTORY_ROWS: usize = 3;

/// One call as one human is shown it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PopView {
    #[schema(value_type = String)]
    pub(crate) id: PopId,
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    /// The device it rings at, or rang at last.
    #[schema(value_type = Option<String>)]
    pub(crate) device: Option<DeviceId>,
    /// `inbound`, `outbound`, `internal`.
    #[schema(value_type = String)]
    pub(crate) direction: Direction,
    pub(crate) calling: PartyView,
    pub(crate) dialled: Option<NumberView>,
    #[schema(value_type = Option<String>)]
    pub(crate) queue: Option<QueueId>,
    pub(crate) queue_name: Option<String>,
    /// Time of the switch's event that led to it.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) waited_since: Timestamp,
    /// None until the directory has answered.
    pub(crate) lookup: Option<LookupView>,
    /// The newest earlier calls.
    pub(crate) history: Vec<HistoryView>,
    /// `active`, `dismissed`, `retracted`.
    pub(crate) state: String,
    /// Why it was taken away: `answered_elsewhere`, `caller_left`, `no_answer`, `rejected`, `diverted`, `merged`,
    /// `ended`, `lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Who has the call instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_by: Option<String>,
}

/// A page to be opened now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PopPageView {
    pub(crate) url: String,
    /// Name of the window.
    pub(crate) window: String,
}

/// A card for a reader, who may see contacts or not.
pub(crate) fn pop(card: &PopCard, sees_contacts: bool, reader: Option<&User>) -> PopView {
    let language = reader.map_or("en", |user| user.language.as_str());
    let earlier = card.history.iter().filter(|row| row.call != card.call && sees_contacts);
    let state = match card.state {
        PopCardState::Active => "active",
        PopCardState::Dismissed => "dismissed",
        PopCardState::Retracted => "retracted",
    };
    PopView {
        id: card.id,
        call: card.call,
        device: card.device,
        direction: card.direction,
        calling: (&card.calling).into(),
        dialled: card.dialled.as_ref().map(NumberView::from),
        queue: card.queue,
        queue_name: card.queue_name.as_deref().map(ToOwned::to_owned),
        at: card.at,
        waited_since: card.waited_since,
        lookup: card.lookup.as_ref().filter(|_| sees_contacts).map(LookupView::from),
        history: earlier.take(HISTORY_ROWS).map(|row| history(row, language)).collect(),
        state: state.to_owned(),
        reason: card.reason.as_deref().map(ToOwned::to_owned),
        answered_by: card.answered_by.as_deref().map(ToOwned::to_owned),
    }
}

/// A row of the log of pops.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PopLogView {
    #[schema(value_type = String)]
    id: PopId,
    #[schema(value_type = String)]
    call: CallId,
    #[schema(value_type = String)]
    user: UserId,
    #[schema(value_type = Option<String>)]
    rule: Option<PopRuleId>,
    /// `alerting` or `answered`.
    #[schema(value_type = String)]
    trigger: PopMoment,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `shown`, `suppressed`, `retracted`.
    #[schema(value_type = String)]
    state: PopState,
    /// Why it was suppressed or taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why no page was opened: `no_rule`, `scope`, `internal`, `withheld`, `placeholder_empty`, `no_desk_open`,
    /// `daemon_was_away`, `blocked_by_browser`.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_window: Option<String>,
    /// The page.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// True when a desk was told to open the page.
    opened: bool,
    /// True when the human put the card away.
    dismissed: bool,
    /// From the switch's event to the painted card.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
}

impl From<PopRow> for PopLogView {
    fn from(row: PopRow) -> Self {
        Self {
            id: row.id,
            call: row.call,
            user: row.user,
            rule: row.rule,
            trigger: row.moment,
            at: row.at,
            state: row.state,
            reason: row.reason,
            no_window: row.no_window,
            url: row.url,
            opened: row.opened,
            dismissed: row.dismissed,
            latency_ms: row.latency_ms,
        }
    }
}
