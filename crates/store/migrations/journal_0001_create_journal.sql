-- The journal: facts in the order in which they were decided. In SQLite it is a file of its own with its own
-- writer, so that reports and administration never stand in its way.
--
-- One text serves both engines. Written are the words of PostgreSQL plus STRICT; the runner changes, for SQLite,
-- BIGINT to INTEGER and BYTEA to BLOB, and for PostgreSQL leaves out STRICT.
-- Times are BIGINT microseconds since 1970 in UTC: exact, ordered, and durations are plain subtraction in both
-- engines, where a text would have to keep the same precision for ever or lose its order.

-- One row is one group commit: all facts that were waiting when the one before it was done.
CREATE TABLE journal (
    first_sequence BIGINT NOT NULL PRIMARY KEY, -- sequence of the first fact in the row
    last_sequence  BIGINT NOT NULL UNIQUE,      -- sequence of the last one; rows follow without gap or overlap
    recorded_at    BIGINT NOT NULL,             -- recorded_at of the last one; retention is counted from it
    check_sum      BIGINT NOT NULL,             -- CRC-32 of records: a damaged row is named, not applied
    records        BYTEA  NOT NULL              -- one record per line, JSON
) STRICT;

-- Pictures of the domain: a start reads the newest and applies the facts after it. Two are kept, so that a
-- damaged one costs seconds and not history.
CREATE TABLE snapshots (
    sequence  BIGINT NOT NULL PRIMARY KEY, -- last fact that is part of the picture
    taken_at  BIGINT NOT NULL,
    check_sum BIGINT NOT NULL,             -- CRC-32 of state
    state     BYTEA  NOT NULL              -- as the domain wrote it
) STRICT;
