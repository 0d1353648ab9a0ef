-- People, their rights, and the lists they choose from. The store is the only place of these; they are not
-- derived from the journal.

-- Numbers that only grow, for ids and the audit; `seed` is the installation's part of every id.
CREATE TABLE installation (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) STRICT;

-- A removed user keeps its row: history shows names.
CREATE TABLE users (
    user_id       TEXT   NOT NULL PRIMARY KEY,
    login         TEXT   NOT NULL, -- lower case
    name          TEXT   NOT NULL,
    language      TEXT   NOT NULL,
    roles         TEXT   NOT NULL, -- JSON list of role names
    team          TEXT,
    site          TEXT,
    active        BIGINT NOT NULL,
    password_hash TEXT,            -- opaque; none when the user signs in elsewhere
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    removed_at    BIGINT
) STRICT;
-- The login of a removed user may be given again.
CREATE UNIQUE INDEX users_by_login ON users (login) WHERE removed_at IS NULL;

CREATE TABLE roles (
    name    TEXT   NOT NULL PRIMARY KEY,
    rights  TEXT   NOT NULL, -- JSON list
    builtin BIGINT NOT NULL
) STRICT;

-- Only the hash of a token is kept: a copy of this table signs nobody in.
CREATE TABLE sign_in_sessions (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    user_agent TEXT   NOT NULL,
    address    TEXT   NOT NULL
) STRICT;
CREATE INDEX sign_in_sessions_by_user ON sign_in_sessions (user_id);

-- Failed sign-ins per account and per address, in the window that began at first_at.
CREATE TABLE sign_in_failures (
    kind         TEXT   NOT NULL, -- login or address
    subject      TEXT   NOT NULL,
    failures     BIGINT NOT NULL,
    first_at     BIGINT NOT NULL,
    locked_until BIGINT,
    PRIMARY KEY (kind, subject)
) STRICT;

CREATE TABLE api_tokens (
    name         TEXT   NOT NULL PRIMARY KEY, -- never given twice: the audit names it
    token_hash   TEXT   NOT NULL UNIQUE,
    scopes       TEXT   NOT NULL,             -- JSON list of rights
    created_at   BIGINT NOT NULL,
    created_by   TEXT   NOT NULL,             -- actor, JSON
    last_used_at BIGINT,
    revoked_at   BIGINT
) STRICT;

CREATE TABLE dispositions (
    code     TEXT   NOT NULL PRIMARY KEY,
    labels   TEXT   NOT NULL, -- JSON: language to words
    parent   TEXT,
    position BIGINT NOT NULL,
    active   BIGINT NOT NULL
) STRICT;

CREATE TABLE reasons (
    code        TEXT   NOT NULL PRIMARY KEY,
    labels      TEXT   NOT NULL,
    paid        BIGINT NOT NULL,
    productive  BIGINT NOT NULL, -- counts as work on the board
    max_minutes BIGINT,
    by_system   BIGINT NOT NULL, -- set by Tieline or the switch, never chosen
    position    BIGINT NOT NULL,
    active      BIGINT NOT NULL
) STRICT;

-- Who changed what, when. Never changed.
CREATE TABLE audit (
    entry       BIGINT NOT NULL PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    actor       TEXT   NOT NULL, -- JSON
    address     TEXT,
    action      TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    old_value   TEXT,            -- JSON
    new_value   TEXT             -- JSON
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject);
