-- Addresses of other systems that events are posted to. Bodies are not kept: an endpoint reads the log, and what is kept
-- is how far it came and what became of each event.

CREATE TABLE webhook_endpoints (
    endpoint    TEXT   NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    settings    TEXT   NOT NULL, -- as the administrator wrote them
    log_cursor  BIGINT NOT NULL, -- every event up to here has its row below or is of no interest
    state       TEXT   NOT NULL, -- working, failing, gone
    reason      TEXT,            -- what the last attempt met
    since       BIGINT NOT NULL, -- since when it is in this state
    lost        BIGINT NOT NULL, -- events that left the journal before they were posted
    replay_next BIGINT,          -- a part of the log that is posted again: the next event of it
    replay_last BIGINT           -- and the last one
) STRICT;

CREATE TABLE webhook_secrets (
    endpoint   TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- v1 or v1a
    sealed     BYTEA  NOT NULL,
    public_key TEXT,            -- v1a only
    created_at BIGINT NOT NULL,
    expires_at BIGINT,          -- none for the newest one
    PRIMARY KEY (endpoint, number)
) STRICT;

CREATE TABLE webhook_deliveries (
    endpoint    TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    event       TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    subject     TEXT,
    happened_at BIGINT NOT NULL,
    state       TEXT   NOT NULL, -- pending, delivered, dead
    replayed    BIGINT NOT NULL, -- 1: somebody asked for it again
    attempts    BIGINT NOT NULL, -- of the present round
    next_at     BIGINT,          -- pending only
    status      BIGINT,          -- last answer of the endpoint
    error       TEXT,            -- last failure
    took_ms     BIGINT,
    noted_at    BIGINT NOT NULL, -- when this row was written last
    PRIMARY KEY (endpoint, sequence)
) STRICT;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (endpoint, state, sequence);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (endpoint, event);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (noted_at);
