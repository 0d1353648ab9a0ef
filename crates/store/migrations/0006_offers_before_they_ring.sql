-- An offer of an owned queue is made before the agent's phone rings: it has no leg yet, and none at all when the phone
-- cannot be reached.

ALTER TABLE offers RENAME TO offers_that_ring;
DROP INDEX offers_by_call;
DROP INDEX offers_by_entry;

CREATE TABLE offers (
    offer        TEXT   NOT NULL PRIMARY KEY,
    sequence     BIGINT NOT NULL,
    call         TEXT   NOT NULL,
    entry        TEXT   NOT NULL,
    queue        TEXT   NOT NULL,
    agent        TEXT   NOT NULL,
    leg          TEXT,            -- none until the phone rings
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

INSERT INTO offers SELECT * FROM offers_that_ring;
DROP TABLE offers_that_ring;
