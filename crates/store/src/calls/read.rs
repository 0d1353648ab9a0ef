//! Rows of the book as values.

use cti_core::time::Timestamp;

use super::{CallRow, EntryRow, LegRow, NoteRow, OfferRow, TransferRow};
use crate::db::Row;
use crate::error::StoreError;

pub(crate) fn call(row: &Row) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        id: row.id("call")?,
        version: row.count("version")?,
        sequence: row.count("last_sequence")?,
        switch: row.text("switch")?.into(),
        native: row.text("native")?,
        direction: row.word("direction")?,
        calling: row.json("calling")?,
        dialled: row.maybe_json("dialled")?,
        started_at: row.time("started_at")?,
        answered_at: row.maybe_time("answered_at")?,
        ended_at: row.maybe_time("ended_at")?,
        ended_between: between(row)?,
        outcome: row.maybe_word("outcome")?,
        cause: row.maybe_word("cause")?,
        ended_by: row.maybe_id("ended_by")?,
        merged_into: row.maybe_id("merged_into")?,
        split_from: row.maybe_id("split_from")?,
        ring_ms: row.maybe_count("ring_ms")?,
        talk_ms: row.maybe_count("talk_ms")?,
        trunk: row.maybe_id("trunk")?,
        queue: row.maybe_id("queue")?,
        agent: row.maybe_id("agent")?,
        user: row.maybe_id("user_id")?,
        command: row.maybe_id("command")?,
        disposition: row.maybe_text("disposition")?,
        remark: row.maybe_text("remark")?,
        disposed_by: row.maybe_json("disposed_by")?,
        disposed_at: row.maybe_time("disposed_at")?,
        contact: row.maybe_json("contact_shown")?,
        activity: row.maybe_text("activity")?,
    })
}

pub(super) fn leg(row: &Row) -> Result<LegRow, StoreError> {
    Ok(LegRow {
        id: row.id("leg")?,
        call: row.id("call")?,
        connection: row.text("connection")?,
        device: row.id("device")?,
        user: row.maybe_id("user_id")?,
        agent: row.maybe_id("agent")?,
        side: row.word("side")?,
        party: row.json("party")?,
        state: row.word("state")?,
        started_at: row.time("started_at")?,
        alerting_at: row.maybe_time("alerting_at")?,
        answered_at: row.maybe_time("answered_at")?,
        ended_at: row.maybe_time("ended_at")?,
        ended_between: between(row)?,
        cause: row.maybe_word("cause")?,
        by_party: row.maybe_flag("by_party")?,
        ring_ms: row.maybe_count("ring_ms")?,
        talk_ms: row.maybe_count("talk_ms")?,
        hold_ms: row.maybe_count("hold_ms")?,
    })
}

pub(super) fn entry(row: &Row) -> Result<EntryRow, StoreError> {
    Ok(EntryRow {
        id: row.id("entry")?,
        call: row.id("call")?,
        queue: row.id("queue")?,
        entry_no: row.count("entry_no")?,
        first_entered_at: row.time("first_entered_at")?,
        requeued: row.flag("requeued")?,
        entered_at: row.time("entered_at")?,
        left_at: row.maybe_time("left_at")?,
        reason: row.maybe_word("reason")?,
        wait_ms: row.maybe_count("wait_ms")?,
        agent: row.maybe_id("agent")?,
        offer: row.maybe_id("offer")?,
    })
}

pub(super) fn offer(row: &Row) -> Result<OfferRow, StoreError> {
    Ok(OfferRow {
        id: row.id("offer")?,
        call: row.id("call")?,
        entry: row.id("entry")?,
        queue: row.id("queue")?,
        agent: row.id("agent")?,
        leg: row.maybe_id("leg")?,
        attempt: row.count("attempt")?,
        created_at: row.time("created_at")?,
        outcome: row.word("outcome")?,
        closed_at: row.maybe_time("closed_at")?,
        completed_at: row.maybe_time("completed_at")?,
        ring_ms: row.maybe_count("ring_ms")?,
        talk_ms: row.maybe_count("talk_ms")?,
        hold_ms: row.maybe_count("hold_ms")?,
        transferred: row.maybe_flag("transferred")?,
    })
}

pub(super) fn transfer(row: &Row) -> Result<TransferRow, StoreError> {
    Ok(TransferRow {
        at: row.time("transferred_at")?,
        kind: row.word("kind")?,
        by: row.id("by_device")?,
        agent: row.maybe_id("agent")?,
        to: row.maybe_json("target")?,
        consult_call: row.maybe_id("consult_call")?,
    })
}

pub(crate) fn note(row: &Row) -> Result<NoteRow, StoreError> {
    Ok(NoteRow {
        id: row.id("note")?,
        actor: row.json("actor")?,
        text: row.text("body")?,
        at: row.time("written_at")?,
    })
}

fn between(row: &Row) -> Result<Option<[Timestamp; 2]>, StoreError> {
    let earliest = row.maybe_time("ended_earliest")?;
    let latest = row.maybe_time("ended_latest")?;
    Ok(earliest.zip(latest).map(|(earliest, latest)| [earliest, latest]))
}
