-- Contacts as people and other systems need them: fields by definition, addresses of every kind, ids of several systems,
-- notes with versions, merges; and what is exchanged with the system that fills them.

-- What may be kept of a contact beside its name, as administrators define it.
CREATE TABLE contact_fields (
    field    TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL -- JSON
) STRICT;

ALTER TABLE contacts ADD COLUMN status TEXT;
ALTER TABLE contacts ADD COLUMN fields TEXT NOT NULL DEFAULT '{}'; -- JSON, values by field

-- Every address. Of a number the forms in which a caller's number can be the same: see 0004. Of another address
-- `whole` is its text in lower case.
CREATE TABLE contact_addresses (
    contact  TEXT   NOT NULL,
    position BIGINT NOT NULL,
    kind     TEXT   NOT NULL, -- phone, mobile, fax, email, contact_centre, other
    address  TEXT   NOT NULL, -- JSON: a number, or a text
    label    TEXT,
    whole    TEXT   NOT NULL,
    national TEXT,
    tail     TEXT,
    PRIMARY KEY (contact, position)
) STRICT;
INSERT INTO contact_addresses (contact, position, kind, address, label, whole, national, tail)
    SELECT contact, position, 'phone', number, label, whole, national, tail FROM contact_numbers;
-- Behind all numbers.
INSERT INTO contact_addresses (contact, position, kind, address, whole)
    SELECT contact, 1000, 'email', '"' || REPLACE(REPLACE(email, '\', '\\'), '"', '\"') || '"', LOWER(email)
    FROM contacts WHERE email IS NOT NULL;
DROP TABLE contact_numbers;
ALTER TABLE contacts DROP COLUMN email;
CREATE INDEX contact_addresses_by_whole ON contact_addresses (whole);
CREATE INDEX contact_addresses_by_national ON contact_addresses (national);
CREATE INDEX contact_addresses_by_tail ON contact_addresses (tail);

-- Keys of a contact in other systems; `default` is the one that needs no name.
CREATE TABLE contact_external_ids (
    system      TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    contact     TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    PRIMARY KEY (system, external_id)
) STRICT;
INSERT INTO contact_external_ids (system, external_id, contact, position)
    SELECT 'default', external_id, contact, 1 FROM contacts WHERE external_id IS NOT NULL;
DROP INDEX contacts_by_external_id;
ALTER TABLE contacts DROP COLUMN external_id;
CREATE INDEX contact_external_ids_by_contact ON contact_external_ids (contact);

-- Every version of every note; none is ever overwritten.
CREATE TABLE contact_notes (
    note       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    contact    TEXT   NOT NULL,
    actor      TEXT   NOT NULL, -- JSON
    body       TEXT   NOT NULL,
    written_at BIGINT NOT NULL,
    PRIMARY KEY (note, version)
) STRICT;
CREATE INDEX contact_notes_by_contact ON contact_notes (contact);

-- Which contact goes on for one that was a duplicate: calls and pages still name the one that is gone.
CREATE TABLE contact_merges (
    gone      TEXT   NOT NULL PRIMARY KEY,
    kept      TEXT   NOT NULL,
    merged_at BIGINT NOT NULL
) STRICT;
CREATE INDEX contact_merges_by_kept ON contact_merges (kept);

-- Systems that contacts have keys in, with the page of a person there.
CREATE TABLE external_systems (
    system   TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL -- JSON
) STRICT;

-- Columns of files as they were once said to be meant.
CREATE TABLE import_mappings (
    mapping  TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL -- JSON
) STRICT;

-- Parts of batches that were taken whole, with the answer that was given.
CREATE TABLE exchange_parts (
    system   TEXT   NOT NULL,
    batch    TEXT   NOT NULL,
    part     BIGINT NOT NULL,
    digest   TEXT   NOT NULL, -- of the body
    answer   TEXT   NOT NULL, -- JSON
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (system, batch, part)
) STRICT;
CREATE INDEX exchange_parts_by_time ON exchange_parts (taken_at);
