-- Calls handed over to records systems: an outbox of documents that are made once and sent until they are taken.
CREATE TABLE filings (
    filing         TEXT   NOT NULL PRIMARY KEY, -- also the document's id in the records system
    call           TEXT   NOT NULL,
    records        TEXT   NOT NULL, -- id of the records system
    request_key    TEXT   UNIQUE,   -- who asks twice with one key gets one filing
    author         TEXT   NOT NULL,
    title          TEXT   NOT NULL,
    papers         TEXT   NOT NULL, -- what is said of the document; its files stand beside
    state          TEXT   NOT NULL,
    unsure         BIGINT NOT NULL, -- 1: an earlier try may have arrived
    handled        BIGINT NOT NULL, -- 1: it is to be marked as handled, too
    attempts       BIGINT NOT NULL, -- also tells one claim from the next
    created_at     BIGINT NOT NULL,
    next_at        BIGINT NOT NULL, -- not tried before; while it is being sent: until when it is claimed
    problem        TEXT,
    reference      TEXT,            -- set once the document is kept
    file_reference TEXT,
    settled_at     BIGINT,
    told           BIGINT NOT NULL  -- 0: the log must still hear what became of it
) STRICT;
CREATE INDEX filings_by_call ON filings (call, filing);
CREATE INDEX filings_by_work ON filings (records, state, next_at);
CREATE INDEX filings_untold ON filings (told);

-- Thrown away once they are kept elsewhere.
CREATE TABLE filing_files (
    filing     TEXT   NOT NULL,
    position   BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    content    BYTEA  NOT NULL,
    PRIMARY KEY (filing, position)
) STRICT;
