-- What a waiting caller pressed, and the number an entry was sent on to; neither for most entries.
ALTER TABLE queue_entries ADD COLUMN pressed TEXT;
ALTER TABLE queue_entries ADD COLUMN sent_to TEXT;

-- What whoever finished an interaction said of it.
ALTER TABLE interactions ADD COLUMN outcome TEXT;
ALTER TABLE interactions ADD COLUMN note TEXT;
CREATE INDEX interactions_by_close ON interactions (closed_at, interaction);
