-- Which page is opened for which call, and what was shown to whom.

CREATE TABLE pop_rules (
    rule         TEXT   NOT NULL PRIMARY KEY,
    version      BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    active       BIGINT NOT NULL,
    queue        TEXT,            -- none for every call
    direction    TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    moment       TEXT   NOT NULL, -- alerting or answered
    url_template TEXT   NOT NULL,
    window_name  TEXT   NOT NULL
) STRICT;

-- One row per human and call, whatever happens: that a window was opened is remembered here, so that neither a
-- restart nor a second device nor a second offer opens it again.
CREATE TABLE pops (
    user_id     TEXT   NOT NULL,
    call        TEXT   NOT NULL,
    pop         TEXT   NOT NULL,
    rule        TEXT,
    moment      TEXT   NOT NULL,
    popped_at   BIGINT NOT NULL, -- time of the switch's event
    state       TEXT   NOT NULL, -- shown, suppressed, retracted
    reason      TEXT,
    no_window   TEXT,            -- why no page was opened
    url         TEXT,
    opened      BIGINT NOT NULL, -- 1: a desk was told to open the page
    dismissed   BIGINT NOT NULL, -- 1: the human put the card away
    latency_ms  BIGINT,
    PRIMARY KEY (user_id, call)
) STRICT;
CREATE UNIQUE INDEX pops_by_pop ON pops (pop);
CREATE INDEX pops_by_call ON pops (call);
CREATE INDEX pops_by_time ON pops (popped_at, pop);
