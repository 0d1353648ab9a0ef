-- What switches count of their queues themselves, each time a reading said something new. Derived from the journal.

CREATE TABLE queue_counters (
    sequence        BIGINT NOT NULL PRIMARY KEY,
    queue           TEXT   NOT NULL,
    read_at         BIGINT NOT NULL,
    unchanged_until BIGINT,          -- until then the row before was still true
    completed       BIGINT NOT NULL,
    abandoned       BIGINT NOT NULL,
    hold_ms         BIGINT NOT NULL, -- the switch's running averages
    talk_ms         BIGINT NOT NULL,
    reset           TEXT             -- restarted, fell: does not go on from the row before
) STRICT;
CREATE INDEX queue_counters_by_queue ON queue_counters (queue, read_at);
