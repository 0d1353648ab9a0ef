-- Under which number calls of an extension go out, and whether they are recorded.
ALTER TABLE extensions ADD COLUMN caller_id TEXT;
ALTER TABLE extensions ADD COLUMN record BIGINT NOT NULL DEFAULT 0;
