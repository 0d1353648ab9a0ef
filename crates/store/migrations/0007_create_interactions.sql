-- Callbacks and everything else that a queue distributes beside calls. Derived from the journal.

CREATE TABLE interactions (
    interaction TEXT   NOT NULL PRIMARY KEY,
    sequence    BIGINT NOT NULL,
    medium      TEXT   NOT NULL, -- callback, chat, email, …
    queue       TEXT   NOT NULL,
    number      TEXT,            -- to dial; emptied by erasure
    subject     TEXT   NOT NULL,
    due         BIGINT,
    origin      TEXT,            -- the call it came from
    created_at  BIGINT NOT NULL,
    agent       TEXT,            -- asked or working last
    attempts    BIGINT NOT NULL DEFAULT 0,
    tries       BIGINT NOT NULL DEFAULT 0,
    last_code   TEXT,
    closed_at   BIGINT,
    ended       TEXT,            -- done, given_up, canceled, not_dialable
    reached_in  TEXT
) STRICT;
CREATE INDEX interactions_by_queue ON interactions (queue, created_at);
