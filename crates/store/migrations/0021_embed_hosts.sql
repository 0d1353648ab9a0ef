-- Pages of other systems that may show the desk in a frame of theirs. The store is the only place of these; `body` is as
-- the web layer wrote it.

CREATE TABLE embed_hosts (
    origin   TEXT   NOT NULL PRIMARY KEY, -- as browsers send it
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL
) STRICT;
