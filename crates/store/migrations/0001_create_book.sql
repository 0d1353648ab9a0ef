-- The book: what lists, reports and history read. Everything in this file but call_evidence and erased_calls is
-- derived from the journal and can be derived again. Words, types and times: see journal_0001_create_journal.sql.
--
-- `sequence` is in every table the fact that made the row: it orders rows, and after a loss of power it tells
-- which rows came from facts that the journal no longer has.
-- No foreign keys: facts come in the order of the journal, and erasing a person's call must not ask the rest.

-- How far the journal has been put into the book. One row.
CREATE TABLE projection_cursor (
    name     TEXT   NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL
) STRICT;
INSERT INTO projection_cursor (name, sequence) VALUES ('book', 0);

-- One row per call, with every column that lists show, so that a page of the call book reads one table.
CREATE TABLE calls (
    call           TEXT   NOT NULL PRIMARY KEY,
    sequence       BIGINT NOT NULL,
    last_sequence  BIGINT NOT NULL, -- last fact of the call
    version        BIGINT NOT NULL, -- version of the call after that fact
    switch         TEXT   NOT NULL,
    native         TEXT   NOT NULL, -- key of the switch, to find the call in its own logs
    direction      TEXT   NOT NULL,
    calling        TEXT   NOT NULL, -- party as JSON; emptied by erasure
    calling_raw    TEXT,            -- as on the wire, for search
    calling_key    TEXT,            -- E.164 where valid, else raw, for search
    dialled        TEXT,            -- number as JSON
    dialled_raw    TEXT,
    dialled_key    TEXT,
    started_at     BIGINT NOT NULL,
    answered_at    BIGINT,          -- first answer of a called leg
    ended_at       BIGINT,
    ended_earliest BIGINT,          -- set with ended_latest when the end was missed during a gap
    ended_latest   BIGINT,
    outcome        TEXT,
    cause          TEXT,
    ended_by       TEXT,
    merged_into    TEXT,
    split_from     TEXT,
    ring_ms        BIGINT,
    talk_ms        BIGINT,
    trunk          TEXT,            -- first trunk of the call
    queue          TEXT,            -- last queue it entered
    agent          TEXT,            -- who answered last; the maker of an outbound call
    user_id        TEXT,            -- user of that phone at that time
    command        TEXT,            -- click-to-dial that made it
    logged         BIGINT NOT NULL, -- 0: ended, and the book shall not show it (log_calls = "mapped")
    disposition    TEXT,            -- the one in force; earlier ones are in the timeline
    remark         TEXT,
    disposed_by    TEXT,
    disposed_at    BIGINT
) STRICT;
CREATE INDEX calls_by_start ON calls (started_at, call);
CREATE INDEX calls_by_end ON calls (ended_at);
CREATE INDEX calls_by_calling_key ON calls (calling_key);
CREATE INDEX calls_by_calling_raw ON calls (calling_raw);
CREATE INDEX calls_by_dialled_key ON calls (dialled_key);
CREATE INDEX calls_by_dialled_raw ON calls (dialled_raw);

-- Data bound to calls, one row per key: a change touches one row.
CREATE TABLE call_data (
    call     TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    sequence BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (call, name)
) STRICT;

CREATE TABLE legs (
    leg            TEXT   NOT NULL PRIMARY KEY,
    sequence       BIGINT NOT NULL,
    call           TEXT   NOT NULL, -- call it is part of, or was when it ended
    connection     TEXT   NOT NULL,
    device         TEXT   NOT NULL,
    user_id        TEXT,            -- valid when the leg began
    agent          TEXT,
    side           TEXT   NOT NULL,
    party          TEXT   NOT NULL, -- JSON
    party_raw      TEXT,
    party_key      TEXT,
    state          TEXT   NOT NULL, -- ECMA-269 connection state, lower case
    started_at     BIGINT NOT NULL,
    alerting_at    BIGINT,
    answered_at    BIGINT,
    ended_at       BIGINT,
    ended_earliest BIGINT,
    ended_latest   BIGINT,
    cause          TEXT,
    by_party       BIGINT,          -- 1 when the party at this leg hung up
    ring_ms        BIGINT,
    talk_ms        BIGINT,
    hold_ms        BIGINT           -- part of talk_ms
) STRICT;
CREATE INDEX legs_by_call ON legs (call);
CREATE INDEX legs_by_user ON legs (user_id);
CREATE INDEX legs_by_agent ON legs (agent);
CREATE INDEX legs_by_party_key ON legs (party_key);
CREATE INDEX legs_by_party_raw ON legs (party_raw);

-- Every call a leg has ever been part of: a consultation stays in the list of the one who made it after its leg
-- has moved into the surviving call.
CREATE TABLE leg_calls (
    call     TEXT   NOT NULL,
    leg      TEXT   NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (call, leg)
) STRICT;
CREATE INDEX leg_calls_by_leg ON leg_calls (leg);

-- Calls that belong together: consult, merged, split. Read from both ends.
CREATE TABLE call_relations (
    call     TEXT   NOT NULL,
    other    TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (call, other, kind)
) STRICT;
CREATE INDEX call_relations_by_other ON call_relations (other);

CREATE TABLE transfers (
    sequence       BIGINT NOT NULL PRIMARY KEY,
    call           TEXT   NOT NULL,
    transferred_at BIGINT NOT NULL,
    kind           TEXT   NOT NULL,
    by_device      TEXT   NOT NULL,
    agent          TEXT,
    target         TEXT,            -- number as JSON, blind transfers
    consult_call   TEXT
) STRICT;
CREATE INDEX transfers_by_call ON transfers (call);

CREATE TABLE offers (
    offer        TEXT   NOT NULL PRIMARY KEY,
    sequence     BIGINT NOT NULL,
    call         TEXT   NOT NULL,
    entry        TEXT   NOT NULL,
    queue        TEXT   NOT NULL,
    agent        TEXT   NOT NULL,
    leg          TEXT   NOT NULL,
    attempt      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    outcome      TEXT   NOT NULL, -- open, accepted, no_answer, rejected, canceled
    closed_at    BIGINT,          -- accepted or closed
    completed_at BIGINT,          -- accepted offers: the agent's part is over
    ring_ms      BIGINT,
    talk_ms      BIGINT,
    hold_ms      BIGINT,
    transferred  BIGINT
) STRICT;
CREATE INDEX offers_by_call ON offers (call);
CREATE INDEX offers_by_entry ON offers (entry);

-- One stay in one queue; what reports count.
CREATE TABLE queue_entries (
    entry            TEXT   NOT NULL PRIMARY KEY,
    sequence         BIGINT NOT NULL,
    call             TEXT   NOT NULL,
    queue            TEXT   NOT NULL,
    entry_no         BIGINT NOT NULL,
    first_entered_at BIGINT NOT NULL,
    requeued         BIGINT NOT NULL,
    entered_at       BIGINT NOT NULL,
    left_at          BIGINT,
    reason           TEXT,            -- none while waiting
    wait_ms          BIGINT,
    agent            TEXT,
    offer            TEXT
) STRICT;
CREATE INDEX queue_entries_by_call ON queue_entries (call);
CREATE INDEX queue_entries_by_queue ON queue_entries (queue, entered_at);

-- What each agent was doing, without gaps from its discovery on.
CREATE TABLE agent_intervals (
    agent       TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    state       TEXT   NOT NULL, -- effective state
    chosen      TEXT   NOT NULL, -- chosen state
    reason      TEXT,
    call        TEXT,
    started_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    duration_ms BIGINT,
    PRIMARY KEY (agent, sequence)
) STRICT;
CREATE INDEX agent_intervals_by_start ON agent_intervals (started_at);

CREATE TABLE notes (
    note       TEXT   NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    call       TEXT   NOT NULL,
    actor      TEXT   NOT NULL, -- JSON
    body       TEXT   NOT NULL,
    written_at BIGINT NOT NULL
) STRICT;
CREATE INDEX notes_by_call ON notes (call);

CREATE TABLE switches (
    switch     TEXT   NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    version    TEXT,
    boot_epoch TEXT,
    link       TEXT   NOT NULL, -- up, down, unknown before the first word
    since      BIGINT NOT NULL,
    reason     TEXT             -- why it is down
) STRICT;

CREATE TABLE link_gaps (
    sequence  BIGINT NOT NULL PRIMARY KEY,
    switch    TEXT   NOT NULL,
    gap_from  BIGINT NOT NULL,
    gap_until BIGINT NOT NULL
) STRICT;

CREATE TABLE devices (
    device       TEXT   NOT NULL PRIMARY KEY,
    sequence     BIGINT NOT NULL,
    switch       TEXT   NOT NULL,
    native       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    extension    TEXT,
    name         TEXT,
    capabilities TEXT,            -- JSON, where they differ from the switch
    state        TEXT   NOT NULL,
    state_since  BIGINT NOT NULL
) STRICT;

CREATE TABLE queues (
    queue      TEXT   NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    switch     TEXT   NOT NULL,
    native     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    wrap_up_ms BIGINT NOT NULL
) STRICT;

CREATE TABLE queue_members (
    queue    TEXT   NOT NULL,
    agent    TEXT   NOT NULL,
    sequence BIGINT NOT NULL,
    paused   BIGINT NOT NULL,
    reason   TEXT,
    removable BIGINT NOT NULL, -- 1 for dynamic members
    PRIMARY KEY (queue, agent)
) STRICT;

CREATE TABLE agents (
    agent    TEXT   NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    device   TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    user_id  TEXT
) STRICT;
CREATE INDEX agents_by_user ON agents (user_id);

CREATE TABLE assignments (
    assignment  TEXT   NOT NULL PRIMARY KEY,
    sequence    BIGINT NOT NULL,
    device      TEXT   NOT NULL,
    user_id     TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    is_primary  BIGINT NOT NULL,
    given_from  BIGINT NOT NULL,
    given_until BIGINT             -- none while it lasts
) STRICT;

CREATE TABLE extensions (
    extension_id TEXT   NOT NULL PRIMARY KEY,
    sequence     BIGINT NOT NULL,
    switch       TEXT   NOT NULL,
    extension    TEXT   NOT NULL,
    number       TEXT,
    user_id      TEXT,
    contact      TEXT,
    active       BIGINT NOT NULL
) STRICT;

CREATE TABLE commands (
    command   TEXT   NOT NULL PRIMARY KEY,
    sequence  BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    actor     TEXT   NOT NULL, -- JSON
    asker_key TEXT,            -- idempotency key
    switch    TEXT   NOT NULL,
    call      TEXT,
    device    TEXT,
    request   TEXT   NOT NULL, -- JSON
    sent_at   BIGINT NOT NULL,
    deadline  BIGINT NOT NULL,
    state     TEXT   NOT NULL, -- sent, succeeded, failed, outcome_unknown
    code      TEXT,
    detail    TEXT,
    settled_at BIGINT
) STRICT;

CREATE TABLE command_steps (
    sequence BIGINT NOT NULL PRIMARY KEY,
    command  TEXT   NOT NULL,
    step     TEXT   NOT NULL,
    seen_at  BIGINT NOT NULL
) STRICT;
CREATE INDEX command_steps_by_command ON command_steps (command);

-- Records of calls: of live calls, and what comes after the end (notes, dispositions).
CREATE TABLE call_events (
    call           TEXT   NOT NULL,
    first_sequence BIGINT NOT NULL,
    last_sequence  BIGINT NOT NULL,
    records        TEXT   NOT NULL, -- one record per line, JSON
    PRIMARY KEY (call, first_sequence)
) STRICT;

-- The timeline of an ended call, written once.
CREATE TABLE call_timelines (
    call          TEXT   NOT NULL PRIMARY KEY,
    last_sequence BIGINT NOT NULL,
    records       BYTEA  NOT NULL -- as above, gzip
) STRICT;

-- The raw messages of the switch behind a call, written once. Not derived.
CREATE TABLE call_evidence (
    call     TEXT   NOT NULL PRIMARY KEY,
    saved_at BIGINT NOT NULL,
    raw      BYTEA  NOT NULL -- gzip
) STRICT;

-- Calls whose personal data was erased: deriving the book again must not bring it back. Not derived.
CREATE TABLE erased_calls (
    call      TEXT   NOT NULL PRIMARY KEY,
    erased_at BIGINT NOT NULL
) STRICT;
