-- Forms by which visitors of a web site order callbacks. The store is the only place of these; `body` is as the web
-- layer wrote it.

CREATE TABLE callback_forms (
    form     TEXT   NOT NULL PRIMARY KEY, -- part of its address
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL
) STRICT;
