-- Switches that were defined by API. Like people, they live only here and are not derived from the journal. What is
-- linked now stands in `switches`.
CREATE TABLE switch_definitions (
    switch           TEXT   NOT NULL PRIMARY KEY,
    settings         TEXT   NOT NULL, -- JSON, never a secret
    password         BYTEA  NOT NULL, -- sealed with the key of store.secret_key_file
    password_actions BYTEA  NOT NULL, -- the same; empty when the user that acts is the one that listens
    created_at       BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL  -- its version
) STRICT;
