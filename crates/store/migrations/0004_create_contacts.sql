-- People and companies with their numbers, and what people prefer. Like 0002 the only place of these.

-- `sort` is the name as lists order it, `search` everything a person may type to find it, both folded: lower case,
-- without diacritics.
CREATE TABLE contacts (
    contact     TEXT   NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    kind        TEXT   NOT NULL, -- person or company
    name        TEXT   NOT NULL,
    company     TEXT,
    email       TEXT,
    external_id TEXT,            -- key of the system it came from
    note        TEXT,
    sort        TEXT   NOT NULL,
    search      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX contacts_by_external_id ON contacts (external_id);
CREATE INDEX contacts_by_sort ON contacts (sort, contact);

-- The forms in which a caller's number can be the same: the whole number, the number within its country, its end.
CREATE TABLE contact_numbers (
    contact  TEXT   NOT NULL,
    position BIGINT NOT NULL,
    number   TEXT   NOT NULL, -- JSON
    label    TEXT,
    whole    TEXT   NOT NULL, -- E.164, or the digits as they were written
    national TEXT,
    tail     TEXT,            -- last nine digits
    PRIMARY KEY (contact, position)
) STRICT;
CREATE INDEX contact_numbers_by_whole ON contact_numbers (whole);
CREATE INDEX contact_numbers_by_national ON contact_numbers (national);
CREATE INDEX contact_numbers_by_tail ON contact_numbers (tail);

-- The contact of a call, as it was called then.
ALTER TABLE calls ADD COLUMN contact TEXT;
ALTER TABLE calls ADD COLUMN contact_shown TEXT;
CREATE INDEX calls_by_contact ON calls (contact);

CREATE TABLE preferences (
    user_id    TEXT   NOT NULL PRIMARY KEY,
    body       TEXT   NOT NULL, -- JSON
    changed_at BIGINT NOT NULL
) STRICT;
